// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// legacy puts cookies of other code with the path "/" into the jar.
func (b *browser) legacy(domain, path string) {
	h := http.Header{}
	for _, name := range []string{"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"} {
		h.Add("Set-Cookie", (&http.Cookie{Name: name, Value: "x", Path: path, Domain: domain, Secure: true}).String())
	}
	b.store("app.example.com", h, false)
}

func parent(t testing.TB) session.Grant {
	t.Helper()
	r, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		t.Fatal(err)
	}
	return session.Grant{Resource: r}
}

// TestForeignWithFormer: cookies of other code are removed in the first response with room.
func TestForeignWithFormer(t *testing.T) {
	for budget := 1536; budget <= 3072; budget += 64 {
		former := []sign.CookieAttributes{{Domain: "example.com", Path: "/old/"}, {Domain: "app.example.com", Path: "/older/"}, {Domain: "example.com", Path: "/oldest/"}, {Domain: "example.com", Path: "/oldest1/"}}
		s := newSite(t, session.Options{HeaderBudget: budget, FormerAttributes: former})
		b := &browser{}
		b.legacy("example.com", "/")
		s.grants = longFolders(t, 0, 1, 45)
		b.quiet(t, s)
		if got := b.opens(pathsOf(s.grants)[0]); got != "open" {
			t.Errorf("budget %d: nothing changes any more, and the folder is %q", budget, got)
		}
	}
}

// TestForeignWhileClosing: the same while folders are closed.
func TestForeignWhileClosing(t *testing.T) {
	for budget := 1536; budget <= 3072; budget += 64 {
		s := newSite(t, session.Options{HeaderBudget: budget})
		b := &browser{}
		s.grants = longFolders(t, 0, 10, 45)
		w := httptest.NewRecorder()
		if s.issuer.Renew(w, b.request("app.example.com", "/")) != nil {
			continue
		}
		b.quiet(t, s)
		b.legacy("example.com", "/")
		s.grants = longFolders(t, 10, 3, 45)
		b.quiet(t, s)
		for _, p := range pathsOf(s.grants) {
			if got := b.opens(p); got != "open" {
				t.Errorf("budget %d: nothing changes any more, and a folder is %q", budget, got)
				break
			}
		}
	}
}

// TestForeignAfterError: the same after a response that only closed folders.
func TestForeignAfterError(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	s.grants = longFolders(t, 0, 1, 45)
	b.quiet(t, s)
	b.legacy("example.com", "/")
	s.grants = longFolders(t, 10, 2, 45)
	s.failKey(errors.New("down"))
	w := httptest.NewRecorder()
	if err := s.issuer.Renew(w, b.request("app.example.com", "/page")); err == nil {
		t.Fatal("no error")
	}
	b.store("app.example.com", w.Header(), false)
	s.keyErr.Store(nil)
	s.advance(60e9)
	b.quiet(t, s)
	for _, p := range pathsOf(s.grants) {
		if got := b.opens(p); got != "open" {
			t.Errorf("nothing changes any more, and a folder is %q", got)
		}
	}
}

// TestClearThenIssueFor: a login that clears first, for a viewer without a state.
func TestClearThenIssueFor(t *testing.T) {
	s := newSite(t, session.Options{})
	b := &browser{}
	s.grants = longFolders(t, 0, 7, 45) // a viewer without a state
	w := httptest.NewRecorder()
	r := b.request("app.example.com", "/login")
	if err := errors.Join(s.issuer.Clear(w, r), s.issuer.IssueFor(w, r, longFolders(t, 10, 5, 45)...)); err != nil {
		t.Fatal(err)
	}
	if size := headerSize(w.Header()); size > 3072 {
		t.Errorf("%d bytes of 3072", size)
	}
}

// TestRenewThenFailedIssue: a failed login takes back what Renew has set for the former user.
func TestRenewThenFailedIssue(t *testing.T) {
	alice := longFolders(t, 0, 1, 45)
	for name, login := range map[string]func(s *site, w http.ResponseWriter, r *http.Request) error{
		"key down": func(s *site, w http.ResponseWriter, r *http.Request) error {
			s.failKey(errors.New("down"))
			return s.issuer.IssueFor(w, r, longFolders(t, 10, 1, 45)...)
		},
		"refused": func(s *site, w http.ResponseWriter, r *http.Request) error {
			return s.issuer.IssueFor(w, r, longFolders(t, 10, 11, 45)...)
		},
	} {
		for _, mw := range []bool{false, true} {
			t.Run(fmt.Sprint(name, mw), func(t *testing.T) {
				s := newSite(t, session.Options{})
				b := &browser{}
				s.grants = alice
				w := httptest.NewRecorder()
				r := b.request("app.example.com", "/login")
				var err error
				if mw {
					s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = login(s, w, r) })).ServeHTTP(w, r)
				} else {
					if err := s.issuer.Renew(w, r); err != nil {
						t.Fatal(err)
					}
					err = login(s, w, r)
				}
				if err == nil {
					t.Fatal("no error")
				}
				b.store("app.example.com", w.Header(), false)
				if open := b.openOf(alice); len(open) != 0 {
					t.Errorf("the login of the next user failed with %.60q, and its response opens %v", err, open)
				}
			})
		}
	}
}

// TestNestedToParent: a folder above others replaces them, even with little room.
func TestNestedToParent(t *testing.T) {
	for _, length := range []int{20, 45, 100, 130, 300} {
		for budget := 1536; budget <= 9000; budget += 160 {
			s := newSite(t, session.Options{HeaderBudget: budget})
			b := &browser{}
			s.grants = longFolders(t, 0, 10, length)
			nested := s.grants
			w := httptest.NewRecorder()
			if s.issuer.Renew(w, b.request("app.example.com", "/")) != nil {
				continue
			}
			b.quiet(t, s)
			s.grants = []session.Grant{parent(t)}
			b.quiet(t, s)
			bad := 0
			for _, p := range pathsOf(nested) {
				if b.opens(p) != "open" {
					bad++
				}
			}
			if bad > 0 {
				t.Errorf("length %d, budget %d: nothing changes any more, and %d of 10 folders below the grant are not open", length, budget, bad)
			}
		}
	}
}
