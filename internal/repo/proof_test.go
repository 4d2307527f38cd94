// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notCommands are the words in backquotes in docs/proof.md that are not of this repository.
var notCommands = map[string]bool{
	"-overlay": true, "///host": true, "go-licenses": true, "google/licensecheck": true, "gorelease": true, "gremlins": true,
	"latest": true, "may_differ": true, "v0.0.0": true, "go install": true,
}

var ownVariable = regexp.MustCompile(`^CFSIGN_[A-Z_]+$`)

// TestProofCommands: the tests, variables, flags, scripts, subcommands and folders that docs/proof.md
// names exist.
func TestProofCommands(t *testing.T) {
	inRoot(t)
	commands := 0
	for line := range strings.Lines(read(t, "docs/proof.md")) {
		var folders, ofFolders []string // the variables and flags belong to the folders in their row
		for _, match := range regexp.MustCompile("`([^`]+)`(?:\\]\\(([^)]*)\\))?").FindAllStringSubmatch(line, -1) {
			span, first := match[1], strings.Fields(match[1])[0]
			switch _, err := os.Stat(first); {
			case notCommands[span], strings.Contains(match[2], "/"): // TestLinks checks the link
				folders = append(folders, strings.TrimPrefix(match[2], "../"))
			case first == "go", strings.Contains(span, " go "):
				commands++
				found, variables := checkGoCommand(t, span)
				folders, ofFolders = append(folders, found...), append(ofFolders, variables...)
			case first == "cfsign":
				commands++
				checkSubcommand(t, span)
			case ownVariable.MatchString(span), first[0] == '-':
				ofFolders = append(ofFolders, span)
			case regexp.MustCompile(`^[A-Za-z]+\.[A-Z][A-Za-z]+$`).MatchString(span): // TestNames checks the name
			case err != nil:
				t.Errorf("%s: there is no file, folder, script or command of this name, and notCommands does not have it", span)
			default:
				commands++
				folders = append(folders, first)
			}
		}
		for _, name := range ofFolders {
			if !slices.ContainsFunc(folders, func(folder string) bool { return isRead(t, folder, name) }) {
				t.Errorf("%s: no Go file in %q reads it", name, folders)
			}
		}
	}
	if commands < 50 {
		t.Errorf("%d commands were found", commands)
	}
}

// checkGoCommand checks go test and go run. It returns the folders of the packages, and the variables
// in front of the command that are ours.
func checkGoCommand(t *testing.T, command string) (folders, variables []string) {
	t.Helper()
	before, after, _ := strings.Cut(" "+command, " go ")
	for _, variable := range strings.Fields(before) {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "CFSIGN_") {
			variables = append(variables, name)
		}
	}
	arguments := strings.Fields(after)
	pattern := ""
	for i := 1; i < len(arguments); i++ {
		switch argument := arguments[i]; {
		case argument == "-run":
			i++
			pattern = arguments[i]
		case argument == "-v", argument == "-race", argument == "-shuffle=on", argument == "work", argument == "./...":
		case argument == "." || strings.HasPrefix(argument, "./"):
			folders = append(folders, filepath.Clean(argument))
		default:
			t.Errorf("%s: %s is not known here", command, argument)
		}
	}
	for _, folder := range folders {
		declaration := map[string]string{"test": `(?m)^func (?:Test|Fuzz|Example|Benchmark)\w*`, "run": `(?m)^package main$`}[arguments[0]]
		if declaration == "" || !hasMatch(t, folder, declaration, pattern) {
			t.Errorf("%s: %s has no such test or program", command, folder)
		}
	}
	return folders, variables
}

// hasMatch reports whether the Go files of a folder have a text that matches a declaration and, as with
// go test -run, a pattern within it.
func hasMatch(t *testing.T, folder, declaration, pattern string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, found := range regexp.MustCompile(declaration).FindAllString(read(t, file), -1) {
			if regexp.MustCompile(pattern).MatchString(strings.TrimPrefix(found, "func ")) {
				return true
			}
		}
	}
	return false
}

// checkSubcommand checks a command like cfsign url --hash-algorithm SHA1.
func checkSubcommand(t *testing.T, command string) {
	t.Helper()
	words := strings.Fields(command)
	if !hasMatch(t, "cmd/cfsign", `Use: +"`+regexp.QuoteMeta(words[1])+`[ "]`, "") {
		t.Errorf("%s: there is no such subcommand", command)
	}
	for _, word := range words[2:] {
		if name, ok := strings.CutPrefix(word, "--"); ok && !hasMatch(t, "cmd/cfsign", `"`+regexp.QuoteMeta(name)+`"`, "") {
			t.Errorf("%s: there is no flag %s", command, word)
		}
	}
}

// isRead reports whether Go code below a folder has the name of a variable or a flag as a string.
func isRead(t *testing.T, folder, name string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".go" {
			found = found || strings.Contains(read(t, path), `"`+strings.TrimLeft(name, "-")+`"`)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// TestProofFigures: the figures in docs/proof.md that can be counted are right.
func TestProofFigures(t *testing.T) {
	inRoot(t)
	page := read(t, "docs/proof.md")
	var mutants []any
	if err := json.Unmarshal([]byte(read(t, "proof/mutants/mutants.json")), &mutants); err != nil {
		t.Fatal(err)
	}
	for row, want := range map[string]int{
		"| fuzz targets with properties, 20 seconds each |":                                                    fuzzTargets(t),
		"| behaviors of the command, each a script |":                                                          entries(t, "cmd/cfsign/testdata/script"),
		"| mistakes of users, each with a script that shows how `cfsign explain` names it |":                   entries(t, "cmd/cfsign/testdata/causes"),
		"| places where the library is broken on purpose, all caught: a third for each commit, all at night |": len(mutants),
	} {
		if !strings.Contains(page, fmt.Sprintf("%s %d |", row, want)) {
			t.Errorf("docs/proof.md does not say %d after %q", want, row)
		}
	}
}

func entries(t *testing.T, folder string) int {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// fuzzTargets counts what .ci/fuzz runs.
func fuzzTargets(t *testing.T) int {
	t.Helper()
	count := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, "_test.go") {
			count += len(regexp.MustCompile(`(?m)^func Fuzz`).FindAllString(read(t, path), -1))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}
