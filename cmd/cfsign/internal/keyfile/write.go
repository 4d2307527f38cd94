// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// tempSuffix is the end of the name of a file that is not complete. A file of an interrupted
// run is replaced.
const tempSuffix = ".tmp"

// replace writes a file with the owner and the permissions of another one. Without another
// one, everybody can read it.
func replace(path string, data []byte, like fs.FileInfo) error {
	temp := path + tempSuffix
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = makeLike(file, like)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return rename(temp, path)
}

// makeLike gives a file the owner and the permissions of another one. A program that reads the
// key as another user must be able to read the next one.
func makeLike(file *os.File, like fs.FileInfo) error {
	mode := fs.FileMode(0o644)
	if like != nil {
		if err := own(file, like); err != nil {
			return err
		}
		mode = like.Mode().Perm()
	}
	return file.Chmod(mode)
}

// rename replaces a file, also on the disk.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}
