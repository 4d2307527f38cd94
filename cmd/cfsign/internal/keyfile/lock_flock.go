// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package keyfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const canLock = true

// lock locks a file, which it creates. It returns errLocked if another process has the lock.
func lock(path string) (unlock func(), err error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && isAt(file, path) {
			return func() {
				_ = os.Remove(path) // a file that stays locks nothing
				_ = file.Close()
			}, nil
		}
		_ = file.Close()
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			return nil, errLocked
		case err != nil:
			return nil, &fs.PathError{Op: "flock", Path: path, Err: err}
		}
	}
}

// isAt reports whether a file is still the one at path. The process that had the lock removes
// its file, and another process may have created the next one.
func isAt(file *os.File, path string) bool {
	have, haveErr := file.Stat()
	want, wantErr := os.Stat(path)
	return haveErr == nil && wantErr == nil && os.SameFile(have, want)
}
