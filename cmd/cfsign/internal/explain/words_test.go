// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
)

// commandWords match what only users of the command understand.
var commandWords = regexp.MustCompile(`--(?:public-key|cookie-jar|cookie|ip-address|at|response|config|json)\b|\bcfsign [a-z]`)

// TestWordsOfThePage: no text that an explanation can have names the command on the page.
func TestWordsOfThePage(t *testing.T) {
	changed := 0
	for _, folder := range []string{".", "../capture", "../response", "../addressrange", "../timeflag", "../../../../verify", "../../../../keys"} {
		for _, text := range literals(t, folder) {
			if said := explain.Fields.Say(text); commandWords.MatchString(said) {
				t.Errorf("%s: the page says %q", folder, said)
			} else if said != text {
				changed++
			}
			if explain.Flags.Say(text) != text {
				t.Errorf("%s: the command says something else than %q", folder, text)
			}
		}
	}
	if changed < 8 {
		t.Errorf("the page has other words for only %d texts", changed)
	}
}

// literals returns the strings in the Go files of a folder, except for the table of words itself.
func literals(t *testing.T, folder string) (texts []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "words.go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				texts = append(texts, text)
			}
			return true
		})
	}
	if len(texts) == 0 {
		t.Fatalf("%s has no texts", folder)
	}
	return texts
}
