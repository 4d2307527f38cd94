// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A mutant is a change to one file that breaks something.
type mutant struct {
	File   string `json:"file"`   // from the root of the repository
	Old    string `json:"old"`    // appears in the file exactly once
	New    string `json:"new"`    // replaces Old
	Breaks string `json:"breaks"` // what is wrong with New
	Tests  string `json:"tests"`  // the packages whose tests must fail
	// First is a test that fails. It is tried alone first, which is faster than all tests. If
	// it no longer fails, all tests are tried.
	First string `json:"first,omitempty"`
}

// writeMutants writes the list as readMutants reads it.
func writeMutants(path string, mutants []mutant) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(mutants); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

func readMutants(path string) ([]mutant, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var mutants []mutant
	if err := json.Unmarshal(data, &mutants); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	const fewest = 25
	if len(mutants) < fewest {
		return nil, fmt.Errorf("%s has %d mutants, want at least %d", path, len(mutants), fewest)
	}
	return mutants, nil
}

var (
	errSurvived = errors.New("SURVIVED: no test fails")
	errBuild    = errors.New("DOES NOT COMPILE")
	errPlace    = errors.New("NOT THERE: its place in the file is gone, or not the only one")
)

// test returns the name of a test of the library that fails with the mutant in it.
func (m mutant) test(ctx context.Context, root string) (failed string, err error) {
	folder, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	overlay, err := m.write(root, folder)
	if err != nil {
		return "", err
	}
	if m.First != "" {
		failed, err = m.run(ctx, root, overlay, "-run=^"+m.First+"$")
	}
	if m.First == "" || errors.Is(err, errSurvived) {
		failed, err = m.run(ctx, root, overlay)
	}
	return failed, err
}

// failure is a test that fails, or a goroutine that panics, which ends the tests without a name.
var failure = regexp.MustCompile(`(?m)^(?:--- FAIL: (\w+)|panic: )`)

// run runs the tests, and returns the name of the first one that fails. After a panic, it
// returns m.First.
func (m mutant) run(ctx context.Context, root, overlay string, flags ...string) (failed string, err error) {
	args := append([]string{"test", "-overlay", overlay, "-vet=off", "-short", "-count=1", "-failfast", "-timeout=5m"}, flags...)
	command := exec.CommandContext(ctx, "go", append(args, strings.Fields(m.Tests)...)...)
	command.Dir = root
	command.Env = append(os.Environ(), "GOWORK=off")
	output, err := command.CombinedOutput()
	found := failure.FindSubmatch(output)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return "", errSurvived
	case found == nil, bytes.Contains(output, []byte("[build failed]")):
		return "", fmt.Errorf("%w: %s", errBuild, firstLines(output))
	case len(found[1]) == 0:
		return m.First, nil
	}
	return string(found[1]), nil
}

// source returns the text of the file, which has the place of the mutant.
func (m mutant) source(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, m.File))
	if err == nil && strings.Count(string(data), m.Old) != 1 {
		err = errPlace
	}
	return string(data), err
}

// write writes the changed file, and the overlay with which Go compiles it instead of the
// original.
func (m mutant) write(root, folder string) (overlay string, err error) {
	original := filepath.Join(root, m.File)
	source, err := m.source(root)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(folder, filepath.Base(m.File))
	if err := os.WriteFile(changed, []byte(strings.Replace(source, m.Old, m.New, 1)), 0o600); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(folder, "overlay.json")
	return overlay, os.WriteFile(overlay, replace, 0o600)
}

func firstLines(output []byte) string {
	const most = 300
	text := strings.Join(strings.Fields(string(output)), " ")
	return text[:min(len(text), most)]
}
