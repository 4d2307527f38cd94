// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
)

// TestIgnored: git leaves out the keys and programs that the pages' commands make, and
// nothing that is in the repository.
func TestIgnored(t *testing.T) {
	inRoot(t)
	git := needs.Command(t, "git", "git")
	if _, err := os.Stat(".git"); err != nil {
		t.Skip("this is no clone")
	}
	made := []string{
		"private_key.pem", "public_key.pem", // the guide
		"private_key.pem.next", "private_key.pem.old", // cfsign rotate
		"examples/infra/new_private_key.pem", "examples/gateway/public_key.pem",
		"bootstrap", "function.zip", // examples/rotation-lambda
	}
	_ = read(t, ".gitignore") // the go command repeats the test when it has changed
	check := exec.CommandContext(t.Context(), git, "check-ignore", "--no-index", "--stdin")
	check.Stdin = strings.NewReader(strings.Join(made, "\n"))
	ignored, err := check.Output()
	if err != nil {
		t.Error(err)
	}
	if d := cmp.Diff(made, strings.Fields(string(ignored))); d != "" {
		t.Errorf("git does not ignore all that is made here: -want +got\n%s", d)
	}
	tracked, err := exec.CommandContext(t.Context(), git, "ls-files", "--cached", "--ignored", "--exclude-standard").Output()
	if err != nil {
		t.Error(err)
	}
	if len(tracked) > 0 {
		t.Errorf("these files are in the repository and in .gitignore:\n%s", tracked)
	}
}
