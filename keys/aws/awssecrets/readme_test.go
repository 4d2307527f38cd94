// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/iampolicy"
	"github.com/cfsign/cfsign/internal/test/markdown"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// TestREADMEUsage: a compiled example has the code.
func TestREADMEUsage(t *testing.T) { markdown.CheckExamples(t, "README.md", "example_test.go") }

// TestREADMEPolicies: the policies allow the operations of the APIs, and what the stores do
// for the caller with a KMS key of the user's own.
func TestREADMEPolicies(t *testing.T) {
	iampolicy.Check(t, "README.md",
		iampolicy.Operations[awssecrets.SecretsManagerAPI]("secretsmanager"),
		iampolicy.Operations[awssecrets.ParameterStoreAPI]("ssm"),
		[]string{"kms:Decrypt"}, // for a secret
		[]string{"kms:Decrypt"}, // for a parameter
		iampolicy.Operations[awssecrets.StoreAPI]("secretsmanager"),
	)
}

// TestREADMESecret runs the commands that make a secret, but for AWS's, and reads it.
func TestREADMESecret(t *testing.T) {
	needs.Command(t, "openssl", "openssl")
	shell := needs.Command(t, "sh", "dash")
	var script []string
	for line := range strings.Lines(strings.Join(markdown.Code(t, "README.md", "sh")[1:], "")) {
		if !strings.HasPrefix(line, "aws ") {
			script = append(script, line)
		}
	}
	command := exec.CommandContext(t.Context(), shell, "-e", "-c", strings.Join(script, ""))
	command.Dir = t.TempDir()
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	text, err := os.ReadFile(filepath.Join(command.Dir, "secret.json"))
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{values: []string{string(text)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	if id, _ := source.Pair(); id != "K2JCJMDEHXQW5F" {
		t.Errorf("the ID is %s", id)
	}
}

// TestREADMEModules runs the commands that list the modules.
func TestREADMEModules(t *testing.T) { markdown.CheckConsole(t, "README.md") }
