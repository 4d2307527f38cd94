// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestConstants: the wrong call does not compile.
func TestConstants(t *testing.T) {
	tests := []struct {
		argument string
		compiles bool
		reason   string
	}{
		{`"https://cdn.example.com/*"`, true, "a literal"},
		{`base + "/*"`, true, "constants put together"},
		{`base + id + "/*"`, false, "an ID that is an asterisk grants every folder"},
		{`id`, false, "a variable"},
		{`string(base)`, false, "a string that is not a constant any more for the compiler"},
		{`fmt.Sprintf("%s/*", base)`, false, "the result of a call"},
		{`policy.constant(id)`, false, "the type is not exported"},
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", exportsOf(t, "fmt", "github.com/cfsign/cfsign/policy"))
	for function, results := range map[string]string{"Pattern": "_, _", "PatternAnyHost": "_, _", "MustPattern": "_", "MustDirectory": "_"} {
		for _, tt := range tests {
			source := `package p
import ("fmt"; "github.com/cfsign/cfsign/policy")
const base = "https://cdn.example.com/users/"
var _ = fmt.Sprint
func f(id string) { ` + results + ` = policy.` + function + `(` + tt.argument + `) }`
			file, err := parser.ParseFile(fset, "p.go", source, 0)
			if err != nil {
				t.Fatal(err)
			}
			config := types.Config{Importer: imports}
			_, err = config.Check("p", fset, []*ast.File{file}, nil)
			if (err == nil) != tt.compiles || err != nil && !strings.Contains(err.Error(), "constant") {
				t.Errorf("%s(%s): %v, but %s", function, tt.argument, err, tt.reason)
			}
		}
	}
}

// exportsOf returns what the compiler needs to know of packages and of what they import.
func exportsOf(t *testing.T, packages ...string) importer.Lookup {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}, packages...)...)
	list.Stderr = os.Stderr
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(output)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}
