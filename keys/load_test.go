// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// TestLoadPrivate: each error of a key file says what to do, and none repeats the argument, which
// some program will confuse with the key.
func TestLoadPrivate(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	spaces := bytes.Repeat([]byte("\n"), 1<<20-len(testkeys.P256PEM()))
	within := write("within", join(spaces, testkeys.P256PEM()))
	want, err := keys.ParsePrivate(testkeys.P256PEM())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := keys.LoadPrivate(within); err != nil || !want.(*ecdsa.PrivateKey).Equal(got) {
		t.Errorf("1 MiB: %v", err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	const isText = "this is the text of a key, and not the path of its file: parse it with keys.ParsePrivate"
	pemText := string(testkeys.P256PEM())
	for _, tt := range []struct {
		name, file string
		want       error
		advice     string
		reason     string
	}{
		{"missing file", filepath.Join(folder, "private_key.pem"), fs.ErrNotExist, "check the path, and in a container", "an absolute path says where"},
		{"missing file, relative", "private_key.pem", fs.ErrNotExist, "relative to the current folder \"" + here + "\", or pass an absolute path", "a service starts in another folder than a shell"},
		{"missing file of a dot", "./private_key.pem", fs.ErrNotExist, "relative to the current folder", "a dot is relative, too"},
		{"home", "~/private_key.pem", fs.ErrNotExist, "os.UserHomeDir", "the shell did not see it, such as in a quoted argument or a unit file"},
		{"variable", "${HOME}/private_key.pem", fs.ErrNotExist, "os.ExpandEnv", "the shell did not see it"},
		{"Windows", `keys\private_key.pem`, fs.ErrNotExist, "write / between folders", "the path comes from another system"},
		{"URL", "file:///private_key.pem", fs.ErrNotExist, "without file://", "the AWS CLI wants it like this"},
		{"apostrophes", `'private_key.pem'`, fs.ErrNotExist, "remove the quotation marks", "an env file keeps them"},
		{"spaces", "private_key.pem ", fs.ErrNotExist, "remove the spaces", "an env file keeps them"},
		{"URL of bytes", "fileb://private_key.pem", fs.ErrNotExist, "without file:// or fileb://", "the AWS CLI wants it like this"},
		{"quotation marks", `"private_key.pem"`, fs.ErrNotExist, "remove the quotation marks", "an env file keeps them"},
		{"line break", filepath.Join(folder, "within\n"), fs.ErrNotExist, "remove the line break", "the path was read from a file"},
		{"zero byte", "within\x00", syscall.EINVAL, "control character", "the path was read from a binary file"},
		{"no file", "", fs.ErrNotExist, "the path is empty", "the flag was not set"},
		{"a folder", folder, syscall.EISDIR, "pass the path of the file in this folder", "a mounted secret is a folder of files"},
		{"below a file", filepath.Join(within, "private_key.pem"), syscall.ENOTDIR, "is a file, and must be a folder", "a file is mounted instead of a folder"},
		{"the key in the place of its file", pemText, keys.ErrNoKey, isText, "the variable has the key itself"},
		{"a longer key in the place of its file", string(testkeys.RSAPEM()), keys.ErrNoKey, isText, "the name is too long for the system"},
		{"the key in one line", strings.ReplaceAll(pemText, "\n", `\n`), keys.ErrNoKey, isText, "environment variables have no line breaks"},
		{"base64", base64.StdEncoding.EncodeToString([]byte(pemText)), keys.ErrNoKey, isText, "it is how a platform keeps it"},
		{"an encrypted key", string(file(t, "encrypted-pkcs8.pem")), keys.ErrNoKey, isText, "it is a key, too"},
		{"a damaged key", "-----BEGIN PRIVATE KEY-----\nMIG", keys.ErrNoKey, isText, "it is most of a key"},
		{"a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", keys.ErrNoKey, isText, "it is PEM"},
		{"empty file", write("empty", nil), keys.ErrNoKey, "the file is empty", "a program is still writing it"},
		{"white space", write("blank", []byte("\n")), keys.ErrNoKey, "the file is empty", "echo of a variable that is not set wrote it"},
		{"public key", "testdata/p256-public.pem", keys.ErrNoKey, "private", "the names were exchanged"},
		{"encrypted key", "testdata/encrypted-pkcs8.pem", keys.ErrEncrypted, "keys/encrypted", "it needs its passphrase"},
		{"key that CloudFront does not take", "testdata/p384.pem", keys.ErrUnsupportedKey, "P-256", "it has another curve"},
		{"more than 1 MiB", write("large", join(spaces, testkeys.P256PEM(), []byte("\n"))), keys.ErrNoKey, "more than 1 MiB", "it is something else"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key, err := keys.LoadPrivate(tt.file)
			if !errors.Is(err, tt.want) || key != nil || !strings.Contains(err.Error(), tt.advice) {
				t.Fatalf("%s: got %v, want %v with %q", tt.reason, err, tt.want, tt.advice)
			}
			if tt.file != "" && strings.Contains(err.Error(), tt.file) {
				t.Errorf("the argument is in the error: %v", err)
			}
		})
	}
}

// TestCannotOpen: errors that the tests cannot cause as root or on this system have their advice, too.
func TestCannotOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "private_key.pem")
	invalidName := errors.New("The filename, directory name, or volume label syntax is incorrect.") // as Windows writes it
	for _, tt := range []struct {
		name, file string
		err        error
		advice     string
	}{
		{"permission", path, fs.ErrPermission, "let the user of this process read the file and enter the folders above it"},
		{"permission on Unix", "private_key.pem", syscall.EACCES, "let the user of this process read the file"},
		{"Windows, and quotation marks", `"C:\private_key.pem"`, invalidName, "remove the quotation marks"},
		{"Windows, and \\n in a string of Go", "C:\new.pem", invalidName, "write a path with backslashes in backquotes"},
		{"Windows, and a URL", "file:///C:/private_key.pem", invalidName, "without file://"},
		{"Windows, and another character", `C:\private_key?.pem`, invalidName, "check the path and the file"},
		{"too many open files", path, syscall.EMFILE, "check the path and the file"},
	} {
		err := keys.CannotOpen(tt.file, &fs.PathError{Op: "open", Path: tt.file, Err: tt.err})
		if !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.advice) || strings.Contains(err.Error(), tt.file) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.advice)
		}
	}
}
