// SPDX-License-Identifier: Apache-2.0

// Package input reads the files and secrets that arguments name. A secret must not be an
// argument itself, because every user of the machine can see arguments:
//
//	key, err := input.ReadSecret("file://private_key.pem", os.Stdin)
//
// No error contains any part of a secret, or of a key in the place of a path.
package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Stdin names standard input.
const Stdin = "-"

const (
	filePrefix  = "file://"
	bytesPrefix = "fileb://" // the AWS CLI's name for a file that is not text
	envPrefix   = "env:"

	maxSecret = 1 << 20 // bytes, far more than a key needs
)

// ReadFile returns the content of a file. The path can begin with file:// or fileb://, as for
// a secret. ReadFile returns an error if the file has more than limit bytes.
func ReadFile(path string, limit int64) ([]byte, error) {
	path, _ = cutPrefix(path)
	if strings.Contains(path, "-----") || strings.Contains(path, "LS0tLS1CRUdJTi") || strings.Contains(path, "\n") {
		return nil, errors.New("this is a key or another text, not the path of a file")
	}
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %q: check the path, which is relative to the current folder", path)
	case err != nil:
		return nil, err
	}
	defer file.Close()
	return readAll(file, limit)
}

// cutPrefix returns the path in file://PATH or fileb://PATH.
func cutPrefix(source string) (path string, found bool) {
	if path, found = strings.CutPrefix(source, bytesPrefix); found {
		return path, true
	}
	return strings.CutPrefix(source, filePrefix)
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it is too long: the limit is %d bytes", limit)
	}
	return data, nil
}

// ReadSecret returns the content of a source: file://FILE or fileb://FILE (a relative path,
// or a path from ~/), env:NAME, or [Stdin]. An empty source is an error. Errors do not repeat the
// source, because it can be the secret itself by mistake.
func ReadSecret(source string, stdin io.Reader) ([]byte, error) {
	data, err := readSource(source, stdin)
	if err == nil && strings.TrimSpace(string(data)) == "" {
		return nil, errors.New("it is empty")
	}
	return data, err
}

// SecretPath returns the path in file://FILE or fileb://FILE, and whether the source is one.
// It is for commands that write the file, too.
func SecretPath(source string) (path string, isFile bool, err error) {
	if path, isFile = cutPrefix(source); !isFile {
		return "", false, nil
	}
	path, err = expand(path)
	return path, true, err
}

func readSource(source string, stdin io.Reader) ([]byte, error) {
	path, isFile := cutPrefix(source)
	name, isVariable := strings.CutPrefix(source, envPrefix)
	switch {
	case isFile:
		return readSecretFile(path)
	case isVariable:
		value, ok := os.LookupEnv(name)
		if !ok {
			return nil, errors.New("the environment variable after env: is not set: set and export it, or use file://FILE")
		}
		return []byte(value), nil
	case source == Stdin:
		return readAll(stdin, maxSecret)
	}
	return nil, errors.New("this does not say where the secret is: write file://FILE, env:NAME, or - for standard input; every user of the machine can see arguments")
}

func readSecretFile(path string) ([]byte, error) {
	path, err := expand(path)
	if err != nil {
		return nil, err
	}
	return ReadFile(path, maxSecret)
}

// expand returns a path without ~, which no shell replaces after file://.
func expand(path string) (string, error) {
	if path == "" {
		return "", errors.New("the path is missing: write it after file://")
	}
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w: write the whole path instead of ~", err)
	}
	return filepath.Join(home, rest), nil
}
