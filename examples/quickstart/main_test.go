// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/needs"
	"github.com/cfsign/cfsign/internal/testkeys"
)

func TestQuickstart(t *testing.T) {
	var output bytes.Buffer
	if err := run(t.Context(), nil, &output); err != nil {
		t.Fatal(err)
	}
	checkOutput(t, output.String(), "K2QUICKSTART", "ECDSA on P-256")
}

func checkOutput(t *testing.T, output, keyPairID, algorithm string) {
	t.Helper()
	for text, times := range map[string]int{
		"-----BEGIN PUBLIC KEY-----":           1,
		"-----BEGIN PRIVATE KEY-----":          0,
		`{"Statement":[{"Resource":"https://`:  2,
		"&Signature=":                          1,
		"Set-Cookie:":                          4,
		"Secure; SameSite=Lax":                 4,
		"the signature verifies: " + algorithm: 2,
		"Key-Pair-Id=" + keyPairID:             2,
		"https://cdn.example.com/users/%2A/*":  1,
		"refused: ":                            2,
	} {
		if got := strings.Count(output, text); got != times {
			t.Errorf("%q stands %d times in the output, want %d:\n%s", text, got, times, output)
		}
	}
}

// TestOpenSSLKeys takes the files that AWS's guide has people make.
func TestOpenSSLKeys(t *testing.T) {
	openssl := needs.Command(t, "openssl", "openssl")
	tests := []struct {
		name, algorithm string
		args            []string
	}{
		{"rsa", "RSA PKCS#1 v1.5", []string{"genrsa", "-out", "FILE", "2048"}},
		{"rsa traditional", "RSA PKCS#1 v1.5", []string{"genrsa", "-traditional", "-out", "FILE", "2048"}},
		{"p256", "ECDSA on P-256", []string{"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "FILE"}},
		{"p256 with parameters", "ECDSA on P-256", []string{"ecparam", "-name", "prime256v1", "-genkey", "-out", "FILE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "private_key.pem")
			for i, arg := range tt.args {
				if arg == "FILE" {
					tt.args[i] = file
				}
			}
			if message, err := exec.CommandContext(t.Context(), openssl, tt.args...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, message)
			}
			var output bytes.Buffer
			if err := run(t.Context(), []string{"-key", file, "-key-pair-id", "K2JCJMDEHXQW5F"}, &output); err != nil {
				t.Fatal(err)
			}
			checkOutput(t, output.String(), "K2JCJMDEHXQW5F", tt.algorithm)
		})
	}
}

func TestMistakes(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.pem", testkeys.P256PEM())
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no id", []string{"-key", good}, "add -key-pair-id"},
		{"no key", []string{"-key-pair-id", "K1"}, "add -key FILE"},
		{"argument", []string{"private_key.pem"}, `unexpected argument "private_key.pem"`},
		{"unknown flag", []string{"-kye", good}, "the flags are -key FILE"},
		{"help", []string{"-h"}, "help requested"},
		{"no file", []string{"-key", filepath.Join(folder, "gone.pem"), "-key-pair-id", "K1"}, "gone.pem"},
		{"bad id", []string{"-key", good, "-key-pair-id", "my-key"}, "letter or digit"},
		{"not a key", []string{"-key", file("text", []byte("text")), "-key-pair-id", "K1"}, "-----BEGIN"},
		{"empty file", []string{"-key", file("empty", nil), "-key-pair-id", "K1"}, "-----BEGIN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var output bytes.Buffer
			err := run(t.Context(), tt.args, &output)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one that says %q", err, tt.want)
			}
			if strings.Contains(output.String(), "Signature") {
				t.Error("something was signed all the same")
			}
		})
	}
}

func TestVerifyCanFail(t *testing.T) {
	const rawURL = "https://cdn.example.com/a"
	good := []parameter{{"Expires", "1"}, {"Signature", "YQ__"}}
	for name, try := range map[string]func() (string, error){
		"p256":   func() (string, error) { return verify(testkeys.P256().Public(), rawURL, good) },
		"rsa":    func() (string, error) { return verify(testkeys.RSA().Public(), rawURL, good) },
		"no key": func() (string, error) { return verify(crypto.PublicKey(nil), rawURL, good) },
		"not base64": func() (string, error) {
			return verify(testkeys.P256().Public(), rawURL, []parameter{{"Signature", "!"}})
		},
		"bad policy": func() (string, error) { return verify(testkeys.P256().Public(), rawURL, []parameter{{"Policy", "!"}}) },
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
}

// TestWriteErrors fails the output after every number of bytes.
func TestWriteErrors(t *testing.T) {
	full := errors.New("no space left")
	for room := range 40 {
		err := run(t.Context(), nil, &limited{room: room * 50, err: full})
		if !errors.Is(err, full) {
			t.Errorf("%d bytes: %v", room*50, err)
		}
	}
}

// limited is a writer with little room.
type limited struct {
	room int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.room {
		return 0, l.err
	}
	l.room -= len(p)
	return len(p), nil
}
