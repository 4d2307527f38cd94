// SPDX-License-Identifier: Apache-2.0

package wiring_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWiringIsShort: what joins an authentication and the issuer is short enough to
// read at once. All of wiring.go counts but imports, comments and empty lines.
func TestWiringIsShort(t *testing.T) {
	const most = 45
	for name, code := range wirings(t) {
		lines := 0
		for line := range strings.Lines(code) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
		t.Logf("%s: %d lines", name, lines)
		if lines > most {
			t.Errorf("%s: %d lines, want at most %d", name, lines, most)
		}
	}
}

// wirings returns what follows the imports of every wiring.go, by its folder.
func wirings(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("*/wiring.go")
	if err != nil || len(paths) < 11 {
		t.Fatalf("%d wirings, %v", len(paths), err)
	}
	code := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, text, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		end := file.Decls[len(file.Decls)-1].End()
		code[filepath.Dir(path)] = string(text[files.Position(end).Offset:])
	}
	return code
}
