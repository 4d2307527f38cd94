// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/file"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/secret"
)

func TestRead(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("A_KEY", "of the environment")
	path := filepath.Join(home, "key.pem")
	if err := os.WriteFile(path, []byte("of a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ source, want, why string }{
		{"file://" + path, "of a file\n", "a path, byte for byte"},
		{"file://~/key.pem", "of a file\n", "no shell replaces the ~ behind file://"},
		{"env:A_KEY", "of the environment", "a variable"},
		{"-", "of standard input", "standard input"},
	} {
		t.Run(tt.source, func(t *testing.T) {
			got, err := secret.Read(tt.source, strings.NewReader("of standard input"))
			if err != nil || string(got) != tt.want {
				t.Errorf("%q, %v, want %q: %s", got, err, tt.want, tt.why)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Setenv("NOTHING", " \n")
	const key = "-----BEGIN PRIVATE KEY-----MHcCAQEE"
	for _, tt := range []struct {
		source string
		stdin  []byte
		reason error // nil: any
		why    string
	}{
		{key, nil, secret.ErrSource, "the key itself, which is in no error"},
		{"", nil, secret.ErrSource, "nothing"},
		{"private_key.pem", nil, secret.ErrSource, "a path without file:// is how the AWS CLI takes a key itself"},
		{"file://", nil, secret.ErrSource, "no path"},
		{"file://" + t.TempDir(), nil, nil, "a folder"},
		{"file:///nowhere/key.pem", nil, nil, "no such file"},
		{"file://" + key, nil, nil, "a key where a path belongs"},
		{"env:", nil, nil, "no name"},
		{"env:" + key, nil, nil, "a key where a name belongs, which is in no error either"},
		{"env:NOTHING", nil, secret.ErrEmpty, "white space"},
		{"-", nil, secret.ErrEmpty, "empty standard input"},
		{"-", bytes.Repeat([]byte("a"), 2<<20), file.ErrTooLong, "more than any key"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			got, err := secret.Read(tt.source, bytes.NewReader(tt.stdin))
			if err == nil || tt.reason != nil && !errors.Is(err, tt.reason) {
				t.Fatalf("%d bytes, %v, want %v", len(got), err, tt.reason)
			}
			if strings.Contains(err.Error(), "MHcC") {
				t.Errorf("the error has the key: %v", err)
			}
		})
	}
	if _, err := secret.Read("-", iotest.ErrReader(os.ErrClosed)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("an error of standard input became %v", err)
	}
}
