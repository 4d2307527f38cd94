// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
)

func encode(data string) string { return base64.RawURLEncoding.EncodeToString([]byte(data)) }

// marshal returns what a test wrote as a Go value as JSON.
func marshal(t testing.TB, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// draft returns a good access token before it is signed.
func (w *world) draft(t testing.TB) issuer.Draft {
	t.Helper()
	d, err := w.Draft(issuer.UseAccess, "alice")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// withHeader returns a token that the issuer signed under a changed header, from which nil
// takes a member away.
func (w *world) withHeader(t testing.TB, name string, value any) string {
	t.Helper()
	d := w.draft(t)
	d.Header[name] = value
	if value == nil {
		delete(d.Header, name)
	}
	raw, err := w.Sign(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// rs256 signs any header and claims with a key.
func rs256(t testing.TB, k *rsa.PrivateKey, header, claims string) string {
	t.Helper()
	signed := encode(header) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, k, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(string(signature))
}

// genuine signs claims, as they are written, with the issuer's own key for access tokens,
// which is the first that it was given.
func (w *world) genuine(t testing.TB, claims string) string {
	t.Helper()
	return w.genuineHeader(t, marshal(t, w.draft(t).Header), claims)
}

// genuineHeader does so under a header, as it is written.
func (w *world) genuineHeader(t testing.TB, header, claims string) string {
	t.Helper()
	k, err := key(1)
	if err != nil {
		t.Fatal(err)
	}
	return rs256(t, k, header, claims)
}

// hs256 signs a good token with the issuer's public key as the secret of an HMAC: a
// verifier that takes the algorithm from the token and the key from the issuer accepts
// it.
func (w *world) hs256(t testing.TB) string {
	t.Helper()
	k, err := key(1)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	d := w.draft(t)
	d.Header["alg"] = "HS256"
	signed := encode(marshal(t, d.Header)) + "." + encode(marshal(t, d.Claims))
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte(signed))
	return signed + "." + encode(string(mac.Sum(nil)))
}

// claimsWith returns the JSON of good claims with text in front of the first.
func (w *world) claimsWith(t testing.TB, text string) string {
	t.Helper()
	return "{" + text + strings.TrimPrefix(marshal(t, w.draft(t).Claims), "{")
}

// claimsAnd returns the JSON of good claims with text behind the last.
func (w *world) claimsAnd(t testing.TB, text string) string {
	t.Helper()
	return strings.TrimSuffix(marshal(t, w.draft(t).Claims), "}") + text + "}"
}

// part returns a token with one of its three parts replaced.
func part(raw string, i int, replace func(string) string) string {
	parts := strings.Split(raw, ".")
	parts[i] = replace(parts[i])
	return strings.Join(parts, ".")
}

// unknownKid returns a token under the i-th of many keys that the issuer does not have.
// Its signature is worth nothing, which takes less time than to sign so many.
func unknownKid(good string, i int) string {
	return part(good, 0, func(string) string { return encode(fmt.Sprintf(`{"alg":"RS256","kid":"forged %d"}`, i)) })
}
