// SPDX-License-Identifier: Apache-2.0

// Package secret reads what must not stand in an argument, where everybody on the
// machine sees it: private keys and passphrases.
package secret

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/file"
)

// ErrSource is wrapped by the error for a source that is none.
var ErrSource = errors.New("not a place of a secret")

// ErrEmpty is wrapped by the error for a source with nothing in it.
var ErrEmpty = errors.New("it is empty")

const (
	filePrefix = "file://"
	envPrefix  = "env:"

	// most, in bytes, is far more than a key needs.
	most = 1 << 20
)

// Stdin is the source that is standard input.
const Stdin = "-"

// Read returns what is in a source: file://FILE (a relative path, or one from ~/),
// env:NAME, or [Stdin]. No error has any of the secret in it, nor the source, where the
// secret itself may stand by mistake.
func Read(source string, stdin io.Reader) ([]byte, error) {
	path, isFile := strings.CutPrefix(source, filePrefix)
	name, isVariable := strings.CutPrefix(source, envPrefix)
	switch {
	case isFile:
		return notEmpty(readFile(path))
	case isVariable:
		return notEmpty(readVariable(name))
	case source == Stdin:
		return notEmpty(file.ReadAll(stdin, most))
	}
	return nil, fmt.Errorf("%w: write file://FILE, env:NAME, or - for standard input; in an argument everybody on the machine could read it", ErrSource)
}

func readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, fmt.Errorf("%w: write the file's path after file://", ErrSource)
	}
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("%w: write the whole path instead of ~", err)
		}
		path = filepath.Join(home, rest)
	}
	return file.Read(path, most)
}

func readVariable(name string) ([]byte, error) {
	value, ok := os.LookupEnv(name)
	if !ok {
		return nil, fmt.Errorf("the environment has no variable of the name after env: set and export it, or use file://FILE")
	}
	return []byte(value), nil
}

func notEmpty(data []byte, err error) ([]byte, error) {
	if err == nil && len(strings.TrimSpace(string(data))) == 0 {
		return nil, ErrEmpty
	}
	return data, err
}
