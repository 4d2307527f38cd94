// SPDX-License-Identifier: Apache-2.0

// Package keyfile keeps the key pair of a rotation in files. A [Store] is a keygroup.Store:
//
//	store, err := keyfile.New("private_key.pem", keyfile.Options{IDFile: "key_pair_id"})
//	if err != nil {
//		return err
//	}
//	result, err := rotator.Rotate(ctx, store)
//
// During a rotation, the next private key is in private_key.pem.next. [Store.Switch] renames
// it, and keeps the former key in private_key.pem.old for the way back. A file is complete
// under its name, or not there, even after a power failure.
//
// No error contains a part of a key.
package keyfile

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
	"github.com/cfsign/cfsign/keys"
)

// Options configure a [Store]. The zero value is for a key that is not encrypted.
type Options struct {
	// IDFile is a file with the key pair ID, which Switch replaces together with the key. It
	// need not exist, but its folder must. Empty: there is none.
	IDFile string
	// Passphrase returns the passphrase of an encrypted key. The Store calls it once, and
	// encrypts the next key with the same passphrase. Nil: an encrypted key is an error.
	Passphrase func() ([]byte, error)
}

// A Store keeps key pairs in files. Create it with [New]. Call one method at a time.
type Store struct {
	path   string // without symbolic links, because a rename would replace the link
	idFile string
	form   form
	// parsed are the keys of files that were read, by content: decrypting takes long.
	parsed map[[sha256.Size]byte]crypto.Signer
}

// The names of the other files are the name of the key with one of these at the end.
const (
	nextSuffix = ".next"
	oldSuffix  = ".old"
)

// New returns a Store for the private key in the file at path. It reads the file, because the
// next key gets the same type, the same form, the same owner and the same permissions.
//
// It returns an error if the file does not exist, if it is not PEM, if the folder of
// Options.IDFile does not exist, if Options.IDFile has something else than an ID, and the errors
// of keys.ParsePrivate and encrypted.ParsePrivate.
func New(path string, o Options) (*Store, error) {
	data, err := input.ReadFile(path, mostBytes)
	if err != nil {
		return nil, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	s := &Store{path: path, parsed: map[[sha256.Size]byte]crypto.Signer{}}
	if s.form, err = formOf(data, o.Passphrase); err != nil {
		return nil, err
	}
	if _, err = s.parse(path, data); err != nil || o.IDFile == "" {
		return s, err
	}
	if s.idFile, err = resolve(o.IDFile); err != nil {
		return nil, err
	}
	_, _, err = s.readID()
	return s, err
}

const mostBytes = 1 << 20 // far more than a key needs

// resolve returns a path without symbolic links. The file need not exist.
func resolve(path string) (string, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return resolved, err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("there is no folder %q: create it", filepath.Dir(path))
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// Path returns the path of the current private key.
func (s *Store) Path() string { return s.path }

// OldPath returns the path of the private key that Switch has replaced.
func (s *Store) OldPath() string { return s.path + oldSuffix }

// Encrypted reports whether the private keys are encrypted.
func (s *Store) Encrypted() bool { return s.form.passphrase != nil }

// Current returns the public key of the current pair.
func (s *Store) Current(context.Context) (crypto.PublicKey, error) { return s.public(s.path) }

// Next returns the public key of the next pair, or nil if there is none.
func (s *Store) Next(context.Context) (crypto.PublicKey, error) {
	public, err := s.public(s.path + nextSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return public, err
}

// Create makes the next pair, unless there is one.
func (s *Store) Create(ctx context.Context) (crypto.PublicKey, error) {
	if public, err := s.Next(ctx); err != nil || public != nil {
		return public, err
	}
	current, info, err := s.read(s.path)
	if err != nil {
		return nil, err
	}
	key, err := generateLike(current)
	if err != nil {
		return nil, err
	}
	data, err := s.form.marshal(key)
	if err != nil {
		return nil, err
	}
	if err := replace(s.path+nextSuffix, data, info); err != nil {
		return nil, err
	}
	return s.Next(ctx)
}

// Switch makes the next pair the current one. It copies the current key into the file for the
// old one first, and then replaces the file with the ID and the file with the key, one right
// after the other. If it is interrupted, the next key is still there, so it can be repeated.
func (s *Store) Switch(ctx context.Context, next crypto.PublicKey, keyPairID string) error {
	if err := keys.CheckID(keyPairID); err != nil {
		return err
	}
	if next, err := s.Next(ctx); err != nil {
		return err
	} else if next == nil {
		return fmt.Errorf("%s has disappeared: run the rotation again", s.path+nextSuffix)
	}
	data, info, err := readFile(s.path)
	if err != nil {
		return err
	}
	if err := replace(s.OldPath(), data, info); err != nil {
		return err
	}
	if err := s.WriteID(keyPairID); err != nil {
		return err
	}
	return rename(s.path+nextSuffix, s.path)
}

// WriteID writes the ID into Options.IDFile, if there is such a file and it has another ID.
// Call it after a rotation, too: somebody may have changed the file.
func (s *Store) WriteID(keyPairID string) error {
	if s.idFile == "" {
		return nil
	}
	id, info, err := s.readID()
	if err != nil || id == keyPairID {
		return err
	}
	// Without a line break, programs need not cut it off.
	return replace(s.idFile, []byte(keyPairID), info)
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

func (s *Store) public(path string) (crypto.PublicKey, error) {
	key, _, err := s.read(path)
	if err != nil {
		return nil, err
	}
	return key.Public(), nil
}

func (s *Store) read(path string) (crypto.Signer, fs.FileInfo, error) {
	data, info, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	key, err := s.parse(path, data)
	return key, info, err
}

// parse reads the private key in the content of a file.
func (s *Store) parse(path string, data []byte) (crypto.Signer, error) {
	sum := sha256.Sum256(data)
	if key := s.parsed[sum]; key != nil {
		return key, nil
	}
	key, err := s.form.parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.parsed[sum] = key
	return key, nil
}

func readFile(path string) ([]byte, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	data, err := input.ReadFile(path, mostBytes)
	return data, info, err
}
