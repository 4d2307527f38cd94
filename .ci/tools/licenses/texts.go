// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// legalFile matches the names of files that must go with a program: the license, and the
// notices that Apache-2.0 asks for.
var legalFile = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying|notice|patents)([-.].*)?$`)

// printTexts prints the licenses and notices of everything that is in a command: its modules
// on any system, and Go's own library.
func printTexts(w io.Writer, command string) error {
	folders, err := linked(command)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "This program contains Go and the modules below, under these licenses.\n")
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		texts, err := legalTexts(folders[name])
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			return fmt.Errorf("%s has no license file in %s", name, folders[name])
		}
		fmt.Fprintf(w, "\n%s\n%s\n\n%s", strings.Repeat("=", 80), name, strings.Join(texts, "\n"))
	}
	return nil
}

// linked returns the folders of the modules in a command, and of Go.
func linked(command string) (map[string]string, error) {
	folders := map[string]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}", ".")
		list.Dir = command
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		list.Stderr = os.Stderr
		output, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list in %s: %w", command, err)
		}
		for line := range strings.Lines(string(output)) {
			name, folder, found := strings.Cut(strings.TrimSpace(line), "\t")
			if path, _, _ := strings.Cut(name, " "); found && path != root && !strings.HasPrefix(path, root+"/") {
				folders[name] = folder
			}
		}
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	folders["Go"] = strings.TrimSpace(string(goroot))
	return folders, nil
}

// legalTexts returns the files that must go with a program.
func legalTexts(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), ".go") || !legalFile.MatchString(entry.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(bytes.TrimSpace(data))+"\n")
	}
	return texts, nil
}
