// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// names are the published files, and the least share of invalid tests in each.
var names = map[string]float64{"urls": 0.7, "documents": 0.7, "matches": 0.55, "sign": 0.6, "verify": 0.8}

// TestLint: the files keep to their schemas, and to what a schema cannot say.
func TestLint(t *testing.T) {
	for name, share := range names {
		t.Run(name, func(t *testing.T) {
			for _, problem := range lint(t, name, read(t, name+".json"), share) {
				t.Error(problem)
			}
		})
	}
	published, err := filepath.Glob("*.json")
	if err != nil || len(published) != len(names) {
		t.Errorf("%d files, want %d (%v)", len(published), len(names), err)
	}
}

// A linted file is any of the files, read without this package's own types.
type lintedFile struct {
	Schema string                     `json:"$schema"`
	Count  counts                     `json:"count"`
	Flags  map[string]json.RawMessage `json:"flags"`
	Causes map[string]json.RawMessage `json:"causes"`
	Tests  []head                     `json:"tests"`
}

// lint returns what is wrong with the contents of a file.
func lint(t testing.TB, name string, data []byte, share float64) []string {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaPath(name))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	if err := schema.Validate(value); err != nil {
		problems = append(problems, err.Error())
	}
	var f lintedFile
	if err := json.Unmarshal(data, &f); err != nil {
		return append(problems, err.Error())
	}
	problems = append(problems, lintText(data)...)
	problems = append(problems, f.lintCounts(share)...)
	problems = append(problems, f.lintNames()...)
	if want := "schemas/" + name + ".schema.json"; f.Schema != want {
		problems = append(problems, fmt.Sprintf("its schema is %q, want %q", f.Schema, want))
	}
	return problems
}

func schemaPath(name string) string {
	return filepath.Join("schemas", name+".schema.json")
}

// foreign finds what has no place in a published file: paths of a machine, and names of
// Go's errors. host finds hosts, which are those that are reserved for examples, or
// CloudFront's.
var (
	foreign = regexp.MustCompile(`/(home|root|Users|tmp|work|var|private)/[a-z]|[A-Z]:\\\\|\bErr[A-Z]`)
	host    = regexp.MustCompile(`https?://([a-z0-9.-]+\.[a-z]+)[/:"*?#]`)
	ours    = regexp.MustCompile(`(^|\.)(example|example\.(com|org)|evilexample\.com|cloudfront\.net|json-schema\.org)$`)
)

func lintText(data []byte) []string {
	var problems []string
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimRight(data, "\n"), "", " "); err != nil || !bytes.Equal(append(indented.Bytes(), '\n'), data) {
		problems = append(problems, "it is not indented by one space, with one line break at its end")
	}
	if i := bytes.IndexFunc(data, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); i >= 0 {
		problems = append(problems, fmt.Sprintf("byte %d is not printable ASCII", i))
	}
	if found := foreign.Find(data); found != nil {
		problems = append(problems, fmt.Sprintf("it has a path of a machine or a name of Go: %q", found))
	}
	for _, found := range host.FindAllSubmatch(data, -1) {
		if !ours.Match(found[1]) {
			problems = append(problems, fmt.Sprintf("%q is a host that may be somebody's", found[1]))
		}
	}
	return problems
}

func (f lintedFile) lintCounts(share float64) []string {
	var problems []string
	var got counts
	for _, test := range f.Tests {
		got.Tests++
		if test.Result == valid {
			got.Valid++
		} else {
			got.Invalid++
		}
	}
	if got != f.Count {
		problems = append(problems, fmt.Sprintf("it has %+v, and says %+v", got, f.Count))
	}
	if float64(got.Invalid) < share*float64(got.Tests) {
		problems = append(problems, fmt.Sprintf("%d of %d tests are invalid, which is less than %.2f", got.Invalid, got.Tests, share))
	}
	return problems
}

// lintNames: every ID is unique, and the flags and causes that are used are those that
// are explained.
func (f lintedFile) lintNames() []string {
	var problems []string
	ids, flags, causes := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, test := range f.Tests {
		if ids[test.ID] {
			problems = append(problems, fmt.Sprintf("the id %q appears twice", test.ID))
		}
		ids[test.ID] = true
		if !slices.IsSorted(test.Flags) {
			problems = append(problems, fmt.Sprintf("%s: its flags are not in order", test.ID))
		}
		for _, name := range test.Flags {
			flags[name] = true
		}
		if test.Cause != "" {
			causes[test.Cause] = true
		}
	}
	problems = append(problems, lintExplained("flag", flags, f.Flags)...)
	return append(problems, lintExplained("cause", causes, f.Causes)...)
}

func lintExplained(kind string, used map[string]bool, explained map[string]json.RawMessage) []string {
	var problems []string
	for name := range maps.Keys(used) {
		if _, ok := explained[name]; !ok {
			problems = append(problems, fmt.Sprintf("the %s %s is not explained", kind, name))
		}
	}
	for name := range explained {
		if !used[name] {
			problems = append(problems, fmt.Sprintf("no test has the %s %s", kind, name))
		}
	}
	return problems
}
