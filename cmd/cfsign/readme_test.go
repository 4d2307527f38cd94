// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"mvdan.cc/sh/v3/shell"

	"github.com/cfsign/cfsign/internal/test/markdown"
)

// TestExamples checks that every command line in the README, in docs/rotate.md and in the help has
// valid flags and arguments. Scripts test what they do.
func TestExamples(t *testing.T) {
	texts := map[string]string{}
	for i, code := range markdown.Code(t, "README.md", "sh") {
		texts["README "+string(rune('a'+i))] = code
	}
	for i, code := range markdown.Code(t, "../../docs/rotate.md", "sh") {
		texts["docs/rotate.md "+string(rune('a'+i))] = code
	}
	for _, cmd := range append(newRoot().Commands(), newRoot()) {
		texts[cmd.CommandPath()] = cmd.Example
		if cmd.Example == "" && cmd.Name() != "completion" && cmd.Name() != "help" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	}
	lines := 0
	for name, text := range texts {
		for _, line := range commandLines(text) {
			lines++
			checkLine(t, name, line)
		}
	}
	if lines < 20 {
		t.Errorf("%d command lines: are the examples found?", lines)
	}
}

// commandLines returns the cfsign commands in a text, without redirections.
func commandLines(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		for part := range strings.SplitSeq(line, " | ") {
			part = strings.TrimSpace(part)
			if strings.HasPrefix(part, "cfsign ") {
				part, _, _ = strings.Cut(part, " <")
				part, _, _ = strings.Cut(part, " >")
				lines = append(lines, strings.TrimSuffix(part, " |"))
			}
		}
	}
	return lines
}

// checkLine parses a command line, but does not run the command.
func checkLine(t *testing.T, where, line string) {
	t.Helper()
	args, err := shell.Fields(line, nil)
	if err != nil {
		t.Errorf("%s: %s: %v", where, line, err)
		return
	}
	root := newRoot()
	for _, cmd := range root.Commands() {
		cmd.RunE = func(*cobra.Command, []string) error { return nil }
	}
	root.SetArgs(args[1:])
	root.SetOut(io.Discard)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Errorf("%s: %s: %v", where, line, err)
	}
}
