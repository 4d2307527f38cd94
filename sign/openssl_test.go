// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// TestOpenSSL compares with openssl dgst, the tool of AWS's own guide: the same
// bytes with RSA, and a signature that it verifies with P-256.
func TestOpenSSL(t *testing.T) {
	openssl := needs.Command(t, "openssl", "openssl")
	for _, algorithm := range algorithms {
		for name, p := range map[string]policy.Policy{"canned": canned(t, base+"/a?b=1&c=2"), "custom": custom(t, base+"/u/7/*")} {
			t.Run(algorithm.name+"/"+name, func(t *testing.T) {
				skipSHA1UnderFIPS(t, algorithm.hash)
				signed, err := newSigner(t, algorithm.key, algorithm.hash).Sign(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				var signature []byte
				for name, value := range signed.CookieSet().All() {
					if name == "CloudFront-Signature" {
						signature = decode(t, value)
					}
				}
				if _, ok := algorithm.key.(*rsa.PrivateKey); ok {
					got := dgst(t, openssl, algorithm.hash, p, "-sign", keyFile(t, "private.pem", testkeys.RSAPEM()))
					if diff := cmp.Diff(got, signature); diff != "" {
						t.Errorf("signature (-openssl +ours):\n%s", diff)
					}
				}
				publicPEM, err := keys.MarshalPublic(algorithm.key.Public())
				if err != nil {
					t.Fatal(err)
				}
				verdict := dgst(t, openssl, algorithm.hash, p, "-verify", keyFile(t, "public.pem", publicPEM), "-signature", keyFile(t, "signature", signature))
				if diff := cmp.Diff("Verified OK\n", string(verdict)); diff != "" {
					t.Errorf("verdict (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// dgst runs openssl dgst over p's document.
func dgst(t *testing.T, openssl string, hash crypto.Hash, p policy.Policy, args ...string) []byte {
	t.Helper()
	algorithm := map[crypto.Hash]string{crypto.SHA1: "-sha1", crypto.SHA256: "-sha256"}[hash]
	command := exec.CommandContext(t.Context(), openssl, append([]string{"dgst", algorithm}, args...)...)
	command.Stdin = bytes.NewReader(p.JSON())
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v, %s", command.Args, err, output)
	}
	return output
}

func keyFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
