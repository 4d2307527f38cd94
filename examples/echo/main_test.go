// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const (
	page  = "https://app.example.com/"
	alice = "https://cdn.example.com/users/alice/report.txt"
	bob   = "https://cdn.example.com/users/bob/report.txt"
)

// newSite returns a CDN with the application beside it, which signs with signer, or
// with what the CDN trusts if that is nil.
func newSite(t *testing.T, signer *sign.Signer) *edgetest.Server {
	t.Helper()
	cdn := edgetest.New(t, edge.Bucket(fstest.MapFS{
		"users/alice/report.txt": {Data: []byte("alice's")},
		"users/bob/report.txt":   {Data: []byte("bob's")},
	}))
	if signer == nil {
		signer = cdn.Signer
	}
	app, err := newApp(signer)
	if err != nil {
		t.Fatal(err)
	}
	cdn.Handle("app.example.com", app)
	return cdn
}

// post sends a form, and follows the redirect to the page.
func post(t *testing.T, cdn *edgetest.Server, path, user string, want int) *http.Response {
	t.Helper()
	response, err := cdn.Client.PostForm(page+path, url.Values{"user": {user}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != want {
		t.Errorf("POST /%s as %q: status %d, want %d", path, user, response.StatusCode, want)
	}
	return response
}

// signedCookies returns how many signed cookies a response sets.
func signedCookies(r *http.Response) int {
	n := 0
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, "CloudFront-") && cookie.MaxAge >= 0 {
			n++
		}
	}
	return n
}

// TestLogin is a day of a browser.
func TestLogin(t *testing.T) {
	cdn := newSite(t, nil)
	cdn.Denied(t, alice, verify.ErrMissing)

	post(t, cdn, "login", "alice", http.StatusOK)
	cdn.Allowed(t, alice)
	cdn.Denied(t, bob, verify.ErrMissing) // to where the browser does not send alice's
	if n := signedCookies(cdn.Get(t, page)); n != 0 {
		t.Errorf("%d cookies were set again", n)
	}

	cdn.Clock.Advance(50 * time.Minute)
	response := cdn.Get(t, page)
	if n := signedCookies(response); n != 4 {
		t.Errorf("%d cookies were renewed, want 4", n)
	}
	if got := response.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	cdn.Clock.Advance(50 * time.Minute)
	cdn.Allowed(t, alice)

	cdn.Clock.Advance(2 * time.Hour)
	cdn.Denied(t, alice, verify.ErrExpired)
	cdn.Get(t, page)
	cdn.Allowed(t, alice)

	post(t, cdn, "logout", "", http.StatusOK)
	cdn.Denied(t, alice, verify.ErrMissing)
}

// TestOtherUser: who logs in after another in the same browser gets nothing of theirs.
func TestOtherUser(t *testing.T) {
	cdn := newSite(t, nil)
	post(t, cdn, "login", "alice", http.StatusOK)
	post(t, cdn, "login", "bob", http.StatusOK)
	cdn.Allowed(t, bob)
	cdn.Denied(t, alice, verify.ErrMissing)
}

func TestBadUser(t *testing.T) {
	cdn := newSite(t, nil)
	for _, user := range []string{"", ".", "..", "alice/..", `alice\bob`} {
		if cookies := post(t, cdn, "login", user, http.StatusBadRequest).Cookies(); len(cookies) != 0 {
			t.Errorf("%q: %d cookies were set", user, len(cookies))
		}
	}
}

// TestCrossOrigin: a page on the CDN cannot log its visitors out.
func TestCrossOrigin(t *testing.T) {
	cdn := newSite(t, nil)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page+"logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-site")
	response, err := cdn.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", response.StatusCode)
	}
}

// A brokenKey has a public key and does not sign.
type brokenKey struct{ crypto.Signer }

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is out of order")
}

// TestBrokenKey: the viewer is told, and gets no cookies.
func TestBrokenKey(t *testing.T) {
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.New(edgetest.KeyPairID, brokenKey{key}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cdn := newSite(t, signer)
	if n := signedCookies(post(t, cdn, "login", "alice", http.StatusServiceUnavailable)); n != 0 {
		t.Errorf("%d cookies at login", n)
	}
	response := cdn.Get(t, page)
	if n := signedCookies(response); n != 0 || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d cookies on the page, status %d, want 0 and 503", n, response.StatusCode)
	}
}
