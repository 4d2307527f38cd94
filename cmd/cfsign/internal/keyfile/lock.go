// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const lockSuffix = ".lock"

// errLocked is for a file that another process has locked.
var errLocked = errors.New("locked")

// Lock keeps other processes on this machine from rotating the same key until you call unlock,
// or until the process ends. Call it before the rotation: two at once would make one key too
// many. It also removes the incomplete files of processes that were killed.
//
// It returns an error at once if another process has the lock. On Windows, Solaris and AIX it
// does nothing.
func (s *Store) Lock() (unlock func(), err error) {
	unlock, err = lock(s.path + lockSuffix)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("another process rotates %s: run this again when it has ended", s.path)
	}
	if err != nil || !canLock {
		return unlock, err
	}
	for _, path := range []string{s.path + nextSuffix, s.path + oldSuffix, s.idFile} {
		if path == "" {
			continue
		}
		if err := removeTemps(path); err != nil {
			unlock()
			return nil, err
		}
	}
	return unlock, nil
}

// removeTemps removes the incomplete files that replace has left for a path.
func removeTemps(path string) error {
	folder, name := filepath.Dir(path), filepath.Base(path)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		random, isTemp := strings.CutSuffix(entry.Name(), tempSuffix)
		random, isOurs := strings.CutPrefix(random, name+".")
		if !isTemp || !isOurs || random == "" || strings.Trim(random, "0123456789") != "" {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
