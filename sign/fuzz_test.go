// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/internal/test/vectors"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// FuzzURL: the emitted URL without the signing parameters is, byte for byte,
// what was signed, also after net/http has sent it.
func FuzzURL(f *testing.F) {
	for _, v := range vectors.URLs(f) {
		f.Add(v.URL, int64(1767290400))
	}
	signer := newSigner(f, testkeys.P256(), 0)
	f.Fuzz(func(t *testing.T, rawURL string, epoch int64) {
		end := time.Unix(epoch, 0)
		signedURL, err := signer.URL(t.Context(), rawURL, end)
		if err != nil {
			if signedURL != "" {
				t.Fatal("a URL next to an error")
			}
			return
		}
		p, err := policy.Canned(rawURL, end)
		if err != nil {
			t.Fatal(err)
		}
		unsigned := withoutSignature(t, signedURL)
		if unsigned != rawURL || p.Resource().String() != rawURL {
			t.Fatalf("%q was signed as %q and came out as %q", rawURL, p.Resource(), unsigned)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, signedURL, nil)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", signedURL, err)
		}
		if sent := request.URL.Scheme + "://" + request.URL.Host + request.URL.RequestURI(); sent != signedURL {
			t.Fatalf("%q is sent as %q", signedURL, sent)
		}
		query, err := url.ParseQuery(signedURL[len(rawURL)+1:])
		if err != nil || !verifies(testkeys.P256().Public(), 5, p.JSON(), decode(t, query.Get("Signature"))) {
			t.Fatalf("the signature of %q does not verify", signedURL)
		}
	})
}

// withoutSignature removes the signing parameters as the edge does: by name,
// wherever they stand.
func withoutSignature(t *testing.T, signedURL string) string {
	t.Helper()
	rawURL, query, _ := strings.Cut(signedURL, "?")
	separator := "?"
	removed := 0
	for parameter := range strings.SplitSeq(query, "&") {
		switch name, _, _ := strings.Cut(parameter, "="); name {
		case "Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm":
			removed++
		default:
			rawURL += separator + parameter
			separator = "&"
		}
	}
	if removed != 4 {
		t.Fatalf("%d signing parameters in %q", removed, signedURL)
	}
	return rawURL
}

// FuzzCookieAttributes: no attribute panics, adds a header or an attribute, or gets lost in
// net/http.
func FuzzCookieAttributes(f *testing.F) {
	f.Add("example.com", "/u/7/", int64(0), 0, false, false)
	f.Add("com", "/;Domain=x", int64(3600), 3, true, true)
	f.Add("example.com\r\nX: y", "/\n", int64(-1), 4, true, false)
	set := cookieSet(f, custom(f, base+"/u/7/*"))
	f.Fuzz(func(t *testing.T, domain, path string, seconds int64, sameSite int, partitioned, insecure bool) {
		attributes := sign.CookieAttributes{
			Domain: domain, Path: path, MaxAge: time.Duration(seconds) * time.Second,
			SameSite: http.SameSite(sameSite), Partitioned: partitioned, Insecure: insecure,
		}
		cookies, err := set.Cookies(attributes)
		if err != nil {
			if cookies != nil {
				t.Fatal("cookies next to an error")
			}
			return
		}
		cleared, err := sign.ClearCookies(attributes)
		if err != nil {
			t.Fatalf("cookies that were set cannot be cleared: %v", err)
		}
		for n, cookie := range append(cookies, cleared...) {
			removes := n >= len(cookies) // A removal has no HttpOnly, and only SameSite=None.
			line := cookie.String()
			received, err := http.ParseSetCookie(line)
			if err != nil || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("%q: %v", line, err)
			}
			wantPath := path
			if path == "" {
				wantPath = "/"
			}
			if received.Value != cookie.Value || received.Domain != domain || received.Path != wantPath ||
				received.Secure == insecure || received.Partitioned != partitioned || received.HttpOnly == removes ||
				(received.SameSite < http.SameSiteLaxMode) != (removes && sameSite != int(http.SameSiteNoneMode)) {
				t.Fatalf("%q lost an attribute of %+v", line, attributes)
			}
		}
	})
}
