// SPDX-License-Identifier: Apache-2.0

// Package repo holds the tests of the repository as a whole: its layout, its documents
// and their links, and what every package must keep to.
package repo_test

import "testing"

// inRoot moves to the root of the repository, where tests name files. It must be the
// first call of a test. A TestMain that moves would do so before the go command looks,
// which then would not see that a file has changed, and repeat an old result.
func inRoot(t *testing.T) {
	t.Helper()
	t.Chdir("../..")
}
