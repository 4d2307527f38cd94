// SPDX-License-Identifier: Apache-2.0

// Package sessiontest has the tests that every example application with logins must pass,
// with any framework and any authentication.
package sessiontest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

const (
	// Page is the application's page.
	Page = "https://app.example.com/"
	// Alice is a file in alice's folder.
	Alice = "https://cdn.example.com/users/alice/report.txt"
	// Bob is a file in bob's folder.
	Bob = "https://cdn.example.com/users/bob/report.txt"
)

// An App is an application at app.example.com. It has a page at / that renews the cookies,
// and a logout at /logout that takes a POST.
type App struct {
	// Handler serves the application.
	Handler http.Handler
	// Share opens the folder of owner to user.
	Share func(owner, user string)
	// Unshare closes it again.
	Unshare func(owner, user string)
	// Login logs user in with the browser c, and returns the last response. Nil: there is
	// a form at /login with a field user.
	Login func(t *testing.T, c *http.Client, user string) *http.Response
	// Logout logs out the user of the browser c. Nil: there is a form at /logout.
	Logout func(t *testing.T, c *http.Client) *http.Response
	// Bearer means that browsers do not send credentials to the application on their own.
	// Then pages of other origins cannot act for a user.
	Bearer bool
}

// Test checks everything that the examples promise about an application. newApp must create
// the application with the signer that it gets.
func Test(t *testing.T, newApp func(t *testing.T, s *sign.Signer) App) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *site)
	}{
		{"login", testLogin},
		{"grants that change", testGrants},
		{"switch of user", testSwitch},
		{"bad user", testBadUser},
		{"cross-origin", testCrossOrigin},
		{"broken key at login", testBrokenLogin},
		{"broken key at renewal", testBrokenRenewal},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newSite(t, newApp)) })
	}
}

// testLogin: a login, a renewal, an expiry and a logout.
func testLogin(t *testing.T, s *site) {
	s.Denied(t, Alice, verify.ErrMissing)

	s.login(t, "alice")
	s.Allowed(t, Alice)
	s.Denied(t, Bob, verify.ErrMissing) // the browser does not send alice's cookies there
	if n := SignedCookies(s.Get(t, Page)); n != 0 {
		t.Errorf("%d cookies were set again", n)
	}

	s.Clock.Advance(50 * time.Minute)
	response := s.Get(t, Page)
	if n := SignedCookies(response); n != 4 {
		t.Errorf("%d cookies were renewed, want 4", n)
	}
	if got := response.Header.Get("Cache-Control"); got != "private, no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	s.Clock.Advance(50 * time.Minute)
	s.Allowed(t, Alice)

	s.Clock.Advance(2 * time.Hour)
	s.Denied(t, Alice, verify.ErrExpired)
	s.Get(t, Page)
	s.Allowed(t, Alice)

	s.logout(t)
	s.Denied(t, Alice, verify.ErrMissing)
	if n := SignedCookies(s.Get(t, Page)); n != 0 {
		t.Errorf("%d cookies were set after the logout", n)
	}
}

// testGrants: a folder that is shared with alice opens at her next page. When it is no
// longer shared, it closes at her next page.
func testGrants(t *testing.T, s *site) {
	s.login(t, "alice")
	s.app.Share("bob", "alice")
	s.Denied(t, Bob, verify.ErrMissing)
	s.Get(t, Page)
	s.Allowed(t, Bob)
	s.Allowed(t, Alice)

	s.app.Unshare("bob", "alice")
	s.Get(t, Page)
	s.Denied(t, Bob, verify.ErrMissing)
	s.Allowed(t, Alice)

	s.app.Share("bob", "alice")
	s.Get(t, Page)
	s.logout(t)
	s.Denied(t, Bob, verify.ErrMissing)
	s.Denied(t, Alice, verify.ErrMissing)
}

// testSwitch: carol logs in after alice in the same browser, and gets none of alice's
// folders.
func testSwitch(t *testing.T, s *site) {
	s.app.Share("bob", "alice")
	s.login(t, "alice")
	s.Allowed(t, Bob)
	s.login(t, "carol")
	s.Denied(t, Bob, verify.ErrMissing)
	s.Denied(t, Alice, verify.ErrMissing)
	s.login(t, "bob")
	s.Allowed(t, Bob)
	s.Denied(t, Alice, verify.ErrMissing)
}

// testBadUser: a name that cannot be a folder opens nothing, and the status is 4xx.
func testBadUser(t *testing.T, s *site) {
	for _, user := range []string{"", ".", "..", "alice/..", `alice\bob`} {
		response := s.tryLogin(t, user)
		if response.StatusCode < 400 || response.StatusCode > 499 {
			t.Errorf("login as %q: status %d, want 4xx", user, response.StatusCode)
		}
		for _, response := range []*http.Response{response, s.Get(t, Page)} {
			if n := SignedCookies(response); n != 0 {
				t.Errorf("%q: %d cookies at %s", user, n, response.Request.URL)
			}
		}
	}
}

// testCrossOrigin: a page on the CDN, which is the same site, cannot log out its visitors.
func testCrossOrigin(t *testing.T, s *site) {
	if s.app.Bearer {
		t.Skip("browsers do not send credentials on their own")
	}
	s.login(t, "alice")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, Page+"logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-site")
	response, err := s.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", response.StatusCode)
	}
	s.Allowed(t, Alice)
}

// testBrokenLogin: if the key fails at login, the status is 503, without cookies.
func testBrokenLogin(t *testing.T, s *site) {
	s.key.broken.Store(true)
	response := s.tryLogin(t, "alice")
	if n := SignedCookies(response); n != 0 || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d cookies, status %d, want 0 and 503", n, response.StatusCode)
	}
	if n := SignedCookies(s.Get(t, Page)); n != 0 {
		t.Errorf("%d cookies at the page", n)
	}
	s.key.broken.Store(false)
	s.login(t, "alice")
	s.Allowed(t, Alice)
}

// testBrokenRenewal: if the key fails at a renewal, the status is 503, and the cookies remain
// valid.
func testBrokenRenewal(t *testing.T, s *site) {
	s.login(t, "alice")
	s.key.broken.Store(true)
	s.Clock.Advance(50 * time.Minute)
	response := s.Get(t, Page)
	if n := SignedCookies(response); n != 0 || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d cookies, status %d, want 0 and 503", n, response.StatusCode)
	}
	s.Allowed(t, Alice)
}

// login logs user in, and fails the test if that is refused.
func (s *site) login(t *testing.T, user string) {
	t.Helper()
	if response := s.tryLogin(t, user); response.StatusCode != http.StatusOK {
		t.Fatalf("login as %q: status %d", user, response.StatusCode)
	}
}

func (s *site) tryLogin(t *testing.T, user string) *http.Response {
	t.Helper()
	if s.app.Login != nil {
		return s.app.Login(t, s.Client, user)
	}
	return Post(t, s.Client, Page+"login", user)
}

// logout logs the user out. It accepts status 401, because a logout may lead to a page for
// users alone.
func (s *site) logout(t *testing.T) {
	t.Helper()
	var response *http.Response
	if s.app.Logout != nil {
		response = s.app.Logout(t, s.Client)
	} else {
		response = Post(t, s.Client, Page+"logout", "")
	}
	if want := []int{http.StatusOK, http.StatusUnauthorized}; !slices.Contains(want, response.StatusCode) {
		t.Errorf("logout: status %d, want one of %v", response.StatusCode, want)
	}
}

// Post sends a form with the name of a user, and returns the last response with a closed
// body.
func Post(t *testing.T, c *http.Client, to, user string) *http.Response {
	t.Helper()
	response, err := c.PostForm(to, url.Values{"user": {user}})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
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
