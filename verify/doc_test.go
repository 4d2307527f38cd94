// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDecidingFiles: a reviewer of the decisions needs to read only the files that doc.go
// names, because they use nothing that the explaining files declare.
func TestDecidingFiles(t *testing.T) {
	deciding := []string{"verifier.go", "request.go", "credential.go", "checks.go", "errors.go"}
	if list := "verifier.go, request.go, credential.go, checks.go and errors.go"; !strings.Contains(read(t, "doc.go"), list) {
		t.Errorf("doc.go does not name %s", list)
	}
	fset := token.NewFileSet()
	for id, object := range uses(t, fset) {
		user, declared := fset.Position(id.Pos()), fset.Position(object.Pos())
		if slices.Contains(deciding, user.Filename) && !slices.Contains(append(deciding, "format.go", ""), declared.Filename) {
			t.Errorf("%v uses %s of %s", user, id.Name, declared.Filename)
		}
	}
}

// uses returns what the identifiers in the files of this package stand for. It does not
// know what other packages declare.
func uses(t *testing.T, fset *token.FileSet) map[*ast.Ident]types.Object {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	config.Check("verify", fset, files, &info) // an error is about other packages
	if len(info.Uses) == 0 {
		t.Fatal("nothing is used")
	}
	return info.Uses
}

type noImports struct{}

func (noImports) Import(importPath string) (*types.Package, error) {
	p := types.NewPackage(importPath, path.Base(importPath))
	p.MarkComplete()
	return p, nil
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
