// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/sign"
)

const (
	arn       = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/demo/0123456789abcdef"
	testKeyID = "01234567-89ab-cdef-0123-456789abcdef"
	login     = "AWSELBAuthSessionCookie-0"
)

// A fakeALB logs users in, as the form at /idp names them, and tells the application
// behind it who they are.
type fakeALB struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	fetches atomic.Int64 // of keys
	app     http.Handler
}

// newFakeALB returns a fake, and what the application knows of it.
func newFakeALB(t *testing.T) (*fakeALB, *balancer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	fake := &fakeALB{t: t, key: key}
	server := httptest.NewServer(http.HandlerFunc(fake.serveKey))
	t.Cleanup(server.Close)
	alb, err := newBalancer(arn)
	if err != nil {
		t.Fatal(err)
	}
	alb.keyURL = server.URL + "/"
	return fake, alb
}

// serveKey answers every ID but one with the key.
func (f *fakeALB) serveKey(w http.ResponseWriter, r *http.Request) {
	f.fetches.Add(1)
	if strings.HasPrefix(r.URL.Path, "/ffffffff") {
		http.NotFound(w, r)
		return
	}
	der, err := x509.MarshalPKIXPublicKey(f.key.Public())
	if err != nil {
		f.t.Error(err)
	}
	pem.Encode(w, &pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// ServeHTTP is the load balancer.
func (f *fakeALB) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/idp" {
		http.SetCookie(w, &http.Cookie{Name: login, Value: url.QueryEscape(r.PostFormValue("user")), Path: "/", Secure: true, HttpOnly: true})
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	r.Header.Del(dataHeader)
	if cookie, err := r.Cookie(login); err == nil {
		user, err := url.QueryUnescape(cookie.Value)
		if err != nil {
			f.t.Error(err)
		}
		r.Header.Set(dataHeader, f.token(header(), map[string]any{"sub": user}))
	}
	f.app.ServeHTTP(w, r)
}

// header returns the header of a good token.
func header() map[string]any {
	return map[string]any{
		"typ": "JWT", "alg": "ES256", "kid": testKeyID, "signer": arn,
		"iss": "https://idp.example.com", "client": "app", "exp": time.Now().Add(2 * time.Minute).Unix(),
	}
}

// token returns a token as load balancers write it: with padding, over which they sign.
func (f *fakeALB) token(header, claims map[string]any) string {
	signed := encode(f.t, header) + "." + encode(f.t, claims)
	hash := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, f.key, hash[:])
	if err != nil {
		f.t.Error(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return signed + "." + base64.URLEncoding.EncodeToString(signature)
}

func encode(t *testing.T, value map[string]any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Error(err)
	}
	return base64.URLEncoding.EncodeToString(text)
}

func TestApp(t *testing.T) {
	sessiontest.Test(t, func(t *testing.T, signer *sign.Signer) sessiontest.App {
		fake, alb := newFakeALB(t)
		app := wiringtest.App(t, signer, func(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
			return newApp(signer, folders, alb)
		})
		fake.app, app.Handler = app.Handler, fake
		app.Login = func(t *testing.T, c *http.Client, user string) *http.Response {
			t.Helper()
			return sessiontest.Post(t, c, sessiontest.Page+"idp", user)
		}
		return app
	})
}

func TestTokens(t *testing.T) {
	with := func(name string, value any) map[string]any {
		h := header()
		h[name] = value
		if value == nil {
			delete(h, name)
		}
		return h
	}
	past := time.Now().Add(-time.Second).Unix()
	tests := []struct {
		name   string
		header map[string]any
		claims map[string]any // besides the subject
		change func(token string) string
		ok     bool
		reason string
	}{
		{name: "good", ok: true, reason: "the other rows change this one"},
		{name: "another signer", header: with("signer", arn+"0"), reason: "anybody can have a load balancer"},
		{name: "no signer", header: with("signer", nil), reason: "it must be there"},
		{name: "expired", header: with("exp", past), reason: "a copy of the header must not work for ever"},
		{name: "no expiry", header: with("exp", nil), reason: "AWS writes it into the header"},
		{name: "expired in the claims, too", claims: map[string]any{"exp": past}, reason: "both are checked"},
		{name: "none", header: with("alg", "none"), change: func(token string) string { return token[:strings.LastIndex(token, ".")+1] }, reason: "an unsigned token is no token"},
		{name: "HS256", header: with("alg", "HS256"), reason: "the public key would be the secret"},
		{name: "ID that is a path", header: with("kid", "../"+testKeyID), reason: "it becomes a part of a URL"},
		{name: "unknown key", header: with("kid", "ffffffff-89ab-cdef-0123-456789abcdef"), reason: "the server answers 404"},
		{name: "no header", change: func(string) string { return "" }, reason: "somebody went around the load balancer"},
		{name: "without padding", change: func(token string) string { return strings.ReplaceAll(token, "=", "") }, reason: "the signature is over the padding"},
		{name: "other claims", change: func(token string) string {
			part := strings.Split(token, ".")
			return part[0] + "." + encode(t, map[string]any{"sub": "bob"}) + "." + part[2]
		}, reason: "the signature is over the claims"},
	}
	fake, alb := newFakeALB(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.header == nil {
				tt.header = header()
			}
			claims := map[string]any{"sub": "al"} // a length that needs padding
			maps.Copy(claims, tt.claims)
			token := fake.token(tt.header, claims)
			if !strings.Contains(token, "=") {
				t.Fatal("the token has no padding")
			}
			if tt.change != nil {
				token = tt.change(token)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, sessiontest.Page, nil)
			r.Header.Set(dataHeader, token)
			user, err := alb.user(r)
			if tt.ok != (err == nil) || tt.ok != (user == "al") {
				t.Errorf("%q, %v, but %s", user, err, tt.reason)
			}
		})
	}
}

// TestKeysAreKept: a key is fetched once, and no more than a few are kept.
func TestKeysAreKept(t *testing.T) {
	fake, alb := newFakeALB(t)
	see := func(n int) {
		h := header()
		h["kid"] = fmt.Sprintf("%08d%s", n, testKeyID[8:])
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, sessiontest.Page, nil)
		r.Header.Set(dataHeader, fake.token(h, map[string]any{"sub": "alice"}))
		if _, err := alb.user(r); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		for n := range mostKeys {
			see(n)
		}
	}
	if n := fake.fetches.Load(); n != mostKeys {
		t.Errorf("%d keys were fetched, want %d", n, mostKeys)
	}
	for n := range 10 * mostKeys {
		see(n)
		if len(alb.keys) > mostKeys {
			t.Fatalf("%d keys are kept, want at most %d", len(alb.keys), mostKeys)
		}
	}
}

// TestHealth: health checks come without a login.
func TestHealth(t *testing.T) {
	_, alb := newFakeALB(t)
	site := sessiontest.NewSite(t, func(t *testing.T, signer *sign.Signer) sessiontest.App {
		return wiringtest.App(t, signer, func(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
			return newApp(signer, folders, alb)
		})
	})
	for path, want := range map[string]int{"healthz": http.StatusOK, "": http.StatusUnauthorized, "other": http.StatusUnauthorized} {
		if response := site.Get(t, sessiontest.Page+path); response.StatusCode != want {
			t.Errorf("/%s: status %d, want %d", path, response.StatusCode, want)
		}
	}
}

func TestARN(t *testing.T) {
	tests := map[string]string{
		"":                    "it is required",
		"arn:aws:s3:::bucket": "another service",
		strings.ToUpper(arn):  "ARNs have a case",
		"arn:aws:elasticloadbalancing:evil.example/:1:loadbalancer/app/a/b":  "the region becomes a part of a host name",
		"arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:1:loadbalancer/a": "its keys are elsewhere",
	}
	for text, reason := range tests {
		if _, err := newBalancer(text); err == nil {
			t.Errorf("%q: no error, but %s", text, reason)
		}
	}
}
