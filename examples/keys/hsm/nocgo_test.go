// SPDX-License-Identifier: Apache-2.0

//go:build !cgo

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"testing"
)

// TestNoCgo runs the program, which says what to do, in one line.
func TestNoCgo(t *testing.T) {
	if os.Getenv("CFSIGN_HSM_MAIN") == "yes" {
		main()
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, "-test.run=^TestNoCgo$")
	command.Env = append(os.Environ(), "CFSIGN_HSM_MAIN=yes")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	failure := &exec.ExitError{}
	if err := command.Run(); !errors.As(err, &failure) || failure.ExitCode() != 1 || stderr.String() != needsCgo+"\n" {
		t.Errorf("%v, %q", err, stderr.String())
	}
}
