// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/cfsign/cfsign/keys"
)

// WriteID writes the ID into Options.IDFile, if there is such a file and it has another ID.
// Call it after a rotation without an error, too: somebody may have changed the file.
func (s *Store) WriteID(keyPairID string) error {
	_, err := s.replaceID(keyPairID)
	return err
}

// replaceID is WriteID, and returns the function that puts the former ID back.
func (s *Store) replaceID(keyPairID string) (putBack func() error, err error) {
	nothing := func() error { return nil }
	if s.idFile == "" {
		return nothing, nil
	}
	id, info, err := s.readID()
	if err != nil || id == keyPairID {
		return nothing, err
	}
	// Without a line break, programs need not cut it off.
	return func() error {
		if info == nil {
			return os.Remove(s.idFile)
		}
		return replace(s.idFile, []byte(id), info)
	}, replace(s.idFile, []byte(keyPairID), info)
}

// readID reads Options.IDFile. Without such a file, info is nil. Anything but an ID is an error,
// because the file must not be overwritten.
func (s *Store) readID() (id string, info fs.FileInfo, err error) {
	data, info, err := readFile(s.idFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	id = strings.TrimSpace(string(data))
	if id != "" && keys.CheckID(id) != nil {
		return "", nil, fmt.Errorf("%s has something else than a key pair ID, and would be overwritten: name another file", s.idFile)
	}
	return id, info, nil
}
