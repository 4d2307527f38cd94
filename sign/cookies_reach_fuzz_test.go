// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// FuzzCookiesReach: cookies that were given out are sent, by the rules of RFC 6265, with
// every URL that the policy covers, and to no host outside of their Domain. Without
// AllowWider, the wider of CloudFront's readings covers the same URLs.
func FuzzCookiesReach(f *testing.F) {
	f.Add("https://*.example.com/u/*", "example.com", "/u/", "https://a.b.example.com/u/x?y", false, true)
	f.Add("https://a*.example.com:8443/u/*/x", "example.com", "/", "https://ab.example.com:8443/u/x", false, true)
	f.Add("http://192.0.2.1/u", "192.0.2.1", "/u", "http://192.0.2.1/u", true, false)
	f.Add("https://cdn.example.com/*.mp4", "example.com", "/", "https://cdn.example.com/a.mp4", false, false)
	f.Fuzz(func(t *testing.T, pattern, domain, path, rawURL string, insecure, allowWider bool) {
		r, err := policy.PatternAnyHostFromConfig(pattern)
		if err != nil || !r.Matches(rawURL) {
			return
		}
		p, err := policy.Custom(r, policy.Conditions{Expires: expires})
		if err != nil {
			return
		}
		cookies, err := cookieSet(t, p).Cookies(sign.CookieAttributes{Domain: domain, Path: path, Insecure: insecure, AllowWider: allowWider})
		if err != nil {
			return
		}
		if r.Wider() != "" && !allowWider {
			t.Fatalf("cookies for %q, which may cover %q", r, r.Wider())
		}
		u, err := url.Parse(rawURL)
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range cookies {
			if !isSent(cookie, u, rawURL) {
				t.Fatalf("%s is not sent to %s", cookie, rawURL)
			}
		}
	})
}

// isSent reports whether a browser sends the cookie, which a host of its Domain has set.
func isSent(cookie *http.Cookie, u *url.URL, rawURL string) bool {
	host := u.Hostname()
	if cookie.Domain != "" && host != cookie.Domain {
		if _, err := netip.ParseAddr(host); err == nil || !strings.HasSuffix(host, "."+cookie.Domain) {
			return false
		}
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(rawURL, u.Scheme+"://"+u.Host), "?")
	below := strings.HasPrefix(path, cookie.Path) && (strings.HasSuffix(cookie.Path, "/") || strings.HasPrefix(path[len(cookie.Path):], "/"))
	return (path == cookie.Path || below) && (!cookie.Secure || u.Scheme == "https")
}
