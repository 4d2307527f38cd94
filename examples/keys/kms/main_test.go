// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// pem is a public key, which is another one every time.
var pem = regexp.MustCompile(`(?s)-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n`)

// TestDemonstration compares with testdata/output.txt, in which the public key is left
// out.
func TestDemonstration(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "output.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if err := run(t.Context(), nil, &output); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pem.ReplaceAllString(output.String(), "PUBLIC KEY\n")); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	for _, secret := range []string{"Signature=", "Policy=", "PRIVATE"} {
		if strings.Contains(output.String(), secret) {
			t.Errorf("%s was printed", secret)
		}
	}
}

// configure has the SDK's configuration lead to a local KMS.
func configure(t *testing.T, private crypto.Signer) (*awslocal.KMS, string) {
	t.Helper()
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	service := awslocal.NewKMS(server)
	arn := service.Add(private)
	service.SetAlias(alias, arn)
	nothing := filepath.Join(t.TempDir(), "nothing")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_KMS": listener.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_PROFILE": "", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	return service, arn
}

// TestSignedURL verifies what is printed with a key of one's own.
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

// TestPublicKey prints what CloudFront takes.
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

// TestMistakes prints nothing, and says what to do.
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
		{"argument", "a forgotten flag", []string{"alias/cloudfront"}, "not a flag"},
		{"unknown flag", "a mistake in writing", []string{"-kye", alias}, "the flags are -key"},
		{"help", "asked for", []string{"-h"}, "help requested"},
		{"other alias", "it is not there", []string{"-key", "alias/other"}, "there is no such key"},
		{"disabled", "by somebody", []string{"-key", other}, "the key is disabled"},
		{"disabled, for a URL", "by somebody", []string{"-key", other, "-key-pair-id", "K1", "-url", "https://cdn.example.com/"}, "the key is disabled"},
		{"bad ID", "the ID of the key in KMS", []string{"-key", arn, "-key-pair-id", arn, "-url", "https://cdn.example.com/"}, "invalid key pair ID"},
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

// TestWriteErrors has nowhere to print to.
func TestWriteErrors(t *testing.T) {
	configure(t, testkeys.P256())
	for _, args := range [][]string{{"-key", alias}, {"-key", alias, "-key-pair-id", "K1", "-url", "https://cdn.example.com/"}, nil} {
		if err := run(t.Context(), args, fullDisk{}); !errors.Is(err, errFull) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

var errFull = errors.New("no space left")

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
