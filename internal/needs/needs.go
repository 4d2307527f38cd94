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
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: apt-get install %s", name, debianPackage)
	}
	t.Skipf("%s is missing: apt-get install %s", name, debianPackage)
	return ""
}
