// SPDX-License-Identifier: Apache-2.0

package migrate_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const (
	keyPairID = "K2JCJMDEHXQW5F"
	page      = "../../../docs/migrate.md"
	report    = "https://cdn.example.com/report.pdf"
	trailer   = "https://cdn.example.com/videos/trailer.mp4"
	videos    = "https://cdn.example.com/videos/*"
)

func key() *rsa.PrivateKey { return testkeys.RSA() }

// pkcs1 returns the key as PEM in the form that all of the signers read.
func pkcs1() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key())})
}

// keyFile returns a file with the key.
func keyFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "private_key.pem")
	if err := os.WriteFile(file, pkcs1(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func newSigner(t *testing.T, hash crypto.Hash) *sign.Signer {
	t.Helper()
	signer, err := sign.New(keyPairID, key(), sign.Options{Hash: hash})
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// verifier returns a verifier of the distribution that all of the signers sign for.
func verifier(t *testing.T) *verify.Verifier {
	t.Helper()
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key().Public()})
	if err != nil {
		t.Fatal(err)
	}
	return &verify.Verifier{Keys: trusted, AllowSHA1: true}
}

// split returns a signed URL without its query, and the parameters of the query.
func split(t *testing.T, signedURL string) (string, map[string]string) {
	t.Helper()
	base, query, _ := strings.Cut(signedURL, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	parameters := map[string]string{}
	for name := range values {
		parameters[name] = values.Get(name)
	}
	return base, parameters
}

// valuesOf returns the values of cookies by name.
func valuesOf(cookies []*http.Cookie) map[string]string {
	values := map[string]string{}
	for _, cookie := range cookies {
		values[cookie.Name] = cookie.Value
	}
	return values
}

// document returns the policy in a parameter or cookie, as JSON and as its values.
func document(t *testing.T, encoded string) (text string, values any) {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(encoded))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	return string(data), values
}
