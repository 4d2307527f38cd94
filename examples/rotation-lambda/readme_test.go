// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestREADMEPolicy: the role may do what the function does, and nothing else.
func TestREADMEPolicy(t *testing.T) {
	var policy struct {
		Statement []struct{ Action []string }
	}
	if err := json.Unmarshal([]byte(strings.Join(markdown.Code(t, "README.md", "json"), "")), &policy); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, statement := range policy.Statement {
		got = append(got, statement.Action...)
	}
	want := append(operations[awssecrets.StoreAPI]("secretsmanager:"), operations[keygroup.API]("cloudfront:")...)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}

// operations returns the permissions for the methods of an interface.
func operations[T any](prefix string) (actions []string) {
	for method := range reflect.TypeFor[T]().Methods() {
		actions = append(actions, prefix+method.Name)
	}
	return actions
}

// TestREADMEVariables: the page has all variables, and the command sets those that must be set.
func TestREADMEVariables(t *testing.T) {
	code, err := os.ReadFile("settings.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`getenv(?:, |\()"([A-Z_]+)"`).FindAllStringSubmatch(string(code), -1)
	if len(read) != 5 {
		t.Fatalf("settings.go reads %d variables", len(read))
	}
	for _, name := range read {
		if !strings.Contains(string(page), "| `"+name[1]+"` |") {
			t.Errorf("the page does not have %s", name[1])
		}
	}
	commands := strings.Join(markdown.Code(t, "README.md", "sh"), "")
	_, text, _ := strings.Cut(commands, "--environment '")
	text, _, _ = strings.Cut(text, "'")
	var environment struct{ Variables map[string]string }
	if err := json.Unmarshal([]byte(text), &environment); err != nil {
		t.Fatal(err)
	}
	if _, err := parseSettings(func(name string) string { return environment.Variables[name] }); err != nil {
		t.Error(err)
	}
}
