// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/iampolicy"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// TestREADMEGraph runs the commands that list the packages and modules.
func TestREADMEGraph(t *testing.T) { markdown.CheckConsole(t, "README.md") }

func TestREADMECode(t *testing.T) { markdown.CheckExamples(t, "README.md", "example_test.go") }

// TestREADMEPolicies: each policy allows the operations of the API, and no other.
func TestREADMEPolicies(t *testing.T) {
	operations := iampolicy.Operations[awskms.API]("kms")
	rotation := append(iampolicy.Operations[awskms.StoreAPI]("kms"), "kms:TagResource") // for StoreOptions.Tags
	iampolicy.Check(t, "README.md", operations, rotation, operations, operations, operations)
}

// TestREADMEExport runs the end of the pipe that exports the public key, with what KMS
// gives.
func TestREADMEExport(t *testing.T) {
	needs.Command(t, "openssl", "openssl")
	shell := needs.Command(t, "sh", "dash")
	command := ""
	for _, block := range markdown.Code(t, "README.md", "sh") {
		if _, end, ok := strings.Cut(block, "--output text |\n"); ok {
			command = end
		}
	}
	if command == "" {
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
