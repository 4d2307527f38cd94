// SPDX-License-Identifier: Apache-2.0

// Package keyfile keeps the key pair of a rotation in files. A [Store] is a keygroup.Store:
//
//	store, err := keyfile.New("private_key.pem", keyfile.Options{IDFile: "key_pair_id"})
//	if err != nil {
//		return err
//	}
//	unlock, err := store.Lock()
//	if err != nil {
//		return err
//	}
//	defer unlock()
//	result, err := rotator.Rotate(ctx, store)
//
// During a rotation, the next private key is in private_key.pem.next. [Store.Switch] renames
// it, and keeps the former key in private_key.pem.old for the way back. A file is complete
// under its name, or not there, even after a power failure.
//
// New files have the owner and the permissions of the files that they replace. On Linux, a file
// with an access control list is an error. Elsewhere such a list is not copied: on Windows, a
// new file has the permissions that its folder gives. Windows also lets nobody replace a file
// that is read-only, or that a program has open.
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

// A Store keeps key pairs in files. Create it with [New]. Call one method at a time, and call
// [Store.Lock] before a rotation.
type Store struct {
	path   string // without symbolic links, because a rename would replace the link
	idFile string
	form   form
	// parsed are the keys of files that were read, by content: decrypting takes long.
	parsed map[[sha256.Size]byte]crypto.Signer
	// rename is the function rename, unless a test lets it fail.
	rename func(from, to string) error
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
// Options.IDFile does not exist, if Options.IDFile has something else than an ID, if one of the
// files has an access control list (on Linux), and the errors of keys.ParsePrivate and
// encrypted.ParsePrivate.
func New(path string, o Options) (*Store, error) {
	data, err := input.ReadFile(path, mostBytes)
	if err != nil {
		return nil, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	if err := checkACL(path); err != nil {
		return nil, err
	}
	s := &Store{path: path, parsed: map[[sha256.Size]byte]crypto.Signer{}, rename: rename}
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

// Next returns the public key of the next pair, or nil if there is none, or if it is the current
// one.
func (s *Store) Next(ctx context.Context) (crypto.PublicKey, error) {
	next, err := s.public(s.path + nextSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if current, err := s.Current(ctx); err != nil || isSame(next, current) {
		return nil, err // somebody has copied the file
	}
	return next, nil
}

// Create makes the next pair. It replaces a next pair, because a rotation calls Create only if it
// cannot use that one: somebody went back from it. A file that has no key is an error.
func (s *Store) Create(ctx context.Context) (crypto.PublicKey, error) {
	if _, err := s.Next(ctx); err != nil {
		return nil, err
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
// after the other. If the last of these fails, it puts the former ID back. If it is interrupted,
// the next key is still there, so it can be repeated. If next is the current key already, it only
// writes the ID.
//
// If the next pair is another one than next, or has disappeared, it changes nothing and returns
// an error.
func (s *Store) Switch(ctx context.Context, next crypto.PublicKey, keyPairID string) error {
	if err := keys.CheckID(keyPairID); err != nil {
		return err
	}
	data, info, err := readFile(s.path)
	if err != nil {
		return err
	}
	current, err := s.parse(s.path, data)
	if err != nil {
		return err
	}
	// Compare the key that was read: to copy the new one would destroy the old one.
	if isSame(current.Public(), next) {
		return s.WriteID(keyPairID)
	}
	if err := s.checkNext(ctx, next); err != nil {
		return err
	}
	if err := replace(s.OldPath(), data, info); err != nil {
		return err
	}
	return s.switchWithID(ctx, next, keyPairID)
}

// checkNext returns an error unless next is the next pair.
func (s *Store) checkNext(ctx context.Context, next crypto.PublicKey) error {
	switch have, err := s.Next(ctx); {
	case err != nil:
		return err
	case have == nil:
		return fmt.Errorf("%s has disappeared: run the rotation again", s.path+nextSuffix)
	case !isSame(have, next):
		return fmt.Errorf("%s has another key than before, which CloudFront does not trust yet: run the rotation again", s.path+nextSuffix)
	}
	return nil
}

// switchWithID replaces the file with the ID and the file with the key.
func (s *Store) switchWithID(ctx context.Context, next crypto.PublicKey, keyPairID string) error {
	putBack, err := s.replaceID(keyPairID)
	if err != nil {
		return err
	}
	err = s.rename(s.path+nextSuffix, s.path)
	if err == nil {
		return nil
	}
	if current, readErr := s.Current(ctx); readErr == nil && isSame(current, next) {
		return err // the key is replaced, although perhaps not on the disk
	}
	if backErr := putBack(); backErr != nil {
		return fmt.Errorf("%w; and %s has the next key pair ID, with which the key does not work: run the rotation again: %w", err, s.idFile, backErr)
	}
	return err
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
	if err := checkACL(path); err != nil {
		return nil, nil, err
	}
	data, err := input.ReadFile(path, mostBytes)
	return data, info, err
}

// isSame reports whether two public keys are the same.
func isSame(a, b crypto.PublicKey) bool {
	key, ok := a.(interface {
		Equal(other crypto.PublicKey) bool
	})
	return ok && key.Equal(b)
}
