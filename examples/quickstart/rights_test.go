// SPDX-License-Identifier: Apache-2.0

package main

import (
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// A visit is a browser without JavaScript on a site.
type visit struct {
	*testing.T
	site    *site
	cookies map[string]*http.Cookie
}

func newVisit(t *testing.T) *visit {
	t.Helper()
	s, err := newSite(testkeys.P256(), "K2QUICKSTART", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	if err != nil {
		t.Fatal(err)
	}
	return &visit{t, s, map[string]*http.Cookie{}}
}

// send sends a request and keeps the cookies of the answer. It returns the status and the words of
// the page.
func (v *visit) send(method, path string, form url.Values) (int, string) {
	v.Helper()
	r := httptest.NewRequestWithContext(v.Context(), method, v.site.app+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html,*/*")
	for _, cookie := range v.cookies {
		r.AddCookie(cookie)
	}
	answer := httptest.NewRecorder()
	v.site.ServeHTTP(answer, r)
	for _, cookie := range answer.Result().Cookies() {
		if v.cookies[cookie.Name] = cookie; cookie.MaxAge < 0 {
			delete(v.cookies, cookie.Name)
		}
	}
	body, _, _ := strings.Cut(answer.Body.String(), "<h2>Decisions")
	if strings.Contains(body, "<b>") {
		v.Error("the name of a user became a tag")
	}
	text := regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`).ReplaceAllString(body, "")
	return answer.Code, html.UnescapeString(strings.Join(strings.Fields(text), " "))
}

func (v *visit) login(user string) (int, string) {
	v.Helper()
	return v.send(http.MethodPost, "/login", url.Values{"user": {user}})
}

// page returns the words of the page.
func (v *visit) page() string {
	v.Helper()
	_, text := v.send(http.MethodGet, "/", nil)
	return text
}

// check looks for texts that must be on the page.
func (v *visit) check(page, reason string, texts ...string) {
	v.Helper()
	for _, want := range texts {
		if !strings.Contains(page, want) {
			v.Errorf("%s: the page does not say %q:\n%s", reason, want, page)
		}
	}
}

// TestPageNamesWhatIsSigned: the name of a user is data, and the page shows what it became.
func TestPageNamesWhatIsSigned(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tt := range []struct{ user, folder, reason string }{
		{"alice", "alice", "a plain name"},
		{"*", "%2A", "not the folders of all users"},
		{"<b>", "%3Cb%3E", "no tag, neither in the page nor in the cookies"},
		{`a b"é`, "a%20b%22%C3%A9", "characters that cookies cannot have"},
		{long, long, "a long name"},
	} {
		v := newVisit(t)
		if status, _ := v.login(tt.user); status != http.StatusSeeOther {
			t.Errorf("%s: status %d", tt.reason, status)
		}
		page := v.page()
		v.check(page, tt.reason, "Logged in as "+tt.user+".", "everything below "+v.site.cdn+"/users/"+tt.folder+"/, until ", "(in 60 minutes). They work now.", "Closed to you: the photo and the report of bob.")
		if opens := strings.Contains(page, "Open to you: the photo and the report of alice."); opens != (tt.user == "alice") {
			t.Errorf("%s: the files of alice are open: %v", tt.reason, opens)
		}
	}
}

// TestPageSaysWhyALoginFailed: with the name, and without changes to the login before.
func TestPageSaysWhyALoginFailed(t *testing.T) {
	for _, tt := range []struct{ user, want, reason string }{
		{"..", `lead to another directory`, "the parent folder"},
		{"a/b", "a slash or backslash", "two segments"},
		{"", `No cookies for the user "": policy: segment 1: it is empty`, "all folders"},
		{strings.Repeat("*", 3000), "accepts URLs of at most 8192", "more than CloudFront accepts"},
		{strings.Repeat("*", 1500), "4096", "more than a browser keeps"},
	} {
		v := newVisit(t)
		v.login("alice")
		status, page := v.login(tt.user)
		if status != http.StatusBadRequest {
			t.Errorf("%s: status %d", tt.reason, status)
		}
		v.check(page, tt.reason, tt.want, "Logged in as alice.", "They work now.")
	}
}

// TestPageKnowsTheClock: what worked before the expiry does not work after it, although the
// browser still has everything.
func TestPageKnowsTheClock(t *testing.T) {
	v := newVisit(t)
	v.check(v.page(), "before the login", "You are not logged in. The browser sends no signed cookies.", "Closed to you: the photo and the report of alice. The edge says: ")
	v.login("alice")
	v.check(v.page(), "after the login", "They work now.", "Open to you: the photo and the report of alice.")
	v.send(http.MethodPost, "/later", nil)
	v.check(v.page(), "an hour later", "Logged in as alice.", "They do not work any more: denied, AccessDenied: expired.", "Closed to you: the photo and the report of alice. The edge says: expired: at ")
	v.login("alice")
	v.check(v.page(), "after the next login", "They work now.", "Open to you: the photo and the report of alice.")
	v.send(http.MethodPost, "/logout", nil)
	v.check(v.page(), "after the logout", "You are not logged in. The browser sends no signed cookies.")
}

// TestPageKnowsAnEarlierRun: a browser keeps the cookies of a run whose key is gone.
func TestPageKnowsAnEarlierRun(t *testing.T) {
	v := newVisit(t)
	v.login("alice")
	other, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	if v.site, err = newSite(other, "K2QUICKSTART", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}); err != nil {
		t.Fatal(err)
	}
	page := v.page()
	v.check(page, "another key", "Logged in as alice.", "the signature does not match.", "from an earlier run")
	if strings.Contains(page, "The signed cookies say") {
		t.Error("the page believes a policy that nobody has signed")
	}
}
