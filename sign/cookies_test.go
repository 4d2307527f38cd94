// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"errors"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

func cookieSet(t testing.TB, p policy.Policy) sign.CookieSet {
	t.Helper()
	signed, err := newSigner(t, testkeys.P256(), 0).Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return signed.CookieSet()
}

func TestCookieSetNames(t *testing.T) {
	tests := []struct {
		name   string
		policy policy.Policy
		want   []string
	}{
		{"canned", canned(t, base+"/a"), []string{"CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"}},
		{"custom", custom(t, base+"/*"), []string{"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var names []string
			values := map[string]string{}
			for name, value := range cookieSet(t, tt.policy).All() {
				names = append(names, name)
				values[name] = value
			}
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if values["CloudFront-Hash-Algorithm"] != "SHA256" || values["CloudFront-Key-Pair-Id"] != keyPairID {
				t.Errorf("values: %v", values)
			}
			if tt.policy.IsCanned() && values["CloudFront-Expires"] != "1767290400" {
				t.Errorf("CloudFront-Expires = %q", values["CloudFront-Expires"])
			}
			for range cookieSet(t, tt.policy).All() {
				break // An early end must not panic.
			}
		})
	}
}

func TestCookieDefaults(t *testing.T) {
	cookies, err := cookieSet(t, custom(t, base+"/*")).Cookies(sign.CookieAttributes{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range cookies {
		want := cookie.Name + "=" + cookie.Value + "; Path=/; HttpOnly; Secure; SameSite=Lax"
		if diff := cmp.Diff(want, cookie.String()); diff != "" {
			t.Errorf("the safest attributes, for the session (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(maps.Collect(cookieSet(t, custom(t, base+"/*")).All()), values(cookies)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func values(cookies []*http.Cookie) map[string]string {
	values := map[string]string{}
	for _, cookie := range cookies {
		values[cookie.Name] = cookie.Value
	}
	return values
}

func TestCookieAttributes(t *testing.T) {
	tests := []struct {
		name       string
		resource   string
		attributes sign.CookieAttributes
		want       string
	}{
		{"domain above", base + "/*", sign.CookieAttributes{Domain: "example.com"}, "Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax"},
		{"domain same", base + "/*", sign.CookieAttributes{Domain: "cdn.example.com"}, "Path=/; Domain=cdn.example.com; HttpOnly; Secure; SameSite=Lax"},
		{"domain with port in the resource", base + ":8443/*", sign.CookieAttributes{Domain: "example.com"}, "Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax"},
		{"domain of wildcard host", "https://*.example.com/*", sign.CookieAttributes{Domain: "example.com", AllowWider: true}, "Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax"},
		{"distribution", "https://d111111abcdef8.cloudfront.net/*", sign.CookieAttributes{Domain: "d111111abcdef8.cloudfront.net"}, "Path=/; Domain=d111111abcdef8.cloudfront.net; HttpOnly; Secure; SameSite=Lax"},
		{"address", "https://127.0.0.1:8443/*", sign.CookieAttributes{Domain: "127.0.0.1"}, "Path=/; Domain=127.0.0.1; HttpOnly; Secure; SameSite=Lax"},
		{"path", base + "/u/7/*", sign.CookieAttributes{Path: "/u/7/"}, "Path=/u/7/; HttpOnly; Secure; SameSite=Lax"},
		{"path without slash", base + "/u/7/*", sign.CookieAttributes{Path: "/u/7"}, "Path=/u/7; HttpOnly; Secure; SameSite=Lax"},
		{"path above", base + "/u/7/*", sign.CookieAttributes{Path: "/u"}, "Path=/u; HttpOnly; Secure; SameSite=Lax"},
		{"path of a file", base + "/u/7/a.jpg?x=1", sign.CookieAttributes{Path: "/u/7/a.jpg", AllowWider: true}, "Path=/u/7/a.jpg; HttpOnly; Secure; SameSite=Lax"},
		{"path of a file on several hosts", "https://*.example.com/a", sign.CookieAttributes{Path: "/a", AllowWider: true}, "Path=/a; HttpOnly; Secure; SameSite=Lax"},
		{"path of a file with any query", base + "/a?x=*", sign.CookieAttributes{Path: "/a", AllowWider: true}, "Path=/a; HttpOnly; Secure; SameSite=Lax"},
		{"path encoded", base + "/u/j%C3%BCrgen/*", sign.CookieAttributes{Path: "/u/j%C3%BCrgen/"}, "Path=/u/j%C3%BCrgen/; HttpOnly; Secure; SameSite=Lax"},
		{"every https host, for one", "https://*", sign.CookieAttributes{}, "Path=/; HttpOnly; Secure; SameSite=Lax"},
		{"strict", base + "/*", sign.CookieAttributes{SameSite: http.SameSiteStrictMode}, "Path=/; HttpOnly; Secure; SameSite=Strict"},
		{"none", base + "/*", sign.CookieAttributes{SameSite: http.SameSiteNoneMode}, "Path=/; HttpOnly; Secure; SameSite=None"},
		{"partitioned", base + "/*", sign.CookieAttributes{SameSite: http.SameSiteNoneMode, Partitioned: true}, "Path=/; HttpOnly; Secure; SameSite=None; Partitioned"},
		{"max age", base + "/*", sign.CookieAttributes{MaxAge: time.Hour}, "Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"},
		{"longest path", base + "/" + strings.Repeat("a", 1023) + "/*", sign.CookieAttributes{Path: "/" + strings.Repeat("a", 1023)}, "Path=/" + strings.Repeat("a", 1023) + "; HttpOnly; Secure; SameSite=Lax"},
		{"longest max age", base + "/*", sign.CookieAttributes{MaxAge: 400 * 24 * time.Hour}, "Path=/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax"},
		{"insecure", base + "/*", sign.CookieAttributes{Insecure: true}, "Path=/; HttpOnly; SameSite=Lax"},
		{"insecure http", "http://localhost:8080/*", sign.CookieAttributes{Insecure: true}, "Path=/; HttpOnly; SameSite=Lax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cookies, err := cookieSet(t, custom(t, tt.resource)).Cookies(tt.attributes)
			if err != nil {
				t.Fatal(err)
			}
			cleared, err := sign.ClearCookies(tt.attributes)
			if err != nil {
				t.Fatal(err)
			}
			withoutMaxAge := regexp.MustCompile("Max-Age=[0-9]*; ")
			want := withoutMaxAge.ReplaceAllString(tt.want, "")
			for _, cookie := range cookies {
				_, got, _ := strings.Cut(withoutMaxAge.ReplaceAllString(cookie.String(), ""), "; ")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", cookie.Name, diff)
				}
			}
			removal := strings.NewReplacer("HttpOnly; SameSite=Lax", "Max-Age=0", "HttpOnly; ", "Max-Age=0; ", "HttpOnly", "Max-Age=0", "; SameSite=Lax", "", "; SameSite=Strict", "").Replace(want)
			for _, cookie := range cleared {
				_, got, _ := strings.Cut(cookie.String(), "; ")
				if diff := cmp.Diff(removal, got); diff != "" {
					t.Errorf("removal of %s (-want +got):\n%s", cookie.Name, diff)
				}
			}
			_, got, _ := strings.Cut(cookies[0].String(), "; ")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

// checkCookieError checks the attribute that an error names, and that the text contains
// the advice.
func checkCookieError(t *testing.T, err error, attribute, advice string) {
	t.Helper()
	var refused *sign.CookieError
	if !errors.As(err, &refused) || !errors.Is(err, sign.ErrCookie) || refused.Attribute != attribute || !strings.Contains(err.Error(), advice) {
		t.Errorf("got error %v, want a CookieError for %q that says %q", err, attribute, advice)
		return
	}
	if refused.Problem == "" || refused.Advice == "" {
		t.Errorf("no problem or no advice: %#v", refused)
	}
}

func TestCookieAttributesRefused(t *testing.T) {
	folder := base + "/u/7/*"
	tests := []struct {
		name       string
		resource   string
		attributes sign.CookieAttributes
		attribute  string
		advice     string
		reason     string
	}{
		{"other domain", folder, sign.CookieAttributes{Domain: "example.org"}, "Domain", "cdn.example.com", "the cookies would never reach the CDN"},
		{"sibling", folder, sign.CookieAttributes{Domain: "app.example.com"}, "Domain", "does not cover", "the cookies would never reach the CDN"},
		{"below", folder, sign.CookieAttributes{Domain: "x.cdn.example.com"}, "Domain", "does not cover", "the cookies would never reach the CDN"},
		{"suffix without dot", folder, sign.CookieAttributes{Domain: "n.example.com"}, "Domain", "does not cover", "another host"},
		{"part of wildcard host", "https://*.example.com/*", sign.CookieAttributes{Domain: "a.example.com"}, "Domain", "does not cover", "other hosts would get no cookies"},
		{"any host", "https://*/*", sign.CookieAttributes{Domain: "example.com"}, "Domain", "does not cover", "other hosts would get no cookies"},
		{"any host with suffix", "https://*example.com/*", sign.CookieAttributes{Domain: "example.com"}, "Domain", "does not cover", "evilexample.com would get no cookies"},
		{"part of an address", "https://127.0.0.1/*", sign.CookieAttributes{Domain: "0.0.1"}, "Domain", "DNS name", "addresses have no parents"},
		{"address parent", "https://10.127.0.1/*", sign.CookieAttributes{Domain: "127.0.0.1"}, "Domain", "does not cover", "another address"},
		{"leading dot", folder, sign.CookieAttributes{Domain: ".example.com"}, "Domain", `"example.com"`, "browsers ignore it"},
		{"upper case", folder, sign.CookieAttributes{Domain: "Example.com"}, "Domain", "lower case", "compared with the host"},
		{"trailing dot", folder, sign.CookieAttributes{Domain: "example.com."}, "Domain", "DNS name", "browsers drop it"},
		{"port", base + ":8443/*", sign.CookieAttributes{Domain: "example.com:8443"}, "Domain", "without scheme, port", "net/http would leave it out"},
		{"url", folder, sign.CookieAttributes{Domain: base}, "Domain", "without scheme", "net/http would leave it out"},
		{"path in domain", folder, sign.CookieAttributes{Domain: "example.com/u"}, "Domain", "without scheme", "net/http would leave it out"},
		{"wildcard", folder, sign.CookieAttributes{Domain: "*.example.com"}, "Domain", "wildcard", "net/http would leave it out"},
		{"underscore", "https://a.my_cdn.example.com/*", sign.CookieAttributes{Domain: "my_cdn.example.com"}, "Domain", "DNS name", "net/http would leave it out"},
		{"hyphen first", "https://a.-b.example.com/*", sign.CookieAttributes{Domain: "-b.example.com"}, "Domain", "DNS name", "net/http would leave it out"},
		{"injection", folder, sign.CookieAttributes{Domain: "example.com; Path=/"}, "Domain", "DNS name", "adds an attribute"},
		{"top-level domain", folder, sign.CookieAttributes{Domain: "com"}, "Domain", "one label", "its hosts belong to many owners"},
		{"public suffix", "https://cdn.example.co.uk/*", sign.CookieAttributes{Domain: "co.uk"}, "Domain", "public suffix", "its hosts belong to many owners"},
		{"cloudfront", "https://d111111abcdef8.cloudfront.net/*", sign.CookieAttributes{Domain: "cloudfront.net"}, "Domain", "public suffix", "its hosts belong to many owners"},
		{"cloudfront in china", "https://d111111abcdef8.cloudfront.cn/*", sign.CookieAttributes{Domain: "cloudfront.cn"}, "Domain", "public suffix", "its hosts belong to many owners"},
		{"above a public suffix", "https://name.us-east-1.elb.amazonaws.com/*", sign.CookieAttributes{Domain: "amazonaws.com"}, "Domain", "many owners", "its hosts belong to many owners"},
		{"above another public suffix", "https://cdn.foo.bar.kawasaki.jp/*", sign.CookieAttributes{Domain: "kawasaki.jp"}, "Domain", "many owners", "its hosts belong to many owners"},
		{"above a public suffix, wildcard host", "https://*.name.us-east-1.elb.amazonaws.com/*", sign.CookieAttributes{Domain: "amazonaws.com"}, "Domain", "many owners", "its hosts belong to many owners"},
		{"localhost", "https://localhost/*", sign.CookieAttributes{Domain: "localhost"}, "Domain", "leave Domain empty", "browsers drop it"},

		{"sibling path", folder, sign.CookieAttributes{Path: "/u/8/"}, "Path", "/u/7/", "the cookies would never be sent"},
		{"path below", folder, sign.CookieAttributes{Path: "/u/7/images/"}, "Path", "above it", "other files would get no cookies"},
		{"path of a prefix", base + "/u/7*", sign.CookieAttributes{Path: "/u/7"}, "Path", "above it", "/u/77/ would get no cookies"},
		{"path prefix without slash", base + "/users/*", sign.CookieAttributes{Path: "/user"}, "Path", "above it", "browsers compare whole segments"},
		{"path of a file with slash", base + "/a.jpg", sign.CookieAttributes{Path: "/a.jpg/"}, "Path", "above it", "the file itself would get no cookies"},
		{"path in wildcard", base + "/*", sign.CookieAttributes{Path: "/u/"}, "Path", "above it", "other files would get no cookies"},
		{"path for every host", "https://*", sign.CookieAttributes{Path: "/u/"}, "Path", "above it", "other files would get no cookies"},
		{"path encoding", base + "/u/%2A/*", sign.CookieAttributes{Path: "/u/%2a/"}, "Path", "above it", "browsers compare as written"},
		{"path case", folder, sign.CookieAttributes{Path: "/U/"}, "Path", "above it", "browsers compare as written"},
		{"path with wildcard", folder, sign.CookieAttributes{Path: "/u/*"}, "Path", "/images/", "AWS's sample shows it, but browsers have no wildcards"},
		{"relative path", folder, sign.CookieAttributes{Path: "u/7"}, "Path", "slash", "browsers take their default instead"},
		{"path with query", folder, sign.CookieAttributes{Path: "/?x"}, "Path", "without query", "never sent"},
		{"path with semicolon", folder, sign.CookieAttributes{Path: "/;Domain=evil.example"}, "Path", "percent-encoded", "adds an attribute"},
		{"path with line break", folder, sign.CookieAttributes{Path: "/\r\nSet-Cookie: a=b"}, "Path", "percent-encoded", "adds a header"},
		{"path with unicode", base + "/u/j%C3%BCrgen/*", sign.CookieAttributes{Path: "/u/jürgen/"}, "Path", "/users/j%C3%BCrgen/", "net/http would drop a byte"},
		{"path with dots", folder, sign.CookieAttributes{Path: "/u/../"}, "Path", "percent-encoded", "never sent"},
		{"long path", base + "/" + strings.Repeat("a", 1100) + "/*", sign.CookieAttributes{Path: "/" + strings.Repeat("a", 1100)}, "Path", "1024", "browsers ignore it"},

		{"default mode", folder, sign.CookieAttributes{SameSite: http.SameSiteDefaultMode}, "SameSite", "SameSiteLaxMode", "net/http would leave it out"},
		{"unknown mode", folder, sign.CookieAttributes{SameSite: 9}, "SameSite", "SameSiteLaxMode", "net/http would leave it out"},
		{"negative mode", folder, sign.CookieAttributes{SameSite: -1}, "SameSite", "SameSiteLaxMode", "net/http would leave it out"},
		{"none insecure", folder, sign.CookieAttributes{SameSite: http.SameSiteNoneMode, Insecure: true}, "SameSite", "Insecure false", "browsers drop it"},
		{"partitioned insecure", folder, sign.CookieAttributes{Partitioned: true, Insecure: true}, "Partitioned", "Insecure false", "browsers drop it"},

		{"wildcard host", "https://*.example.com/users/alice/*", sign.CookieAttributes{Domain: "example.com"}, "AllowWider", "other.example/any?.example.com/users/alice/", "the page on signed cookies knows no sections"},
		{"wildcard before the end", base + "/*.mp4", sign.CookieAttributes{}, "AllowWider", "AllowWider", "the page on signed cookies knows no sections"},
		{"exact URL with a query", base + "/a?token=SECRET", sign.CookieAttributes{}, "AllowWider", "question mark", "may be any character"},

		{"negative age", folder, sign.CookieAttributes{MaxAge: -time.Second}, "MaxAge", "ClearCookies", "would delete what was just set"},
		{"fraction of a second", folder, sign.CookieAttributes{MaxAge: time.Millisecond}, "MaxAge", "time.Second", "would become a session cookie"},
		{"fraction", folder, sign.CookieAttributes{MaxAge: time.Hour + time.Millisecond}, "MaxAge", "time.Second", "would be cut"},
		{"long age", folder, sign.CookieAttributes{MaxAge: 400*24*time.Hour + time.Second}, "MaxAge", "400 days", "browsers cut it"},
		{"longest age", folder, sign.CookieAttributes{MaxAge: 1<<63 - 1 - (1<<63-1)%time.Second}, "MaxAge", "400 days", "overflows 32 bits"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cookies, err := cookieSet(t, custom(t, tt.resource)).Cookies(tt.attributes)
			checkCookieError(t, err, tt.attribute, tt.advice)
			if cookies != nil {
				t.Errorf("cookies next to the error, although %s", tt.reason)
			}
			checkCookieError(t, cookieSet(t, custom(t, tt.resource)).Check(tt.attributes), tt.attribute, tt.advice)
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%v has the query", err)
			}
		})
	}
}

// TestCannedCookiesAreNotWider: CloudFront compares the URL of a canned policy, so its
// query has no wildcard.
func TestCannedCookiesAreNotWider(t *testing.T) {
	set := cookieSet(t, canned(t, base+"/a?x=1"))
	if err := set.Check(sign.CookieAttributes{}); err != nil {
		t.Error(err)
	}
	if err := (sign.CookieSet{}).Check(sign.CookieAttributes{}); !errors.Is(err, sign.ErrZeroValue) {
		t.Errorf("the zero CookieSet: %v", err)
	}
}

func TestCookieSchemes(t *testing.T) {
	tests := []struct {
		resource   string
		attributes sign.CookieAttributes
		attribute  string
		advice     string
		reason     string
	}{
		{"*://cdn.example.com/*", sign.CookieAttributes{}, "", "https://", "CloudFront's page on cookies has no such form"},
		{"http*://cdn.example.com/*", sign.CookieAttributes{}, "", "https://", "CloudFront's page on cookies has no such form"},
		{"*", sign.CookieAttributes{}, "", "https://", "CloudFront's page on cookies has no such form"},
		{"http://cdn.example.com/*", sign.CookieAttributes{}, "Insecure", "Insecure", "Secure cookies do not go over http"},
	}
	for _, tt := range tests {
		cookies, err := cookieSet(t, custom(t, tt.resource)).Cookies(tt.attributes)
		checkCookieError(t, err, tt.attribute, tt.advice)
		if cookies != nil {
			t.Errorf("%s: cookies next to the error, although %s", tt.resource, tt.reason)
		}
	}
}

// TestCookiesAgain: attributes that passed once are not checked again, and any others are.
func TestCookiesAgain(t *testing.T) {
	set := cookieSet(t, custom(t, base+"/u/7/*"))
	attributes := sign.CookieAttributes{Path: "/u/7/", MaxAge: time.Hour}
	first, err := set.Cookies(attributes)
	if err != nil {
		t.Fatal(err)
	}
	first[0].Value, first[0].Path = "changed", "/changed"
	for _, tt := range []struct {
		attributes sign.CookieAttributes
		refused    bool
		reason     string
	}{
		{attributes, false, "they were checked"},
		{sign.CookieAttributes{Path: "/u/8/", MaxAge: time.Hour}, true, "another folder"},
		{sign.CookieAttributes{Path: "/u/7/", MaxAge: -time.Hour}, true, "a negative MaxAge"},
		{sign.CookieAttributes{Path: "/u/7/", Domain: "example.org"}, true, "another domain"},
		{sign.CookieAttributes{Path: "/u/7/", Partitioned: true, Insecure: true}, true, "partitioned cookies must be secure"},
		{sign.CookieAttributes{}, false, "the safest ones"},
		{attributes, false, "they were checked earlier"},
	} {
		cookies, err := set.Cookies(tt.attributes)
		if (err != nil) != tt.refused {
			t.Errorf("%+v: %v, although %s", tt.attributes, err, tt.reason)
		}
		if checked := set.Check(tt.attributes); (checked != nil) != tt.refused {
			t.Errorf("%+v: Check returns %v, although %s", tt.attributes, checked, tt.reason)
		}
		if err != nil {
			continue
		}
		want, err := cookieSet(t, custom(t, base+"/u/7/*")).Cookies(tt.attributes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, cookies); diff != "" {
			t.Errorf("%s (-first time +again):\n%s", tt.reason, diff)
		}
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = set.Cookies(attributes) }); n > 4 {
		t.Errorf("%v allocations for the same cookies again", n)
	}
}

func TestCookieSize(t *testing.T) {
	longest := func(n int) ([]*http.Cookie, error) {
		attributes := sign.CookieAttributes{Domain: "example.com", MaxAge: 400 * 24 * time.Hour}
		return cookieSet(t, custom(t, base+"/"+strings.Repeat("a", n)+"/*")).Cookies(attributes)
	}
	n := 2800
	for {
		cookies, err := longest(n)
		if err != nil {
			checkCookieError(t, err, "", "shorten")
			if cookies != nil {
				t.Error("some of the cookies next to the error")
			}
			return
		}
		if got := len(cookies[0].String()); got > 4096 {
			t.Fatalf("a cookie of %d bytes", got)
		}
		n++
	}
}

// TestLongestCookie: a cookie has 4,096 bytes at most, with its attributes.
func TestLongestCookie(t *testing.T) {
	for n := 2800; n < 3100; n++ {
		set := cookieSet(t, custom(t, base+"/"+strings.Repeat("a", n)+"/*"))
		cookies, err := set.Cookies(sign.CookieAttributes{MaxAge: time.Second})
		if err != nil {
			return
		}
		const digits = 8 // of the longest MaxAge
		for more, age := 0, time.Second; more < digits; more, age = more+1, age*10 {
			size := len(cookies[0].String()) + more
			if err := set.Check(sign.CookieAttributes{MaxAge: age}); (err == nil) != (size <= 4096) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
	}
	t.Error("no cookie was too long")
}

func TestClearCookies(t *testing.T) {
	attributes := sign.CookieAttributes{Domain: "example.com", Path: "/u/7/", SameSite: http.SameSiteNoneMode, Partitioned: true, MaxAge: time.Hour}
	cookies, err := sign.ClearCookies(attributes)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, cookie := range cookies {
		got = append(got, cookie.String())
	}
	const rest = "=; Path=/u/7/; Domain=example.com; Max-Age=0; Secure; SameSite=None; Partitioned"
	want := []string{
		"CloudFront-Policy" + rest, "CloudFront-Expires" + rest, "CloudFront-Signature" + rest,
		"CloudFront-Key-Pair-Id" + rest, "CloudFront-Hash-Algorithm" + rest,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClearCookiesRefuses(t *testing.T) {
	tests := []struct {
		name       string
		attributes sign.CookieAttributes
		attribute  string
	}{
		{"public suffix", sign.CookieAttributes{Domain: "co.uk"}, "Domain"},
		{"domain", sign.CookieAttributes{Domain: "https://example.com"}, "Domain"},
		{"path", sign.CookieAttributes{Path: "/a;b"}, "Path"},
		{"wildcard", sign.CookieAttributes{Path: "/*"}, "Path"},
		{"same site", sign.CookieAttributes{SameSite: http.SameSiteDefaultMode}, "SameSite"},
		{"partitioned", sign.CookieAttributes{Partitioned: true, Insecure: true}, "Partitioned"},
		{"max age", sign.CookieAttributes{MaxAge: -1}, "MaxAge"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cookies, err := sign.ClearCookies(tt.attributes)
			checkCookieError(t, err, tt.attribute, "")
			if cookies != nil {
				t.Error("cookies next to the error")
			}
		})
	}
}

// TestCookiesReachTheCDN sets cookies on a sibling of the CDN's host and asks a
// cookie jar, which follows the browsers' rules, what it sends to the CDN.
func TestCookiesReachTheCDN(t *testing.T) {
	tests := []struct {
		resource, covered string
		attributes        sign.CookieAttributes
		reason            string
	}{
		{base + "/*", base + "/a/b.jpg", sign.CookieAttributes{Domain: "example.com"}, "the usual one"},
		{base + "/u/7/*", base + "/u/7/", sign.CookieAttributes{Domain: "example.com", Path: "/u/7"}, "the directory itself"},
		{base + "/u/7/*", base + "/u/7/a?b=1", sign.CookieAttributes{Domain: "example.com", Path: "/u/7/"}, "a file with a query"},
		{base + ":8443/u/7/*", base + ":8443/u/7/a", sign.CookieAttributes{Domain: "example.com"}, "cookies ignore ports"},
		{"https://*.example.com/a", "https://b.example.com/a", sign.CookieAttributes{Domain: "example.com", Path: "/a", AllowWider: true}, "any host below the domain"},
		{base + "/u*", base + "/u7/a", sign.CookieAttributes{Domain: "example.com"}, "a prefix"},
		{base + "/a.jpg", base + "/a.jpg", sign.CookieAttributes{Domain: "example.com", Path: "/a.jpg"}, "one file"},
	}
	for _, tt := range tests {
		t.Run(tt.resource, func(t *testing.T) {
			jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
			if err != nil {
				t.Fatal(err)
			}
			set := cookieSet(t, custom(t, tt.resource))
			cookies, err := set.Cookies(tt.attributes)
			if err != nil {
				t.Fatal(err)
			}
			jar.SetCookies(parseURL(t, "https://app.example.com/login"), cookies)
			if diff := cmp.Diff(maps.Collect(set.All()), values(jar.Cookies(parseURL(t, tt.covered)))); diff != "" {
				t.Errorf("sent to %s, %s (-want +got):\n%s", tt.covered, tt.reason, diff)
			}
			if got := jar.Cookies(parseURL(t, "https://evil.example/")); len(got) != 0 {
				t.Errorf("sent elsewhere: %v", got)
			}
			cleared, err := sign.ClearCookies(tt.attributes)
			if err != nil {
				t.Fatal(err)
			}
			jar.SetCookies(parseURL(t, "https://app.example.com/logout"), cleared)
			if got := jar.Cookies(parseURL(t, tt.covered)); len(got) != 0 {
				t.Errorf("left after the logout: %v", got)
			}
		})
	}
}

func parseURL(t *testing.T, rawURL string) *url.URL {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestCookiesSurviveNetHTTP sends a set through a response and back. Nothing may be
// dropped on the way.
func TestCookiesSurviveNetHTTP(t *testing.T) {
	set := cookieSet(t, custom(t, base+"/u/7/*"))
	cookies, err := set.Cookies(sign.CookieAttributes{Domain: "example.com", Path: "/u/7/"})
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for _, cookie := range cookies {
		header.Add("Set-Cookie", cookie.String())
	}
	received := (&http.Response{Header: header}).Cookies()
	if diff := cmp.Diff(maps.Collect(set.All()), values(received)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, cookie := range received {
		if cookie.Domain != "example.com" || cookie.Path != "/u/7/" || !cookie.Secure || !cookie.HttpOnly {
			t.Errorf("attributes were lost: %s", cookie)
		}
	}
}
