// SPDX-License-Identifier: Apache-2.0

// Package sessiontest is the suite that every example with logins has to pass, whatever
// its framework.
package sessiontest

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
	// Page is the application's.
	Page = "https://app.example.com/"
	// Alice is the file of alice.
	Alice = "https://cdn.example.com/users/alice/report.txt"
	// Bob is the file of bob.
	Bob = "https://cdn.example.com/users/bob/report.txt"
)

// An App is an application at app.example.com, with a login for the user named in a
// form.
type App struct {
	// New returns its handler, which signs with signer.
	New func(signer *sign.Signer) (http.Handler, error)
	// OwnCookie is the name of a cookie that the framework gives to everybody, or "".
	OwnCookie string
}

// Test goes through the application in every way that the examples promise.
func Test(t *testing.T, a App) {
	t.Run("login", a.testLogin)
	t.Run("other user", a.testOtherUser)
	t.Run("bad user", a.testBadUser)
	t.Run("cross-origin", a.testCrossOrigin)
	t.Run("broken key", a.testBrokenKey)
}

// newSite returns a CDN with the application beside it.
func (a App) newSite(t *testing.T, signer *sign.Signer) *edgetest.Server {
	t.Helper()
	return NewSite(t, signer, a.New)
}

// NewSite returns a CDN with alice's and bob's files and an application beside it,
// which signs with signer, or with what the CDN trusts if that is nil.
func NewSite(t *testing.T, signer *sign.Signer, newApp func(*sign.Signer) (http.Handler, error)) *edgetest.Server {
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
	response, err := cdn.Client.PostForm(Page+path, url.Values{"user": {user}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != want {
		t.Errorf("POST /%s as %q: status %d, want %d", path, user, response.StatusCode, want)
	}
	return response
}

// SignedCookies returns how many signed cookies a response sets.
func SignedCookies(r *http.Response) int {
	n := 0
	for _, cookie := range r.Cookies() {
		if strings.HasPrefix(cookie.Name, "CloudFront-") && cookie.MaxAge >= 0 {
			n++
		}
	}
	return n
}

// testLogin is a day of a browser.
func (a App) testLogin(t *testing.T) {
	cdn := a.newSite(t, nil)
	cdn.Denied(t, Alice, verify.ErrMissing)

	post(t, cdn, "login", "alice", http.StatusOK)
	cdn.Allowed(t, Alice)
	cdn.Denied(t, Bob, verify.ErrMissing) // to where the browser does not send alice's
	if n := SignedCookies(cdn.Get(t, Page)); n != 0 {
		t.Errorf("%d cookies were set again", n)
	}

	cdn.Clock.Advance(50 * time.Minute)
	response := cdn.Get(t, Page)
	if n := SignedCookies(response); n != 4 {
		t.Errorf("%d cookies were renewed, want 4", n)
	}
	if got := response.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	cdn.Clock.Advance(50 * time.Minute)
	cdn.Allowed(t, Alice)

	cdn.Clock.Advance(2 * time.Hour)
	cdn.Denied(t, Alice, verify.ErrExpired)
	cdn.Get(t, Page)
	cdn.Allowed(t, Alice)

	post(t, cdn, "logout", "", http.StatusOK)
	cdn.Denied(t, Alice, verify.ErrMissing)
}

// testOtherUser: who logs in after another in the same browser gets nothing of theirs.
func (a App) testOtherUser(t *testing.T) {
	cdn := a.newSite(t, nil)
	post(t, cdn, "login", "alice", http.StatusOK)
	post(t, cdn, "login", "bob", http.StatusOK)
	cdn.Allowed(t, Bob)
	cdn.Denied(t, Alice, verify.ErrMissing)
}

func (a App) testBadUser(t *testing.T) {
	cdn := a.newSite(t, nil)
	for _, user := range []string{"", ".", "..", "alice/..", `alice\bob`} {
		for _, cookie := range post(t, cdn, "login", user, http.StatusBadRequest).Cookies() {
			if cookie.Name != a.OwnCookie {
				t.Errorf("%q: the cookie %s was set", user, cookie.Name)
			}
		}
	}
}

// testCrossOrigin: a page on the CDN cannot log its visitors out.
func (a App) testCrossOrigin(t *testing.T) {
	cdn := a.newSite(t, nil)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, Page+"logout", nil)
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

// Sign fails.
func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is out of order")
}

// BrokenSigner returns a signer whose key does not sign.
func BrokenSigner(t *testing.T) *sign.Signer {
	t.Helper()
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.New(edgetest.KeyPairID, brokenKey{key}, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// testBrokenKey: the viewer is told, and gets no cookies.
func (a App) testBrokenKey(t *testing.T) {
	cdn := a.newSite(t, BrokenSigner(t))
	if n := SignedCookies(post(t, cdn, "login", "alice", http.StatusServiceUnavailable)); n != 0 {
		t.Errorf("%d cookies at login", n)
	}
	response := cdn.Get(t, Page)
	if n := SignedCookies(response); n != 0 || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d cookies on the Page, status %d, want 0 and 503", n, response.StatusCode)
	}
}
