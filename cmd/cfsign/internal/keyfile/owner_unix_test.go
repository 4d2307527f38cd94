// SPDX-License-Identifier: Apache-2.0

//go:build unix

package keyfile_test

import (
	"fmt"
	"io/fs"
	"syscall"
)

// owner returns the IDs of the owner and the group.
func owner(info fs.FileInfo) string {
	stat := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%d:%d", stat.Uid, stat.Gid)
}
