// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// clock stands still before all cases expire.
func clock() time.Time { return time.Unix(firstExpiry-1, 0) }

// ours is what this library makes of the cases.
type ours struct {
	cases   []testCase
	signers map[algorithm]*sign.Signer
	trusted map[string]keys.Set
	// signed are the cases' policies, in their order.
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
		signer, err := sign.New(peer.KeyPairID, a.signer(), sign.Options{Hash: a.hash, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		o.signers[a] = signer
		if o.trusted[a.key], err = keys.NewSet(map[string]crypto.PublicKey{peer.KeyPairID: a.signer().Public()}); err != nil {
			t.Fatal(err)
		}
		o.signed[a] = make([]sign.SignedPolicy, n)
		each(int(n), func(i int) {
			signed, err := o.sign(t, a, o.cases[i].policy)
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

func (o *ours) sign(t *testing.T, a algorithm, p policy.Policy) (sign.SignedPolicy, error) {
	return o.signers[a].Sign(t.Context(), p)
}

// accepts verifies a signed URL, or cookies for a URL.
func (o *ours) accepts(c testCase, a algorithm, rawURL string, cookies map[string]string) error {
	verifier := verify.Verifier{Keys: o.trusted[a.key], AllowSHA1: true, Clock: c.time}
	_, err := verifier.Verify(verify.Request{URL: rawURL, Cookies: httpCookies(cookies), ViewerIP: c.viewer()})
	return err
}

// acceptsCookies verifies cookies for the case's URL and says what is wrong. With a
// policy for any scheme they are refused, because CloudFront's pages differ on that.
func (o *ours) acceptsCookies(c testCase, a algorithm, cookies map[string]string) string {
	err := o.accepts(c, a, c.url, cookies)
	if !c.hasAnyScheme() {
		return errorText(err)
	}
	if !errors.Is(err, verify.ErrAmbiguous) {
		return "a policy for any scheme in cookies: " + errorText(err)
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

// each calls f for 0 to n-1, on all cores.
func each(n int, f func(i int)) {
	var workers sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := worker; i < n; i += runtime.GOMAXPROCS(0) {
				f(i)
			}
		})
	}
	workers.Wait()
}

// otherKeys are a key that CloudFront does not take, and the RSA key in a form that the
// package rsa does not read.
func otherKeys(t *testing.T) map[string][]byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p384(t))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"p384": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "pkcs8": testkeys.RSAPEM(),
	}
}

func p384(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
