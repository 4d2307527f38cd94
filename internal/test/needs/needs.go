// SPDX-License-Identifier: Apache-2.0

// Package needs lets tests depend on programs that the go command cannot fetch. Without the
// program, the test is skipped. With CI=true it fails instead, so CI has no gap.
//
// The go command shows skipped tests only with -v, so each package also writes to the terminal,
// once for each program.
package needs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Command returns the path of an executable, which Debian has in the named package.
func Command(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	Missing(t, name, "apt-get install "+debianPackage)
	return ""
}

// Chromium returns the path of Chromium or Chrome.
func Chromium(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("google-chrome"); err == nil {
		return path
	}
	return Command(t, "chromium", "chromium")
}

// Profile returns a new folder for the profile of a browser. The processes of a browser write to
// it for a while after the first of them has ended, so testing.T's TempDir can fail to remove it.
func Profile(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "profile")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 100 {
			if err = os.RemoveAll(folder); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Log(err)
	})
	return folder
}

// Missing skips the test because something is missing. install is the command that installs it.
func Missing(t testing.TB, what, install string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %s", what, install)
	}
	tell(what, install)
	t.Skipf("%s is missing: %s", what, install)
}

// Wanted skips the test because something is missing that Debian does not have, even with CI=true. The
// package must have another test for the same, with recorded answers.
func Wanted(t testing.TB, what, install string) {
	t.Helper()
	tell(what, install)
	t.Skipf("%s is missing: %s", what, install)
}

var told sync.Map

// tell writes to the terminal, if there is one.
func tell(what, install string) {
	if _, before := told.LoadOrStore(what, true); before {
		return
	}
	terminal, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		return // no terminal
	}
	defer terminal.Close()
	folder, _ := os.Getwd() // of the package
	fmt.Fprintf(terminal, "SKIP %s/%s: %s is missing: %s\n", filepath.Base(filepath.Dir(folder)), filepath.Base(folder), what, install)
}
