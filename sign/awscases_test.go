// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"cmp"
	"crypto"
	"crypto/fips140"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// An awsCase is one of the cases that AWS tests the signer of every SDK with.
type awsCase struct {
	ID             string
	Kind           string
	Resource       string
	ApplyTo        string
	KeyPairID      string
	PrivateKeyFile string
	ExpirationDate *int64
	ActiveDate     *int64
	IPRange        *string
	HashAlgorithm  string
	Canned         bool
	PolicyJSON     string
	Signature      string
	// VerifyCryptographically is set if signatures are random.
	VerifyCryptographically bool
}

// TestAWSCases replays AWS's shared cases. They are not part of this
// repository: name their folder in CFSIGN_AWS_CASES.
func TestAWSCases(t *testing.T) {
	folder := os.Getenv("CFSIGN_AWS_CASES")
	if folder == "" {
		t.Skip("set CFSIGN_AWS_CASES to the folder with AWS's shared signer cases (cases.json and keys)")
	}
	data, err := os.ReadFile(filepath.Join(folder, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []awsCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	const known = 21
	if len(cases) < known {
		t.Errorf("%d cases, and there were %d", len(cases), known)
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			keyPEM, err := os.ReadFile(filepath.Join(folder, c.PrivateKeyFile))
			if err != nil {
				t.Fatal(err)
			}
			if c.Kind == "error" {
				c.checkRefused(t, keyPEM)
				return
			}
			c.checkSigned(t, keyPEM)
		})
	}
}

func (c awsCase) policy() (policy.Policy, error) {
	var expires time.Time
	if c.ExpirationDate != nil {
		expires = time.Unix(*c.ExpirationDate, 0)
	}
	if c.Canned {
		return policy.Canned(c.Resource, expires)
	}
	r, err := policy.PatternFromConfig(c.Resource)
	if err != nil {
		return policy.Policy{}, err
	}
	conditions := policy.Conditions{Expires: expires}
	if c.ActiveDate != nil {
		conditions.NotBefore = time.Unix(*c.ActiveDate, 0)
	}
	if c.IPRange != nil {
		prefix, _ := netip.ParsePrefix(*c.IPRange)
		conditions.SourceIP = &prefix
	}
	return policy.Custom(r, conditions)
}

func (c awsCase) checkSigned(t *testing.T, keyPEM []byte) {
	t.Helper()
	hash := map[string]crypto.Hash{"SHA1": crypto.SHA1, "SHA256": crypto.SHA256}[c.HashAlgorithm]
	if fips140.Enforced() && !c.VerifyCryptographically {
		t.Skip("the cases' RSA key has 1024 bits, which FIPS 140-3 rules out")
	}
	key := parseUnchecked(t, keyPEM)
	p, err := c.policy()
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(c.PolicyJSON, string(p.JSON())); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	signer, err := sign.NewUnchecked(c.KeyPairID, key, sign.Options{Hash: hash, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	values := c.values(t, signed)
	signature := values["Signature"]
	if c.VerifyCryptographically {
		if !verifies(key.Public(), hash, []byte(c.PolicyJSON), decode(t, signature)) {
			t.Error("the signature does not verify")
		}
	} else if diff := gocmp.Diff(c.Signature, signature); diff != "" {
		t.Errorf("signature (-want +got):\n%s", diff)
	}
	checkMarker(t, values, c.HashAlgorithm)
}

// values returns the parameters of the signed URL, or the cookies, by the
// names of the parameters.
func (c awsCase) values(t *testing.T, signed sign.SignedPolicy) map[string]string {
	t.Helper()
	values := map[string]string{}
	if c.Kind == "cookies" {
		for name, value := range signed.CookieSet().All() {
			values[strings.TrimPrefix(name, "CloudFront-")] = value
		}
		return values
	}
	rawURL := cmp.Or(c.ApplyTo, c.Resource)
	signedURL, err := signed.URL(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	for parameter := range strings.SplitSeq(strings.TrimPrefix(signedURL, rawURL)[1:], "&") {
		name, value, _ := strings.Cut(parameter, "=")
		values[name] = value
	}
	return values
}

func checkMarker(t *testing.T, values map[string]string, hash string) {
	t.Helper()
	want := hash
	if hash == "SHA1" {
		want = ""
	}
	if diff := gocmp.Diff(want, values["Hash-Algorithm"]); diff != "" {
		t.Errorf("Hash-Algorithm (-want +got):\n%s", diff)
	}
}

// checkRefused fails unless the case returns an error about its one wrong input.
func (c awsCase) checkRefused(t *testing.T, keyPEM []byte) {
	t.Helper()
	want := map[string]error{
		"error-missing-expiration":           policy.Reason("no_expiry"),
		"error-active-after-expiration":      policy.Reason("time_order"),
		"error-unsupported-key-type":         keys.ErrUnsupportedKey,
		"json-injection-resource-url-reject": policy.Reason("character"),
		"json-injection-ip-range-reject":     policy.ErrSourceIP,
	}[c.ID]
	_, err := keys.ParsePrivate(keyPEM)
	if want != keys.ErrUnsupportedKey {
		_, err = c.policy()
	}
	if want == nil || !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

// parseUnchecked reads a key without our rule on its length.
func parseUnchecked(t *testing.T, keyPEM []byte) crypto.Signer {
	t.Helper()
	block, _ := pem.Decode(keyPEM)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		t.Fatalf("%T", parsed)
	}
	return key
}
