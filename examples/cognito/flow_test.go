// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestFlow is what two users do: each sees their own folder, one shares it with the other,
// and ends that.
func TestFlow(t *testing.T) {
	for _, use := range []string{issuer.UseAccess, issuer.UseID} {
		t.Run(use, func(t *testing.T) {
			w := newWorld(t, nil)
			asAlice, asBob := w.token(t, use, "alice", nil), w.token(t, use, "bob", nil)
			viewer := w.NewViewer(netip.MustParseAddr("192.0.2.7"))

			who := decode[profile](t, w.must(t, viewer, http.StatusOK, call{target: "/access/", token: asAlice}))
			email := map[string]string{issuer.UseID: "alice@example.com"}[use]
			want := profile{Sub: alice, Username: "alice", Email: email, TokenUse: use, Expires: who.Expires, Folder: cdn + alice + "/"}
			if diff := cmp.Diff(want, who); diff != "" || !who.Expires.After(w.Clock.Now()) {
				t.Errorf("profile (-want +got):\n%s", diff)
			}

			viewer.Denied(t, cdn+alice+"/report.txt", verify.ErrMissing)
			w.must(t, viewer, http.StatusOK, call{target: "/sign_cookies?request_path=/" + alice + "/", token: asAlice})
			viewer.Allowed(t, cdn+alice+"/report.txt")
			viewer.Allowed(t, cdn+alice+"/2026/a%20b.txt")
			viewer.Denied(t, cdn+bob+"/report.txt", verify.ErrMissing) // the cookies are for her folder alone

			ask := call{target: "/sign_cookies?request_path=/" + bob + "/", token: asAlice}
			link := call{target: "/sign_url?path=/" + bob + "/report.txt", token: asAlice}
			w.must(t, viewer, http.StatusForbidden, ask)
			w.must(t, viewer, http.StatusForbidden, link)
			w.must(t, viewer, http.StatusNoContent, call{method: "PUT", target: "/shares/" + alice, token: asBob})
			w.must(t, viewer, http.StatusOK, ask)
			viewer.Allowed(t, cdn+bob+"/report.txt")
			viewer.Allowed(t, cdn+alice+"/report.txt") // with the cookies from before
			w.must(t, viewer, http.StatusOK, link)
			w.must(t, viewer, http.StatusForbidden, call{target: "/sign_cookies?request_path=/" + alice + "/", token: asBob}) // it is not mutual

			w.must(t, viewer, http.StatusNoContent, call{method: "DELETE", target: "/shares/" + alice, token: asBob})
			w.must(t, viewer, http.StatusForbidden, ask)
			w.must(t, viewer, http.StatusForbidden, link)
			viewer.Allowed(t, cdn+bob+"/report.txt") // what was signed before lasts
			w.Clock.Advance(defaultLifetime + defaultLifetime/4 + 2*time.Second)
			viewer.Denied(t, cdn+bob+"/report.txt", verify.ErrExpired)

			checkSecret(t, w.log.String(), asAlice, asBob)
		})
	}
}

// TestCookies: what is set is what the JSON has, with safe attributes, and in no log.
func TestCookies(t *testing.T) {
	w := newWorld(t, nil)
	asAlice := w.token(t, issuer.UseAccess, "alice", nil)
	got := w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_cookies?request_path=" + alice, token: asAlice})
	body := decode[credentials](t, got)
	set := map[string]string{}
	for _, cookie := range got.Cookies() {
		set[cookie.Name] = cookie.Value
		want := http.Cookie{Name: cookie.Name, Value: cookie.Value, Raw: cookie.Raw, Path: "/" + alice + "/", Domain: "example.com", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
		if diff := cmp.Diff(want, *cookie); diff != "" {
			t.Errorf("cookie (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(set, body.Cookies); diff != "" || len(set) != 4 {
		t.Errorf("cookies and JSON (-set +JSON):\n%s", diff)
	}
	if body.Folder != cdn+alice+"/" || body.Expires.Sub(w.Clock.Now()) < defaultLifetime || body.Expires.Sub(w.Clock.Now()) > defaultLifetime*5/4+time.Second {
		t.Errorf("folder %s, until %v", body.Folder, body.Expires)
	}
	if got.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("Cache-Control is %q", got.Header.Get("Cache-Control"))
	}
	secrets := slices.Collect(maps.Values(set))
	checkOneLine(t, w.log, http.StatusOK, append(secrets, asAlice)...)
}

// TestLink: the URL opens that file, byte for byte, and no other.
func TestLink(t *testing.T) {
	w := newWorld(t, nil)
	asAlice := w.token(t, issuer.UseAccess, "alice", nil)
	tests := []struct{ name, path, want string }{
		{"a file", "/" + alice + "/report.txt", "/report.txt"},
		{"without a slash", alice + "/report.txt", "/report.txt"},
		{"a space", "/" + alice + "/2026/a b.txt", "/2026/a%20b.txt"},
		{"an asterisk is a letter", "/" + alice + "/*", "/%2A"},
		{"a question mark, too", "/" + alice + "/a?b=c", "/a%3Fb%3Dc"},
		{"a percent sign, too", "/" + alice + "/100%", "/100%25"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.log.take()
			got := decode[link](t, w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_url?path=" + url.QueryEscape(tt.path), token: asAlice}))
			base, query, _ := strings.Cut(got.URL, "?")
			if base != cdn+alice+tt.want {
				t.Errorf("got %s", base)
			}
			if values, err := url.ParseQuery(query); err != nil || !values.Has("Expires") || values.Has("Policy") {
				t.Errorf("this is no canned policy: %v", err)
			}
			if expires := got.Expires.Sub(w.Clock.Now()); expires < defaultLifetime || expires > defaultLifetime*5/4+time.Second {
				t.Errorf("valid for %v", expires)
			}
			checkOneLine(t, w.log, http.StatusOK, query, asAlice)
		})
	}
	got := decode[link](t, w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_url?path=/" + alice + "/report.txt", token: asAlice}))
	w.Allowed(t, got.URL)
	w.Denied(t, strings.Replace(got.URL, "report.txt", "2026/a%20b.txt", 1), verify.ErrBadSignature)
}

// TestFormsOfPath: what clients send for a folder.
func TestFormsOfPath(t *testing.T) {
	w := newWorld(t, nil)
	asAlice := w.token(t, issuer.UseAccess, "alice", nil)
	for _, path := range []string{alice, "/" + alice, "/" + alice + "/", alice + "/", "/" + alice + "/*", "/" + alice + "/some/file.jpg", "/" + alice + "/some/folder/"} {
		got := decode[credentials](t, w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_cookies?request_path=" + url.QueryEscape(path), token: asAlice}))
		if got.Folder != cdn+alice+"/" {
			t.Errorf("%s: %s", path, got.Folder)
		}
	}
}

// TestShares: the lists of both sides, and that everything may be repeated.
func TestShares(t *testing.T) {
	w := newWorld(t, nil)
	asAlice, asBob := w.token(t, issuer.UseAccess, "alice", nil), w.token(t, issuer.UseAccess, "bob", nil)
	check := func(token string, want list) {
		t.Helper()
		if diff := cmp.Diff(want, decode[list](t, w.must(t, w.Viewer, http.StatusOK, call{target: "/shares", token: token}))); diff != "" {
			t.Errorf("shares (-want +got):\n%s", diff)
		}
	}
	check(asAlice, list{With: []string{}, From: []string{}})
	for range 2 {
		w.must(t, w.Viewer, http.StatusNoContent, call{method: "PUT", target: "/shares/" + bob, token: asAlice})
	}
	w.must(t, w.Viewer, http.StatusNoContent, call{method: "PUT", target: "/shares/nobody-knows_this_1", token: asAlice})
	check(asAlice, list{With: []string{bob, "nobody-knows_this_1"}, From: []string{}})
	check(asBob, list{With: []string{}, From: []string{alice}})
	w.must(t, w.Viewer, http.StatusNoContent, call{method: "DELETE", target: "/shares/" + alice, token: asBob}) // which is Bob's folder
	check(asBob, list{With: []string{}, From: []string{alice}})
	for range 2 {
		w.must(t, w.Viewer, http.StatusNoContent, call{method: "DELETE", target: "/shares/" + bob, token: asAlice})
	}
	check(asBob, list{With: []string{}, From: []string{}})
}

// TestNoKeyOperation: a request costs none, after the first.
func TestNoKeyOperation(t *testing.T) {
	w := newWorld(t, nil)
	s, err := newService(options{cdn: cdn, cookies: sign.CookieAttributes{Domain: "example.com"}, lifetime: time.Hour, signer: w.Signer, users: w.users, shares: w.store, logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.Handle("app.example.com", s)
	asAlice := w.token(t, issuer.UseAccess, "alice", nil)
	for range 20 {
		w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_cookies?request_path=" + alice, token: asAlice})
		w.must(t, w.Viewer, http.StatusOK, call{target: "/sign_url?path=" + alice + "/report.txt", token: asAlice})
	}
	if stats := s.cache.Stats(); stats.Misses != 2 || stats.Refreshes > 2 || stats.Hits+stats.Waits != 38 {
		t.Errorf("got %+v", stats)
	}
}
