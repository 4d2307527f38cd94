// SPDX-License-Identifier: Apache-2.0

// Package needs says what a test does without something that the go command
// cannot fetch: it is skipped with a line that names the package to install,
// and fails where CI=true, so that no gap stays unseen there.
package needs

import (
	"os"
	"os/exec"
	"testing"
)

// Command returns the path of an executable that Debian has in the named
// package.
func Command(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	Missing(t, name, "apt-get install "+debianPackage)
	return ""
}

// Missing ends the test for want of something, which the install command brings.
func Missing(t testing.TB, what, install string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %s", what, install)
	}
	t.Skipf("%s is missing: %s", what, install)
}
