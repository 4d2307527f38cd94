// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestFilesAreSmall: no program or core dump is committed by mistake. Importers of a
// module download all of its files.
func TestFilesAreSmall(t *testing.T) {
	inRoot(t)
	const largest = 1 << 20
	files, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("this is not a clone: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		// A file that is deleted and not yet committed has no size.
		if info, err := os.Stat(name); err == nil && info.Size() > largest {
			t.Errorf("%s has %d bytes: remove it, or raise the limit", name, info.Size())
		}
	}
}
