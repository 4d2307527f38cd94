// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// readmeCode returns the fenced blocks of the README in a language.
func readmeCode(t *testing.T, language string) []string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var code []string
	for _, part := range strings.Split(string(readme), "```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(part, "```\n")
		if !ok {
			t.Fatal("a block does not end")
		}
		code = append(code, block)
	}
	if len(code) == 0 {
		t.Fatalf("the README has no %s", language)
	}
	return code
}

// TestREADMEUsage: a compiled example has the code.
func TestREADMEUsage(t *testing.T) {
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range readmeCode(t, "go") {
		indented := "\t" + strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n\t") + "\n"
		if !strings.Contains(string(example), indented) {
			t.Errorf("no example has this code of the README:\n%s", block)
		}
	}
	for _, block := range readmeCode(t, "json") {
		if !json.Valid([]byte(block)) {
			t.Errorf("this is not JSON:\n%s", block)
		}
	}
}

// TestREADMESecret runs the commands that make a secret, but for AWS's, and reads it.
func TestREADMESecret(t *testing.T) {
	needs.Command(t, "openssl", "openssl")
	shell := needs.Command(t, "sh", "dash")
	var script []string
	for line := range strings.Lines(strings.Join(readmeCode(t, "sh")[1:], "")) {
		if !strings.HasPrefix(line, "aws ") {
			script = append(script, line)
		}
	}
	command := exec.CommandContext(t.Context(), shell, "-e", "-c", strings.Join(script, ""))
	command.Dir = t.TempDir()
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	text, err := os.ReadFile(filepath.Join(command.Dir, "secret.json"))
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{values: []string{string(text)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	if id, _ := source.Pair(); id != "K2JCJMDEHXQW5F" {
		t.Errorf("the ID is %s", id)
	}
}

// TestREADMEModules runs the commands that list the modules.
func TestREADMEModules(t *testing.T) {
	shell := needs.Command(t, "sh", "dash")
	for _, block := range readmeCode(t, "console") {
		var got strings.Builder
		for line := range strings.Lines(block) {
			script, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			command := exec.CommandContext(t.Context(), shell, "-c", script)
			command.Env = append(os.Environ(), "GOWORK=off", "LC_ALL=C")
			command.Stderr = os.Stderr
			output, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			got.WriteString(line + string(output))
		}
		if diff := cmp.Diff(block, got.String()); diff != "" {
			t.Errorf("README (-want +got):\n%s", diff)
		}
	}
}
