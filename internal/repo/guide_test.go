// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// TestGuide runs the commands of the guide that need no AWS, except the last one. It does not
// end, and examples/cognito tests it.
func TestGuide(t *testing.T) {
	inRoot(t)
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

// TestLinks: links to files of the repository lead to a file and a heading.
func TestLinks(t *testing.T) {
	inRoot(t)
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	found := 0
	for _, path := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(read(t, path), -1) {
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
	if found < 20 {
		t.Errorf("%d links were found", found)
	}
}

// TestIndex: docs/README.md links every page in docs, by its title.
func TestIndex(t *testing.T) {
	inRoot(t)
	index := read(t, "docs/README.md")
	pages, err := filepath.Glob("docs/*.md")
	if err != nil || len(pages) < 15 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		name := filepath.Base(page)
		if name == "README.md" {
			continue
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(read(t, page), "# "), "\n")
		if link := "- [" + title + "](" + name + ")"; !strings.Contains(index, link) {
			t.Errorf("docs/README.md has no line that begins with %s", link)
		}
	}
}

// documents returns the pages of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"node_modules", "testdata", ".git"}, entry.Name()):
			return filepath.SkipDir
		case filepath.Ext(path) == ".md":
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
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

// anchorOf returns the anchor that GitHub makes of a heading.
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
