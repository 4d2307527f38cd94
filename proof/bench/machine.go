// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// A machine is where the figures come from.
type machine struct {
	cpu   string
	cores int // that the process may use
	os    string
	goVer string
}

func thisMachine() machine {
	m := machine{cpu: runtime.GOARCH, cores: runtime.GOMAXPROCS(0), os: runtime.GOOS, goVer: strings.TrimPrefix(runtime.Version(), "go")}
	// Linux says more. Elsewhere the names of the architecture and the system do.
	if name := valueIn("/proc/cpuinfo", "model name", ":"); name != "" {
		m.cpu = name
	}
	if name := valueIn("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		m.os = name
	}
	return m
}

// valueIn returns the first value with the name in a file, or nothing.
func valueIn(path, name, separator string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for scanner := bufio.NewScanner(bytes.NewReader(data)); scanner.Scan(); {
		key, value, ok := strings.Cut(scanner.Text(), separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.Trim(value, " \t\"")
		}
	}
	return ""
}

// moduleVersion returns the version of a module in this program.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range info.Deps {
		if module.Path == path {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}
