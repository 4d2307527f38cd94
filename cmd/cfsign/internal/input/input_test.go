// SPDX-License-Identifier: Apache-2.0

package input_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/input"
)

func TestReadSecret(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("A_KEY", "of the environment")
	path := filepath.Join(home, "key.pem")
	if err := os.WriteFile(path, []byte("of a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ source, want, why string }{
		{"file://" + path, "of a file\n", "a path, byte for byte"},
		{"fileb://" + path, "of a file\n", "the AWS CLI's name for a file of bytes"},
		{"fileb://~/key.pem", "of a file\n", "no shell replaces the ~ here either"},
		{"file://~/key.pem", "of a file\n", "no shell replaces the ~ after file://"},
		{"env:A_KEY", "of the environment", "a variable"},
		{"-", "of standard input", "standard input"},
	} {
		t.Run(tt.source, func(t *testing.T) {
			got, err := input.ReadSecret(tt.source, strings.NewReader("of standard input"))
			if err != nil || string(got) != tt.want {
				t.Errorf("%q, %v, want %q: %s", got, err, tt.want, tt.why)
			}
		})
	}
}

func TestReadSecretFails(t *testing.T) {
	t.Setenv("NOTHING", " \n")
	const key = "-----BEGIN PRIVATE KEY-----MHcCAQEE"
	for _, tt := range []struct {
		source string
		stdin  []byte
		says   string
		why    string
	}{
		{key, nil, "write file://FILE", "the key itself, which no error contains"},
		{"", nil, "write file://FILE", "nothing"},
		{"private_key.pem", nil, "write file://FILE", "without file://, the AWS CLI expects the key itself"},
		{"file://", nil, "after file://", "no path"},
		{"file://" + t.TempDir(), nil, "directory", "a folder"},
		{"file:///nowhere/key.pem", nil, "no file", "no such file"},
		{"file://" + key, nil, "not the path", "a key in the place of a path"},
		{"env:", nil, "not set", "no name"},
		{"env:" + key, nil, "not set", "a key in the place of a name, which no error contains either"},
		{"env:NOTHING", nil, "empty", "white space"},
		{"-", nil, "empty", "empty standard input"},
		{"-", bytes.Repeat([]byte("a"), 2<<20), "too long", "more than any key"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			got, err := input.ReadSecret(tt.source, bytes.NewReader(tt.stdin))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("%d bytes, %v, want an error with %q", len(got), err, tt.says)
			}
			if strings.Contains(err.Error(), "MHcC") {
				t.Errorf("the error contains the key: %v", err)
			}
		})
	}
	if _, err := input.ReadSecret("-", iotest.ErrReader(os.ErrClosed)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("an error of standard input became %v", err)
	}
}

func TestSecretPath(t *testing.T) {
	t.Setenv("HOME", "/home/someone")
	for _, tt := range []struct {
		source, want string
		isFile, ok   bool
		why          string
	}{
		{"file://private_key.pem", "private_key.pem", true, true, "relative to the current folder"},
		{"fileb://~/key.pem", filepath.Join("/home/someone", "key.pem"), true, true, "no shell replaces the ~ here"},
		{"file://", "", true, false, "the path is missing"},
		{"env:KEY", "", false, true, "a variable is not a file"},
		{"-", "", false, true, "standard input is not a file"},
		{"private_key.pem", "", false, true, "the AWS CLI takes it for the key itself"},
	} {
		got, isFile, err := input.SecretPath(tt.source)
		if got != tt.want || isFile != tt.isFile || (err == nil) != tt.ok {
			t.Errorf("%s: %q, %v, %v, want %q, %v: %s", tt.source, got, isFile, err, tt.want, tt.isFile, tt.why)
		}
	}
}
