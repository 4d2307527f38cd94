// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
)

// LoadPrivate returns the private key in a file, as [ParsePrivate] does. For a file under a
// passphrase, use package keys/encrypted.
//
// It returns the errors of ParsePrivate. If the file cannot be read, the error wraps the reason,
// such as [fs.ErrNotExist] or [fs.ErrPermission], and its text says what to check. If the file is
// empty or has more than 1 MiB, or if you pass the text of a key instead of a path, the error is
// [ErrNoKey]. No error contains the path, because some program will pass the key itself instead.
func LoadPrivate(file string) (crypto.Signer, error) {
	pemOrDER, err := readKeyFile(file)
	if err != nil {
		return nil, err
	}
	return ParsePrivate(pemOrDER)
}

// maxKeyFile is far more bytes than a key and its certificates need.
const maxKeyFile = 1 << 20

func readKeyFile(file string) ([]byte, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, cannotOpen(file, err)
	}
	defer opened.Close()
	if info, err := opened.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("keys: the key file cannot be read: %w: pass the path of the file in this folder", syscall.EISDIR)
	}
	data, err := io.ReadAll(io.LimitReader(opened, maxKeyFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("keys: the key file cannot be read: %w", withoutPath(err))
	case len(data) > maxKeyFile:
		return nil, refuse(ErrNoKey, "the file has more than 1 MiB: pass the path of a PEM or DER file")
	case len(bytes.TrimSpace(data)) == 0:
		return nil, refuse(ErrNoKey, "the file is empty: write the key to it, and check that the program that writes it has finished")
	}
	return data, nil
}

// cannotOpen returns the error for a file that os.Open cannot open.
func cannotOpen(file string, err error) error {
	if isKeyText(file) {
		return refuse(ErrNoKey, "this is the text of a key, and not the path of its file: parse it with keys.ParsePrivate")
	}
	return fmt.Errorf("keys: the key file cannot be opened: %w: %s", withoutPath(err), openAdvice(file, err))
}

// isKeyText reports whether text is a key, or PEM of another kind.
func isKeyText(text string) bool {
	_, err := ParsePrivate([]byte(text))
	return !errors.Is(err, ErrNoKey) || strings.Contains(text, "-----BEGIN")
}

// openAdvice says what to do about an error of os.Open. It contains no part of the path.
func openAdvice(file string, err error) string {
	isMissing := errors.Is(err, fs.ErrNotExist)
	switch {
	case file == "":
		return "the path is empty, so check that the flag or the variable with the path is set"
	case strings.ContainsFunc(file, unicode.IsControl):
		return "remove the line break or other control character from the path (in Go, write a path with backslashes in backquotes)"
	case strings.ContainsAny(file, `"'`):
		return "remove the quotation marks from the path"
	case strings.HasPrefix(file, "file:"), strings.HasPrefix(file, "fileb:"):
		return "pass the path without file:// or fileb://"
	case strings.TrimSpace(file) != file:
		return "remove the spaces around the path"
	case isMissing && (file[0] == '~' || strings.Contains(file, "$")):
		return "only shells replace ~ and $, so write the whole path, or call os.UserHomeDir or os.ExpandEnv"
	case isMissing && strings.Contains(file, `\`) && filepath.Separator == '/':
		return "on this system, write / between folders instead of a backslash"
	case isMissing && !filepath.IsAbs(file):
		return "check the path, which is relative to " + currentFolder() + ", or pass an absolute path"
	case isMissing:
		return "check the path, and in a container, check that the file is mounted"
	case errors.Is(err, fs.ErrPermission):
		return "let the user of this process read the file and enter the folders above it"
	case errors.Is(err, syscall.ENOTDIR):
		return "a part of the path before the last one is a file, and must be a folder"
	}
	return "check the path and the file"
}

func currentFolder() string {
	folder, err := os.Getwd()
	if err != nil {
		return "the current folder"
	}
	return fmt.Sprintf("the current folder %q", folder)
}

// withoutPath returns the reason in an error of package os.
func withoutPath(err error) error {
	if withPath := (*fs.PathError)(nil); errors.As(err, &withPath) {
		return withPath.Err
	}
	return err
}
