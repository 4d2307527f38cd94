// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// TestDemo goes through the rotation, and compares the output but for times.
func TestDemo(t *testing.T) {
	var output bytes.Buffer
	if err := run(t.Context(), nil, &output); err != nil {
		t.Fatal(err)
	}
	for text, times := range map[string]int{
		"PRIVATE KEY": 0,
		"Signature=":  0,
		"awssecrets.Source(secret prod/cdn: KOLDEXAMPLE)\n":                 1,
		"sign.Signer(KOLDEXAMPLE)\n":                                        1,
		"without a signature: 403 denied, MissingKey":                       1,
		"with a URL of KOLDEXAMPLE: 200 The figures of the year.\n":         1,
		"1. The key group gets KNEWEXAMPLE.":                                1,
		"2. AWSCURRENT moves":                                               1,
		"sign.Signer(KNEWEXAMPLE)\n":                                        1,
		"Every viewer got the file":                                         1,
		"with the URL from before: 200 The figures of the year.\n":          1,
		"KOLDEXAMPLE is needed until ":                                      1,
		"Keys that are needed still: 0\n":                                   1,
		"with the URL from before: 403 denied, InvalidKey":                  1,
		"refused: awssecrets: secret prod/cdn: " + keys.ErrMismatch.Error(): 1,
		"awssecrets.Source(secret prod/cdn: KNEWEXAMPLE)\n":                 1,
		"with a URL of KNEWEXAMPLE: 200 The figures of the year.\n":         2,
	} {
		if got := strings.Count(output.String(), text); got != times {
			t.Errorf("%q stands %d times in the output, want %d:\n%s", text, got, times, &output)
		}
	}
}

// TestSignOne signs with a secret that the SDK's configuration leads to.
func TestSignOne(t *testing.T) {
	server := &awslocal.Server{}
	secrets := awslocal.NewSecrets(server)
	listener := httptest.NewServer(server)
	defer listener.Close()
	text, err := secretOf("K2JCJMDEHXQW5F", testkeys.P256())
	if err != nil {
		t.Fatal(err)
	}
	secrets.Put("site/key", text)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": listener.URL, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "SecretAccessKeyOfTheExample", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
	var output bytes.Buffer
	if err := run(t.Context(), []string{"-secret", "site/key", "-url", "https://cdn.example.com/report.pdf"}, &output); err != nil {
		t.Fatal(err)
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": testkeys.P256().Public()})
	if err != nil {
		t.Fatal(err)
	}
	verifier := &verify.Verifier{Keys: trusted}
	if _, err := verifier.Verify(verify.Request{URL: strings.TrimSpace(output.String())}); err != nil {
		t.Error(err)
	}
	err = run(t.Context(), []string{"-secret", "site/other", "-url", "https://cdn.example.com/report.pdf"}, &output)
	if !errors.Is(err, keys.ErrKeyNotFound) {
		t.Errorf("got error %v", err)
	}
}

func TestMistakes(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no url", []string{"-secret", "prod/cdn"}, "-secret and -url go together"},
		{"no secret", []string{"-url", "https://cdn.example.com/"}, "-secret and -url go together"},
		{"argument", []string{"prod/cdn"}, `unexpected argument "prod/cdn"`},
		{"unknown flag", []string{"-name", "prod/cdn"}, "the flags are -secret"},
		{"help", []string{"-h"}, "help requested"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var output bytes.Buffer
			if err := run(t.Context(), tt.args, &output); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

// TestEnds: neither a full disk nor an interrupt leaves anything running that fails later.
func TestEnds(t *testing.T) {
	full := errors.New("no space left")
	for room := range 20 {
		if err := run(t.Context(), nil, &limited{room: room * 100, err: full}); !errors.Is(err, full) {
			t.Errorf("%d bytes: %v", room*100, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ctx, nil, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
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
