// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/internal/exampletest"
	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/verify"
)

func TestQuickstart(t *testing.T) {
	var output bytes.Buffer
	if err := run(t.Context(), nil, &output); err != nil {
		t.Fatal(err)
	}
	checkOutput(t, output.String(), "K2QUICKSTART")
}

func checkOutput(t *testing.T, output, keyPairID string) {
	t.Helper()
	for text, times := range map[string]int{
		"-----BEGIN PUBLIC KEY-----":                                    1,
		"-----BEGIN PRIVATE KEY-----":                                   0,
		"The key is " + keyPairID:                                       1,
		"CloudFront-Key-Pair-Id=" + keyPairID:                           2,
		"  200 OK\n  Alice's report":                                    2,
		"Bob's report":                                                  0,
		"<Code>MissingKey</Code>":                                       2,
		"<Code>AccessDenied</Code>":                                     4,
		"why: denied, AccessDenied: " + verify.ErrExpired.Error():       1,
		"why: denied, AccessDenied: " + verify.ErrWrongResource.Error(): 2,
		"signed without its query":                                      1,
		`"/users/%2A/*"`:                                                1,
		"  400 Bad Request\n  policy: segment 1: ":                      1,
		"Max-Age=0": 5,
		"CloudFront-Signature=; Path=/; Domain=cfsign.localhost; Max-Age=0": 1,
	} {
		if got := strings.Count(output, text); got != times {
			t.Errorf("%q stands %d times in the output, want %d:\n%s", text, got, times, output)
		}
	}
}

// TestServe opens the page, logs in, and reads the decisions.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-serve", "-listen", "127.0.0.1:0"}, writer) }()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	app := strings.Fields(line)[1]
	target, err := url.Parse(app)
	if err != nil {
		t.Fatal(err)
	}
	address, err := net.ResolveTCPAddr("tcp", "127.0.0.1:"+target.Port())
	if err != nil {
		t.Fatal(err)
	}
	v := newViewer(address, io.Discard)
	cdn := strings.Replace(app, "app.", "cdn.", 1)
	v.get(ctx, cdn+"/users/alice/photo.svg")
	v.post(ctx, app+"/login", "user", "alice")
	page := v.get(ctx, app+"/")
	for _, want := range []string{"Logged in as <strong>alice</strong>", cdn + "/users/bob/photo.svg", "&amp;Signature="} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	v.get(ctx, cdn+"/users/alice/photo.svg")
	v.post(ctx, app+"/later")
	v.get(ctx, cdn+"/users/alice/photo.svg")
	decisions := v.get(ctx, app+"/decisions")
	var causes []string // the newest first, and refusals before the rest
	for _, match := range regexp.MustCompile(`<summary><span class="(\w+)">\w+</span> <span class="title">([^<]*)</span>`).FindAllStringSubmatch(decisions, -1) {
		causes = append(causes, match[1]+" "+match[2])
	}
	want := []string{"refused AccessDenied: expired", "refused MissingKey: " + verify.ErrMissing.Error(), "allowed "}
	if diff := cmp.Diff(want, causes); diff != "" || v.err != nil {
		t.Errorf("%v, decisions (-want +got):\n%s", v.err, diff)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestOpenSSLKeys reads the key files of the commands in AWS's guide.
func TestOpenSSLKeys(t *testing.T) {
	openssl := needs.Command(t, "openssl", "openssl")
	tests := []struct {
		name string
		args []string
	}{
		{"rsa", []string{"genrsa", "-out", "FILE", "2048"}},
		{"rsa traditional", []string{"genrsa", "-traditional", "-out", "FILE", "2048"}},
		{"p256", []string{"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "FILE"}},
		{"p256 with parameters", []string{"ecparam", "-name", "prime256v1", "-genkey", "-out", "FILE"}},
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
			checkOutput(t, output.String(), "K2JCJMDEHXQW5F")
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
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no id", []string{"-key", good}, "add -key-pair-id"},
		{"no key", []string{"-key-pair-id", "K1"}, "add -key FILE"},
		{"argument", []string{"private_key.pem"}, "argument 1 is not a flag"},
		{"unknown flag", []string{"-kye", good}, "the flags are -key FILE"},
		{"no address", []string{"-serve", "-listen", "nowhere"}, "write -listen 127.0.0.1:8080"},
		{"address in use", []string{"-serve", "-listen", taken.Addr().String()}, "-listen 127.0.0.1:0 for any free port"},
		{"address for nothing", []string{"-listen", "127.0.0.1:0"}, "add -serve"},
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
			if strings.Contains(output.String(), "Signature") || strings.Contains(output.String(), "Open http") {
				t.Error("the program went on")
			}
		})
	}
}

// TestWriteErrors: the program reports an output that fails, wherever it fails.
func TestWriteErrors(t *testing.T) {
	for room := range 40 {
		err := run(t.Context(), nil, &exampletest.FullDisk{Room: room * 50})
		if !errors.Is(err, exampletest.ErrFull) {
			t.Errorf("%d bytes: %v", room*50, err)
		}
	}
}
