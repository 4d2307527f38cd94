// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/markdown"
)

// documented are the packages with an API.
var documented = []string{"policy", "policy/awspolicy", "keys", "keys/encrypted", "keys/keystest", "keys/aws/awskms", "keys/aws/awssecrets", "keys/aws/awstest", "keys/libcrypto", "sign", "sign/storetest", "sign/dynamostore", "sign/valkeystore", "session", "playlist", "verify", "edge", "edge/accesslog", "edge/fromconfig", "edge/edgetest"}

// TestPackages: the README names the packages that CI installs for the tests.
func TestPackages(t *testing.T) {
	inRoot(t)
	// These are for CI alone: scripts, 32 bits, the race detector and its tools. npm and a JDK bring the others.
	others := []string{"shellcheck", "qemu-user-static", "libc6-dev", "bsdutils", "pipx", "default-jre-headless"}
	_, listed, _ := strings.Cut(read(t, "README.md"), "\n    sudo apt install ")
	listed, _, _ = strings.Cut(listed, "\n")
	var want []string
	for _, match := range regexp.MustCompile(`\bneed [a-z/][^ ]* ([a-z0-9-]+)`).FindAllStringSubmatch(read(t, ".ci/run"), -1) {
		if !slices.Contains(others, match[1]) {
			want = append(want, match[1])
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), slices.Sorted(slices.Values(strings.Fields(listed)))); diff != "" || len(want) < 20 {
		t.Errorf("the packages (-.ci/run +README):\n%s", diff)
	}
}

// TestDocs: every exported name is documented. Every function, and every method that can fail,
// has an example with checked output.
func TestDocs(t *testing.T) {
	inRoot(t)
	for _, folder := range documented {
		t.Run(folder, func(t *testing.T) {
			p := docOf(t, folder)
			checkPackageCode(t, p, folder)
			checkExamples(t, p)
			checkFunctions(t, "", p.Funcs)
			checkValues(t, p.Consts)
			checkValues(t, p.Vars)
			for _, typ := range p.Types {
				checkType(t, typ)
			}
		})
	}
}

// checkPackageCode: the package comment begins with code. All of its code is code of examples,
// so it compiles.
func checkPackageCode(t *testing.T, p *doc.Package, folder string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, path := range paths {
		tests.WriteString(read(t, path))
	}
	blocks := 0
	for _, block := range p.Parser().Parse(p.Doc).Content {
		code, ok := block.(*comment.Code)
		if !ok || !isGo(code.Text) {
			continue
		}
		blocks++
		indented := strings.ReplaceAll("\t"+strings.ReplaceAll(code.Text, "\n", "\n\t"), "\n\t\n", "\n\n")
		if !strings.Contains(tests.String(), strings.TrimSuffix(indented, "\t")) && !strings.Contains(tests.String(), "\n"+code.Text) {
			t.Errorf("no example has this code of the package comment:\n%s", code.Text)
		}
	}
	if blocks == 0 {
		t.Error("the package comment has no code")
	}
}

// isGo reports whether the text is Go: statements, or declarations.
func isGo(text string) bool {
	for _, program := range []string{"package p\nfunc f() {\n" + text + "}", "package p\n" + text} {
		if _, err := parser.ParseFile(token.NewFileSet(), "p.go", program, 0); err == nil {
			return true
		}
	}
	return false
}

func docOf(t *testing.T, folder string) *doc.Package {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(fset, files, module+"/"+folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func checkType(t *testing.T, typ *doc.Type) {
	t.Helper()
	if typ.Doc == "" {
		t.Errorf("type %s has no comment", typ.Name)
	}
	checkFields(t, typ)
	checkValues(t, typ.Consts)
	checkValues(t, typ.Vars)
	checkFunctions(t, "", typ.Funcs)
	checkFunctions(t, typ.Name, typ.Methods)
}

func checkFields(t *testing.T, typ *doc.Type) {
	t.Helper()
	for _, spec := range typ.Decl.Specs {
		structure, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				if name.IsExported() && field.Doc.Text() == "" {
					t.Errorf("field %s.%s has no comment", typ.Name, name)
				}
			}
		}
	}
}

func checkValues(t *testing.T, values []*doc.Value) {
	t.Helper()
	for _, value := range values {
		for _, spec := range value.Decl.Specs {
			spec := spec.(*ast.ValueSpec)
			if value.Doc == "" || len(value.Decl.Specs) > 1 && spec.Doc.Text() == "" {
				t.Errorf("%s has no comment", spec.Names[0])
			}
		}
	}
}

func checkFunctions(t *testing.T, receiver string, functions []*doc.Func) {
	t.Helper()
	for _, f := range functions {
		conventional := f.Name == "Error" || f.Name == "Unwrap"
		if f.Doc == "" && !conventional {
			t.Errorf("%s %s has no comment", receiver, f.Name)
		}
		name := strings.TrimPrefix(receiver+"_"+f.Name, "_")
		called := conventional || f.Name == "MarshalText" || f.Name == "GobEncode" // by the standard library
		if (receiver == "" || canFail(f) && !called) && len(f.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
	}
}

// canFail reports whether the last result of f is an error.
func canFail(f *doc.Func) bool {
	results := f.Decl.Type.Results
	if results == nil {
		return false
	}
	last, ok := results.List[len(results.List)-1].Type.(*ast.Ident)
	return ok && last.Name == "error"
}

func checkExamples(t *testing.T, p *doc.Package) {
	t.Helper()
	examples := slices.Clone(p.Examples)
	for _, f := range p.Funcs {
		examples = append(examples, f.Examples...)
	}
	for _, typ := range p.Types {
		examples = append(examples, typ.Examples...)
		for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
			examples = append(examples, f.Examples...)
		}
	}
	for _, example := range examples {
		if example.Output == "" && !example.EmptyOutput {
			t.Errorf("Example%s has no output, so it is not run", example.Name)
		}
	}
}

// TestREADMECode: the code in the README is code of a compiled example, and CI runs its
// commands.
func TestREADMECode(t *testing.T) {
	inRoot(t)
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range markdown.Code(t, "README.md", "go") {
		wanted := markdown.Indented(code)
		if strings.HasPrefix(code, "package ") {
			checkBuilds(t, code)
			_, wanted, _ = strings.Cut(code, "\n)\n\n") // after the imports
		}
		if !strings.Contains(string(example), wanted) {
			t.Errorf("no example in example_test.go has this code of the README:\n%s", code)
		}
	}
	ci, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"go run ./examples/quickstart", "go test work"} {
		if !strings.Contains(string(readme), command) || !strings.Contains(string(ci), command) {
			t.Errorf("%q is not in both the README and .ci/run", command)
		}
	}
	const longest = 150
	if lines := strings.Count(string(readme), "\n"); lines > longest {
		t.Errorf("the README has %d lines, and %d are enough", lines, longest)
	}
}

// checkBuilds builds a file of the README without changes.
func checkBuilds(t *testing.T, code string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "readme.go")
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "go", "build", file).CombinedOutput(); err != nil {
		t.Errorf("code of the README does not build: %v\n%s\n%s", err, output, code)
	}
}
