// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// blocks returns the README's code in one language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, rest := range strings.Split(string(readme), "```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(rest, "\n```\n")
		if !ok {
			t.Fatalf("a block does not end:\n%s", rest)
		}
		found = append(found, block)
	}
	if len(found) == 0 {
		t.Fatalf("the README has no %s", language)
	}
	return found
}

// TestREADMEGraph runs the commands in the README, and compares what they print.
func TestREADMEGraph(t *testing.T) {
	shell := needs.Command(t, "sh", "dash")
	for _, block := range blocks(t, "console") {
		var got []string
		for line := range strings.SplitSeq(block, "\n") {
			command, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue
			}
			run := exec.CommandContext(t.Context(), shell, "-c", command)
			run.Env = append(os.Environ(), "GOWORK=off", "LC_ALL=C")
			run.Stderr = os.Stderr
			output, err := run.Output()
			if err != nil {
				t.Fatalf("%s: %v", command, err)
			}
			got = append(got, line, strings.TrimRight(string(output), "\n"))
		}
		if diff := cmp.Diff(block, strings.Join(got, "\n")); diff != "" {
			t.Errorf("README (-want +got):\n%s", diff)
		}
	}
}

// TestREADMECode: a compiled example has the code.
func TestREADMECode(t *testing.T) {
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks(t, "go") {
		if !strings.Contains(string(example), "\t"+strings.ReplaceAll(block, "\n", "\n\t")+"\n") {
			t.Errorf("example_test.go does not have this code of the README:\n%s", block)
		}
	}
}

func TestREADMEPolicies(t *testing.T) {
	for _, block := range blocks(t, "json") {
		if !json.Valid([]byte(block)) {
			t.Errorf("this is not JSON:\n%s", block)
		}
	}
}

// TestREADMEExport runs the end of the pipe that exports the public key, with what KMS
// gives.
func TestREADMEExport(t *testing.T) {
	needs.Command(t, "openssl", "openssl")
	shell := needs.Command(t, "sh", "dash")
	_, command, ok := strings.Cut(strings.Join(blocks(t, "sh"), "\n"), "--output text |\n")
	if !ok {
		t.Fatal("the README does not export the public key")
	}
	folder := t.TempDir()
	run := exec.CommandContext(t.Context(), shell, "-c", command)
	run.Dir = folder
	run.Stdin = strings.NewReader(base64.StdEncoding.EncodeToString(der(t, testkeys.P256())) + "\n")
	if output, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	got, err := os.ReadFile(filepath.Join(folder, "public_key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("not what CloudFront takes:\n%s", got)
	}
}
