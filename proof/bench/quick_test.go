// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/fips140"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQuick runs the command from end to end, with all contestants.
func TestQuick(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("contestants sign SHA-1, which GODEBUG=fips140=only rules out")
	}
	needContestants(t)
	folder := t.TempDir()
	if err := run(t.Context(), []string{"-quick", "-time", "1ms", "-out", folder}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile(filepath.Join(folder, "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range append([]string{"node", "botocore", "openssl"}, titles()...) {
		if !strings.Contains(string(report), want) {
			t.Errorf("%q is not in the report", want)
		}
	}
	if strings.Contains(string(report), "not measured") {
		t.Errorf("something was not measured:\n%s", report)
	}
	if _, err := os.Stat(filepath.Join(folder, "results.svg")); err != nil {
		t.Error(err)
	}
}

func titles() []string {
	var all []string
	for _, work := range rows {
		all = append(all, work.title())
	}
	return all
}

// needContestants skips the test, or fails it where CI=true, with a line that says what
// to install.
func needContestants(t *testing.T) {
	t.Helper()
	w, err := newWorkload()
	if err != nil {
		t.Fatal(err)
	}
	js, jsErr := startJS(t.Context(), ".", strict(), w)
	if jsErr == nil {
		js.stop()
	}
	python, pythonErr := startPython(t.Context(), ".", w)
	if pythonErr == nil {
		python.stop()
	}
	_, opensslErr := findOpenSSL()
	for _, err := range []error{jsErr, pythonErr, opensslErr} {
		if err == nil {
			continue
		}
		if _, ok := errors.AsType[*missingError](err); ok && !strict() {
			t.Skip(err)
		}
		t.Fatal(err)
	}
}

// TestMissing: without the others we are measured alone, and the report says what to
// install; where CI=true it is an error.
func TestMissing(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("contestants sign SHA-1, which GODEBUG=fips140=only rules out")
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CI", "")
	var report strings.Builder
	args := []string{"-quick", "-time", "1ms", "-rounds", "1", "-only", "p256/key/"}
	if err := run(t.Context(), args, &report, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"not measured: install node ", "not measured: install python3 ", "not measured: install openssl ", installNode, installPython, installOpenSSL} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("%q is not in the report:\n%s", want, &report)
		}
	}
	t.Setenv("CI", "true")
	err := run(t.Context(), args, io.Discard, io.Discard)
	if missing, ok := errors.AsType[*missingError](err); !ok || missing.what != "node" {
		t.Errorf("with CI=true: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	for _, args := range [][]string{{"-only", "("}, {"-rounds", "0"}, {"-time", "-1s"}, {"x"}, {"-x"}} {
		if err := run(context.Background(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}
