// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLegalTexts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"LICENSE.txt": "you may",
		"NOTICE":      "by us\n\n",
		"PATENTS":     "none",
		"license.go":  "package license",
		"README.md":   "read me",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := legalTexts(dir)
	if want := []string{"you may\n", "by us\n", "none\n"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// TestPrintTexts: a small program that is only here has Go's license, and no license of this
// repository.
func TestPrintTexts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module " + root + "/cmd/x\n",
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOWORK", "off")
	var b strings.Builder
	if err := printTexts(&b, dir); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "\nGo\n") || !strings.Contains(got, "Redistribution and use") || strings.Contains(got, root) {
		t.Errorf("got %q, want Go's license alone", got)
	}
}
