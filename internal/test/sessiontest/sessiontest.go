// SPDX-License-Identifier: Apache-2.0

// Package sessiontest is the suite that every application with logins has to pass,
// whatever its framework and its authentication.
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

// An App is an application at app.example.com: a page at /, which renews the cookies,
// and a logout at /logout, which takes a POST.
type App struct {
	// Handler serves the application.
	Handler http.Handler
	// Share opens the folder of owner to user.
	Share func(owner, user string)
	// Unshare closes it again.
	Unshare func(owner, user string)
	// Login logs user in with the browser c, and returns the last response. Nil: the
	// form at /login has a field for the name.
	Login func(t *testing.T, c *http.Client, user string) *http.Response
	// Logout logs the user of the browser c out. Nil: a form at /logout.
	Logout func(t *testing.T, c *http.Client) *http.Response
	// Bearer says that browsers send no credential to the application by themselves.
	// Pages of other origins can then do nothing in a user's name.
	Bearer bool
}

// Test goes through the application that newApp makes in every way that the examples
// promise. The application signs with the signer that newApp gets.
func Test(t *testing.T, newApp func(t *testing.T, s *sign.Signer) App) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *site)
	}{
		{"login", testLogin},
		{"rights that change", testRights},
		{"switch of user", testSwitch},
		{"bad user", testBadUser},
		{"cross-origin", testCrossOrigin},
		{"broken key at login", testBrokenLogin},
		{"broken key at renewal", testBrokenRenewal},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newSite(t, newApp)) })
	}
}

// testLogin is a day of a browser.
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

// testRights: a folder that is shared with alice opens at her next page, and closes at
// the next one after it is no longer shared.
func testRights(t *testing.T, s *site) {
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

// testSwitch: carol logs in after alice in the same browser, and gets nothing that alice
// had.
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

// testBadUser: a name that is no folder opens nothing, and is the viewer's fault.
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

// testCrossOrigin: a page on the CDN, which is the same site, cannot log its visitors
// out.
func testCrossOrigin(t *testing.T, s *site) {
	if s.app.Bearer {
		t.Skip("browsers send no credential by themselves")
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

// testBrokenLogin: the viewer is told, and gets no cookies.
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

// testBrokenRenewal: the viewer is told, and keeps the cookies while they are valid.
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

// login logs user in, which must succeed.
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

// logout may lead to a page that is for users alone.
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

// Post sends a form with the name of a user, and returns the last response, whose body
// is closed.
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
