// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// tempSuffix is the end of the name of a file that is not complete. Lock removes what a process
// that was killed has left.
const tempSuffix = ".tmp"

// replace writes a file with the owner and the permissions of another one. Without another
// one, everybody can read it.
func replace(path string, data []byte, like fs.FileInfo) error {
	// The file is for this user only until it is like the other one.
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*"+tempSuffix)
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
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(filepath.Dir(path))
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
	if err := dropACL(file.Name()); err != nil {
		return err
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
