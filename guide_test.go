// SPDX-License-Identifier: Apache-2.0

package cfsign_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/needs"
)

// TestGuide runs the commands that the guide has for this machine, but for the last one,
// which does not end, and which examples/cognito tests.
func TestGuide(t *testing.T) {
	needs.Command(t, "openssl", "openssl")
	shell := needs.Command(t, "sh", "dash")
	guide := read(t, "docs/guide.md")
	local, _, ok := strings.Cut(guide, "## On AWS")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(local, -1)
	if !ok || len(blocks) != 3 || blocks[2][1] != "go run ./examples/cognito\n" {
		t.Fatalf("the guide has %d blocks of commands, and not the three that are known here", len(blocks))
	}
	keys := t.TempDir()
	for _, block := range blocks[:2] {
		script := regexp.MustCompile(`\b(private|public)_key\.pem`).ReplaceAllString(block[1], keys+"/$0")
		output, err := exec.CommandContext(t.Context(), shell, "-ec", script).CombinedOutput()
		if err != nil {
			t.Fatalf("%s%v\n%s", script, err, output)
		}
		if strings.Contains(script, "quickstart") && !bytes.Contains(output, []byte("403")) {
			t.Errorf("the quickstart shows no refusal:\n%s", output)
		}
	}
}

// TestLinks: links to files of the repository lead somewhere.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	found := 0
	for _, pattern := range []string{"*.md", "docs/*.md", "bench/*.md", "cmd/*/*.md", "vectors/*.md", "keys/*/*.md", "examples/*/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text := read(t, path)
			for _, match := range link.FindAllStringSubmatch(text, -1) {
				target, anchor, _ := strings.Cut(match[1], "#")
				if strings.Contains(target, "://") {
					continue
				}
				found++
				file := path
				if target != "" {
					file = filepath.Join(filepath.Dir(path), target)
				}
				checkLink(t, path, file, anchor)
			}
		}
	}
	if found < 20 {
		t.Errorf("%d links were found", found)
	}
}

// checkLink looks for a file or folder, and for the heading that an anchor names.
func checkLink(t *testing.T, from, file, anchor string) {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Errorf("%s: %v", from, err)
		return
	}
	if anchor == "" {
		return
	}
	if info.IsDir() {
		file = filepath.Join(file, "README.md")
	}
	for line := range strings.Lines(read(t, file)) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && line[0] == '#' && anchorOf(heading) == anchor {
			return
		}
	}
	t.Errorf("%s: there is no heading for #%s in %s", from, anchor, file)
}

// anchorOf returns what GitHub calls a heading.
func anchorOf(heading string) string {
	plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
	return strings.ReplaceAll(plain, " ", "-")
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
