// SPDX-License-Identifier: Apache-2.0

// Package repo holds the tests of the repository as a whole: its layout, its documents
// and their links, and what every package must keep to.
package repo_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs the tests in the root of the repository, from which they name files.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
