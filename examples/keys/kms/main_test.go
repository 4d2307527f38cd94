// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/internal/exampletest"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/verify"
)

var update = flag.Bool("update", false, "write testdata/output.txt")

// pem is a public key, which is a new one every time.
var pem = regexp.MustCompile(`(?s)-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n`)

// TestDemonstration compares the output with testdata/output.txt, which leaves out the
// public key.
func TestDemonstration(t *testing.T) {
	var output bytes.Buffer
	if err := run(t.Context(), nil, &output); err != nil {
		t.Fatal(err)
	}
	got := pem.ReplaceAllString(output.String(), "PUBLIC KEY\n")
	file := filepath.Join("testdata", "output.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"Signature=", "Policy=", "PRIVATE"} {
		if strings.Contains(output.String(), secret) {
			t.Errorf("%s was printed", secret)
		}
	}
}

// configure leads the configuration of the AWS SDK to a local KMS.
func configure(t *testing.T, private crypto.Signer) (*awstest.KMS, string) {
	t.Helper()
	cloud := awstest.New(t)
	for name, value := range exampletest.AWSEnvironment(*cloud.Config.BaseEndpoint) {
		t.Setenv(name, value)
	}
	return cloud.KMS, cloud.KMS.Add(private, alias)
}

// TestSignedURL verifies the URL that the program prints with your own key.
func TestSignedURL(t *testing.T) {
	for name, private := range map[string]crypto.Signer{"rsa": testkeys.RSA(), "p256": testkeys.P256()} {
		t.Run(name, func(t *testing.T) {
			configure(t, private)
			var output bytes.Buffer
			if err := run(t.Context(), []string{"-key", alias, "-key-pair-id", "K2JCJMDEHXQW5F", "-url", "https://cdn.example.com/a.jpg"}, &output); err != nil {
				t.Fatal(err)
			}
			signedURL, rest, _ := strings.Cut(output.String(), "\n")
			trusted, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": private.Public()})
			if err != nil {
				t.Fatal(err)
			}
			verifier := &verify.Verifier{Keys: trusted}
			if _, err := verifier.Verify(verify.Request{URL: signedURL}); err != nil || rest != "" {
				t.Errorf("%v, and %q after the URL", err, rest)
			}
		})
	}
}

// TestPublicKey prints the public key as CloudFront expects it.
func TestPublicKey(t *testing.T) {
	_, arn := configure(t, testkeys.P256())
	want, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if err := run(t.Context(), []string{"-key", arn}, &output); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), output.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// TestMistakes: the program prints nothing, and its error says what to do.
func TestMistakes(t *testing.T) {
	service, arn := configure(t, testkeys.P256())
	other := service.Add(testkeys.OtherP256())
	service.SetState(other, "Disabled")
	tests := []struct {
		name, why string
		args      []string
		want      string
	}{
		{"no key", "half of what is needed", []string{"-key-pair-id", "K1", "-url", "https://cdn.example.com/"}, "add -key KEY_ID"},
		{"no ID", "half of what is needed", []string{"-key", alias, "-url", "https://cdn.example.com/"}, "go together"},
		{"no URL", "half of what is needed", []string{"-key", alias, "-key-pair-id", "K1"}, "go together"},
		{"argument", "a forgotten flag", []string{"alias/cloudfront"}, "argument 1 is not a flag"},
		{"unknown flag", "a typing mistake", []string{"-kye", alias}, "the flags are -key"},
		{"help", "asked for", []string{"-h"}, "help requested"},
		{"other alias", "it is not there", []string{"-key", "alias/other"}, keys.ErrKeyNotFound.Error()},
		{"disabled", "an operator disabled it", []string{"-key", other}, keys.ErrDisabled.Error()},
		{"disabled, for a URL", "an operator disabled it", []string{"-key", other, "-key-pair-id", "K1", "-url", "https://cdn.example.com/"}, keys.ErrDisabled.Error()},
		{"bad ID", "the ID of the key in KMS", []string{"-key", arn, "-key-pair-id", arn, "-url", "https://cdn.example.com/"}, "key pair ID"},
		{"bad URL", "it would be rewritten", []string{"-key", arn, "-key-pair-id", "K1", "-url", "https://cdn.example.com/a b"}, "policy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var output bytes.Buffer
			err := run(t.Context(), tt.args, &output)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got error %v, want one that says %q", tt.why, err, tt.want)
			}
			if tt.name != "help" && output.Len() != 0 {
				t.Errorf("%s was printed", &output)
			}
		})
	}
}

// TestWriteErrors: the program reports an output that fails.
func TestWriteErrors(t *testing.T) {
	configure(t, testkeys.P256())
	for _, args := range [][]string{{"-key", alias}, {"-key", alias, "-key-pair-id", "K1", "-url", "https://cdn.example.com/"}, nil} {
		if err := run(t.Context(), args, &exampletest.FullDisk{}); !errors.Is(err, exampletest.ErrFull) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
