// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // one of CloudFront's hashes
	_ "crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// An algorithm is one of the four pairs of a key and a hash.
type algorithm struct {
	key  string // "rsa", "p256" or "p384"
	hash crypto.Hash
}

// hashes are the names that CloudFront and the peers have for hashes.
var hashes = map[string]crypto.Hash{"SHA1": crypto.SHA1, "SHA256": crypto.SHA256}

// algorithms returns the algorithms of a key. SHA-1 is not available with
// GODEBUG=fips140=only.
func algorithms(key string) []algorithm {
	if fips140.Enforced() {
		return []algorithm{{key, crypto.SHA256}}
	}
	return []algorithm{{key, crypto.SHA1}, {key, crypto.SHA256}}
}

func allAlgorithms() []algorithm { return append(algorithms("rsa"), algorithms("p256")...) }

// skipWithoutSHA1 skips a test whose peer signs SHA-1.
func skipWithoutSHA1(t testing.TB) {
	t.Helper()
	if fips140.Enforced() {
		t.Skip("the peer signs SHA-1, which is not available with GODEBUG=fips140=only")
	}
}

func (a algorithm) hashName() string {
	for name, hash := range hashes {
		if hash == a.hash {
			return name
		}
	}
	return ""
}

// hasTurn reports whether a slow peer signs case i with this hash and not with the other.
func (a algorithm) hasTurn(i int) bool {
	both := algorithms(a.key)
	return both[i%len(both)] == a
}

func (a algorithm) signer(t testing.TB) crypto.Signer {
	t.Helper()
	switch a.key {
	case "rsa":
		return testkeys.RSA()
	case "p256":
		return testkeys.P256()
	}
	return p384(t)
}

// verifies checks a signature with nothing but the standard library.
func (a algorithm) verifies(document, signature []byte) bool {
	h := a.hash.New()
	h.Write(document)
	if a.key == "rsa" {
		return rsa.VerifyPKCS1v15(&testkeys.RSA().PublicKey, a.hash, h.Sum(nil), signature) == nil
	}
	return ecdsa.VerifyASN1(&testkeys.P256().PublicKey, h.Sum(nil), signature)
}

// p384 returns a key of a kind that CloudFront does not take.
func p384(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// otherKeys are a key that CloudFront does not take, and the RSA key in a form that the
// package rsa does not read.
func otherKeys(t testing.TB) map[string][]byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p384(t))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"p384": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "pkcs8": testkeys.RSAPEM(),
	}
}

// clock stands still before all cases expire.
func clock() time.Time { return time.Unix(firstExpiry-1, 0) }

// ours is what this library makes of the cases.
type ours struct {
	cases   []testCase
	signers map[algorithm]*sign.Signer
	trusted map[string]keys.Set // by the name of the key
	// signed are the policies of the cases, in the same order.
	signed map[algorithm][]sign.SignedPolicy
}

// newOurs makes n cases and signs them with all algorithms.
func newOurs(t *testing.T, seed, n uint64) *ours {
	t.Helper()
	o := &ours{signers: map[algorithm]*sign.Signer{}, trusted: map[string]keys.Set{}, signed: map[algorithm][]sign.SignedPolicy{}}
	generator := newGenerator(seed)
	refused := 0
	for range n {
		c, drafts := generator.testCase()
		o.cases = append(o.cases, c)
		refused += drafts
	}
	t.Logf("seed %d: %d cases, and %d drafts that the library refused", seed, n, refused)
	for _, a := range allAlgorithms() {
		key := a.signer(t)
		signer, err := sign.New(peer.KeyPairID, key, sign.Options{Hash: a.hash, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		o.signers[a] = signer
		if o.trusted[a.key], err = keys.NewSet(map[string]crypto.PublicKey{peer.KeyPairID: key.Public()}); err != nil {
			t.Fatal(err)
		}
		o.signed[a] = make([]sign.SignedPolicy, n)
		each(int(n), func(i int) {
			signed, err := signer.Sign(t.Context(), o.cases[i].policy)
			if err != nil {
				t.Errorf("case %d: %v", i, err)
			}
			o.signed[a][i] = signed
		})
	}
	if t.Failed() {
		t.FailNow()
	}
	return o
}

// sign signs a policy that a peer made of case i.
func (t comparison) sign(a algorithm, i int, p policy.Policy) (sign.SignedPolicy, error) {
	if p == t.cases[i].policy {
		return t.signed[a][i], nil
	}
	return t.signers[a].Sign(t.Context(), p)
}

// accepts verifies a signed URL, or cookies for a URL.
func (o *ours) accepts(c testCase, a algorithm, rawURL string, cookies map[string]string) error {
	verifier := verify.Verifier{Keys: o.trusted[a.key], AllowSHA1: true, Clock: c.time}
	_, err := verifier.Verify(verify.Request{URL: rawURL, Cookies: httpCookies(cookies), ViewerIP: c.viewer()})
	return err
}

// acceptsCookies verifies cookies for the URL of the case, and returns what is wrong. It
// wants a refusal of a policy for *://, because CloudFront's pages differ about such a policy
// in cookies. AWS's own signers make cookies for http*://.
func (o *ours) acceptsCookies(c testCase, a algorithm, cookies map[string]string) string {
	err := o.accepts(c, a, c.url, cookies)
	if !strings.HasPrefix(c.resource, "*://") {
		return errorText(err)
	}
	if !errors.Is(err, verify.ErrAmbiguous) {
		return "a policy for *:// in cookies: " + errorText(err)
	}
	return ""
}

func httpCookies(values map[string]string) []*http.Cookie {
	var cookies []*http.Cookie
	for name, value := range values {
		cookies = append(cookies, &http.Cookie{Name: name, Value: value})
	}
	return cookies
}

// cookiesOf returns the names and values of the cookies for a signed policy.
func cookiesOf(signed sign.SignedPolicy) map[string]string {
	return maps.Collect(signed.CookieSet().All())
}
