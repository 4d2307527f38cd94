// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/examples/internal/exampletest"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/verify"
)

// TestDemo rotates the key and checks the output, except times.
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
		"without a signature: 403 Forbidden: denied, MissingKey":            1,
		"with a URL of KOLDEXAMPLE: 200 OK: The figures of the year.\n":     1,
		"1. The key group gets KNEWEXAMPLE.":                                1,
		"2. AWSCURRENT moves":                                               1,
		"sign.Signer(KNEWEXAMPLE)\n":                                        1,
		"Every viewer got the file":                                         1,
		"with the old URL: 200 OK: The figures of the year.\n":              1,
		"KOLDEXAMPLE is needed until ":                                      1,
		"Old keys that are still needed: 0\n":                               1,
		"with the old URL: 403 Forbidden: denied, InvalidKey":               1,
		"refused: awssecrets: secret prod/cdn: " + keys.ErrMismatch.Error(): 1,
		"awssecrets.Source(secret prod/cdn: KNEWEXAMPLE)\n":                 1,
		"with a URL of KNEWEXAMPLE: 200 OK: The figures of the year.\n":     2,
	} {
		if got := strings.Count(output.String(), text); got != times {
			t.Errorf("%q stands %d times in the output, want %d:\n%s", text, got, times, &output)
		}
	}
}

// TestPrintURL signs with the secret that the configuration of the AWS SDK leads to.
func TestPrintURL(t *testing.T) {
	cloud := awstest.New(t)
	text, err := secretText("K2JCJMDEHXQW5F", testkeys.P256())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Secrets.Put("site/key", text)
	for name, value := range exampletest.AWSEnvironment(*cloud.Config.BaseEndpoint) {
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
		{"argument", []string{"prod/cdn"}, "argument 1 is not a flag"},
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

// TestEnds: the program reports an output that fails, and an interrupt.
func TestEnds(t *testing.T) {
	for room := range 18 {
		if err := run(t.Context(), nil, &exampletest.FullDisk{Room: room * 100}); !errors.Is(err, exampletest.ErrFull) {
			t.Errorf("%d bytes: %v", room*100, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ctx, nil, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}
