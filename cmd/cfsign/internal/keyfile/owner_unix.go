// SPDX-License-Identifier: Apache-2.0

//go:build unix

package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// own gives a file the owner and the group of another one.
func own(file *os.File, like fs.FileInfo) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	have, haveOK := now.Sys().(*syscall.Stat_t)
	want, wantOK := like.Sys().(*syscall.Stat_t)
	if !haveOK || !wantOK || have.Uid == want.Uid && have.Gid == want.Gid {
		return nil
	}
	if err := file.Chown(int(want.Uid), int(want.Gid)); err != nil {
		return fmt.Errorf("the new file cannot get the owner and the group of %s: run this as its owner: %w", like.Name(), err)
	}
	return nil
}

// syncFolder writes the names in a folder to the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
