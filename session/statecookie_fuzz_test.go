// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// FuzzState: with any state cookie from a viewer, no response exceeds the budget, the viewer
// soon has the cookies for its grants and no other cookies of the issuer, and a logout
// removes them in one response.
func FuzzState(f *testing.F) {
	for _, state := range []string{
		"", "2", "2.0.", "2.1.1767201785.0.2174.0.0.0.s/users/alice/", "2.1.1767201785.f7677e0ae4f31c2e.2174.cc92ad6734c257f.1utjat0.0.s1/users/alice/|r2/users/bob/|Oz/users/carol/",
		"2.1.140737488355327.ffffffffffffffff.9223372036.ffffffffffffffff.zzzzzz.99.s/", "2.0.1767201785.0.0.0.0.0." + strings.Repeat("o/a|", 600),
		"2.0.1767201785.0.0.0.0.0.o/" + strings.Repeat("a", 3000), "1.1767203600.0.L2E7IERvbWFpbj1ldmlsCg", "2.0.1.0.0.0.0.0.s/;%20Domain=evil|x/a/|s|o//|o/../|o/a/!1b!2c!3",
		"2.0.1767201785.0.0.0.0.0.o/" + strings.Repeat("a", 900) + "/|o/" + strings.Repeat("b", 900) + "/|o/" + strings.Repeat("c", 900) + "/",
	} {
		f.Add(state, "", 1)
		f.Add(state, "2.0.1.0.0.0.0.0.o/users/dave/", 5)
	}
	former := []sign.CookieAttributes{{Domain: "example.com", Path: "/old/"}, {Domain: "cdn.example.com"}}
	f.Fuzz(func(t *testing.T, state, second string, folders int) {
		for _, o := range []session.Options{{}, {FormerAttributes: former, HintCookie: "until"}} {
			s := newSite(t, o)
			var want []string
			s.grants, want = uuids(t, 0, max(1, folders%11))
			s.jar["__Host-cfsign /"] = &http.Cookie{Name: "__Host-cfsign", Value: strings.Map(printable, state), Path: "/"}
			s.jar["sent first"] = &http.Cookie{Name: "__Host-cfsign", Value: strings.Map(printable, second), Path: "/"}
			check := func(method func(http.ResponseWriter, *http.Request) error) int {
				t.Helper()
				w := httptest.NewRecorder()
				if err := method(w, s.request()); err != nil {
					t.Fatal(err)
				}
				delete(s.jar, "sent first")
				s.keep(w.Result().Cookies())
				size := headerSize(w.Header())
				if size > 3072 {
					t.Fatalf("%d bytes", size)
				}
				return size
			}
			responses := 0
			for ; check(s.issuer.Renew) > 0; responses++ {
				if responses == 60 {
					t.Fatal("cookies are set forever")
				}
			}
			if diff := cmp.Diff(want, s.signedPaths(t)); diff != "" {
				t.Fatalf("folders (-want +got):\n%s", diff)
			}
			check(s.issuer.Clear)
			if open := s.open(); len(open) != 0 {
				t.Fatalf("after the logout %v is open", open)
			}
		}
	})
}

// printable drops characters that browsers do not store in a cookie.
func printable(r rune) rune {
	if r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) {
		return -1
	}
	return r
}
