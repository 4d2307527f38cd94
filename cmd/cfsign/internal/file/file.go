// SPDX-License-Identifier: Apache-2.0

// Package file reads the files that arguments name.
package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// ErrTooLong is wrapped by the error for more bytes than there may be.
var ErrTooLong = errors.New("too long")

// Read returns what is in a file, of at most so many bytes. No error repeats a path that
// is a key in the wrong place.
func Read(path string, most int64) ([]byte, error) {
	if strings.Contains(path, "-----") || strings.Contains(path, "\n") {
		return nil, errors.New("this is a key or another text, and not the path of a file")
	}
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %q: check the path; it is relative to the current folder", path)
	case err != nil:
		return nil, err
	}
	defer file.Close()
	return ReadAll(file, most)
}

// ReadAll returns what is left of a stream, of at most so many bytes.
func ReadAll(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrTooLong, most)
	}
	return data, nil
}
