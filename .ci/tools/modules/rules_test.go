// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inStep is a repository without a mistake.
var inStep = map[string]string{
	"CHANGELOG.md":           "# Changes\n\n## v0.2.0 (unreleased)\n\n## v0.1.0 (2026-01-01)\n",
	"go.work":                "go 1.26.0\n\nuse (\n\t.\n\t./keys/nested\n\t./cmd/cfsign\n\t./examples/one\n)\n",
	".github/dependabot.yml": "updates:\n  - package-ecosystem: gomod\n    directories: [/, /keys/*, /cmd/*, /examples/*]\n  - package-ecosystem: npm\n    directory: /examples/one\n",
	"go.mod":                 "module github.com/cfsign/cfsign\ngo 1.26.0\nrequire example.com/a v1.1.0\n",
	"keys/nested/go.mod":     "module github.com/cfsign/cfsign/keys/nested\ngo 1.26.0\nrequire github.com/cfsign/cfsign v0.2.0\nrequire example.com/a v1.1.0 // indirect\nreplace github.com/cfsign/cfsign => ../..\n",
	"cmd/cfsign/go.mod":      "module github.com/cfsign/cfsign/cmd/cfsign\ngo 1.26.0\nrequire github.com/cfsign/cfsign v0.2.0\n",
	"examples/one/go.mod":    "module github.com/cfsign/cfsign/examples/one\ngo 1.26.0\nrequire github.com/cfsign/cfsign v0.2.0\nrequire example.com/a v1.1.0\nreplace github.com/cfsign/cfsign => ../..\n",

	"examples/one/package-lock.json":                "{}",
	"examples/one/node_modules/x/package-lock.json": "{}",
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		why            string
		file, old, new string
		want           []string // one in each problem
	}{
		{why: "nothing is wrong"},
		{"importers would ask for a version that does not exist", "keys/nested/go.mod", "cfsign v0.2.0", "cfsign v0.0.0", []string{"v0.2.0 is next"}},
		{"importers would get an older library than was tested", "keys/nested/go.mod", "cfsign v0.2.0", "cfsign v0.1.0", []string{"v0.2.0 is next"}},
		{"people copy examples", "examples/one/go.mod", "cfsign v0.2.0", "cfsign v0.1.0", []string{"v0.2.0 is next"}},
		{"go install refuses it", "cmd/cfsign/go.mod", "v0.2.0\n", "v0.2.0\nreplace github.com/cfsign/cfsign => ../..\n", []string{"go install"}},
		{"a fork, which importers would not get", "go.mod", "v1.1.0\n", "v1.1.0\nreplace example.com/a => example.com/fork v1.0.0\n", []string{"replaces example.com/a"}},
		{"the wrong folder", "keys/nested/go.mod", "=> ../..", "=> ../../keys", []string{"replaces github.com/cfsign/cfsign"}},
		{"an exclusion, which importers would not have", "go.mod", "v1.1.0\n", "v1.1.0\nexclude example.com/a v1.0.0\n", []string{"excludes"}},
		{"another version of Go", "keys/nested/go.mod", "go 1.26.0", "go 1.27.0", []string{"write go 1.26.0"}},
		{"a toolchain", "go.mod", "go 1.26.0", "go 1.26.0\ntoolchain go1.26.8", []string{"toolchain"}},
		{"another path", "keys/nested/go.mod", "module github.com/cfsign/cfsign/keys/nested", "module github.com/cfsign/cfsign/nested", []string{"write github.com/cfsign/cfsign/keys/nested"}},
		{"a published module was tested with a higher version", "examples/one/go.mod", "a v1.1.0", "a v1.2.0", []string{"go get example.com/a@v1.2.0", "go get example.com/a@v1.2.0"}},
		{"versions are not compared as strings", "examples/one/go.mod", "a v1.1.0", "a v1.10.0", []string{"go get example.com/a@v1.10.0", "go get example.com/a@v1.10.0"}},
		{"an example has a lower version", "examples/one/go.mod", "a v1.1.0", "a v1.0.0", []string{"go get example.com/a@v1.1.0"}},
		{"what an example needs indirectly may be lower", "examples/one/go.mod", "a v1.1.0", "a v1.0.0 // indirect", nil},
		{"go test work would not test it", "go.work", "\t./keys/nested\n", "", []string{"go.work"}},
		{"Dependabot would not update it", ".github/dependabot.yml", "/keys/*, ", "", []string{`add "/keys/nested" for gomod`}},
		{"Dependabot would not update the npm packages", ".github/dependabot.yml", "/examples/one", "/examples", []string{`add "/examples/one" for npm`}},
	} {
		t.Run(test.why, func(t *testing.T) {
			r, err := read(write(t, test.file, test.old, test.new))
			if err != nil {
				t.Fatal(err)
			}
			got := r.check()
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i, want := range test.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("got %q, want %q in it", got[i], want)
				}
			}
		})
	}
}

func TestChangeLogNeedsAVersion(t *testing.T) {
	for _, heading := range []string{"## Unreleased", "## v0.2.0", "## 0.2.0 (unreleased)", "# v0.2.0 (unreleased)", "## v0.2.0 (soon)"} {
		dir := write(t, "CHANGELOG.md", inStep["CHANGELOG.md"], heading+"\n")
		if _, err := read(dir); err == nil || !strings.Contains(err.Error(), "v0.1.0 (unreleased)") {
			t.Errorf("%q: got %v, want an error that says what to write", heading, err)
		}
	}
}

func TestRequireNext(t *testing.T) {
	dir := write(t, "cmd/cfsign/go.mod", "v0.2.0", "v0.1.0")
	sums := filepath.Join(dir, "cmd", "cfsign", "go.sum")
	const others = "example.com/a v1.1.0 h1:x\n"
	if err := os.WriteFile(sums, []byte("github.com/cfsign/cfsign v0.1.0 h1:y\n"+others), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.requireNext(); err != nil {
		t.Fatal(err)
	}
	if r, err = read(dir); err != nil || len(r.check()) > 0 {
		t.Errorf("got %q, %v, want all in step", r.check(), err)
	}
	if got, err := os.ReadFile(sums); err != nil || string(got) != others {
		t.Errorf("got the sums %q, %v, want only the sums of others", got, err)
	}
}

// write returns a folder with inStep after one replacement.
func write(t *testing.T, file, old, replacement string) string {
	t.Helper()
	files := maps.Clone(inStep)
	if file != "" {
		if !strings.Contains(files[file], old) {
			t.Fatalf("%s has no %q", file, old)
		}
		files[file] = strings.Replace(files[file], old, replacement, 1)
	}
	dir := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
