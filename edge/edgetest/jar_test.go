// SPDX-License-Identifier: Apache-2.0

package edgetest_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// setter is an application that sets the cookies in the query parameter set, in the order that
// they have there.
func setter(w http.ResponseWriter, r *http.Request) {
	for _, line := range r.URL.Query()["set"] {
		w.Header().Add("Set-Cookie", line)
	}
}

// set makes the viewer fetch cookies from a page.
func set(t testing.TB, cdn *edgetest.Server, page string, lines ...string) {
	t.Helper()
	cdn.Get(t, page+"?"+url.Values{"set": lines}.Encode())
}

// cookiesAt returns the cookies that a viewer sends.
func cookiesAt(t *testing.T, v *edgetest.Viewer, rawURL string) []string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	sent := []string{}
	for _, c := range v.Client.Jar.Cookies(u) {
		sent = append(sent, c.Name+"="+c.Value)
	}
	return sent
}

// TestUnsentCookies: a failure names the signed cookies that the viewer has not sent, and why.
func TestUnsentCookies(t *testing.T) {
	const page = "https://app.example.com/auth/login"
	for _, tt := range []struct {
		name, reason string
		set          []string
		after        time.Duration
		url          string
		want         []string
	}{
		{
			"another path", "the path of the cookies is narrower than the user expects",
			[]string{"CloudFront-Policy=SECRET; Domain=example.com; Path=/u/7/", "CloudFront-Signature=SECRET; Domain=example.com; Path=/u/7/"},
			0, "https://cdn.example.com/u/8/a.txt",
			[]string{"not sent: CloudFront-Policy, CloudFront-Signature for /u/7/ on example.com: the path of the request is /u/8/a.txt\n"},
		},
		{
			"two paths", "each set is named",
			[]string{"CloudFront-Policy=SECRET; Domain=example.com; Path=/u/7", "CloudFront-Policy=SECRET; Domain=example.com; Path=/u/9/"},
			0, "https://cdn.example.com/u/77",
			[]string{"for /u/7 on example.com: the path", "for /u/9/ on example.com: the path"},
		},
		{
			"no Domain", "the application's host alone gets them",
			[]string{"CloudFront-Policy=SECRET; Path=/"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"for / on app.example.com, without a Domain: the host of the request is cdn.example.com\n"},
		},
		{
			"another host", "the Domain does not cover the distribution",
			[]string{"CloudFront-Policy=SECRET; Path=/; Domain=.App.example.com"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"for / on app.example.com: the host of the request is cdn.example.com\n"},
		},
		{
			"expired", "Max-Age follows the clock",
			[]string{"CloudFront-Policy=SECRET; Path=/; Domain=example.com; Max-Age=3600"},
			2 * time.Hour, "https://cdn.example.com/u/7/a.txt",
			[]string{"for / on example.com: they expired at 20", "Z on Server.Clock\n"},
		},
		{
			"removed", "a page after the login takes them away",
			[]string{"CloudFront-Policy=SECRET; Path=/; Domain=example.com", "CloudFront-Policy=; Path=/; Domain=example.com; Max-Age=0"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"for / on example.com: a response from app.example.com/auth/login removed them\n"},
		},
		{
			"Secure", "the request is not",
			[]string{"CloudFront-Policy=SECRET; Path=/; Domain=example.com; Secure"},
			0, "http://cdn.example.com/open",
			[]string{"for / on example.com: they are Secure, and the request is not\n"},
		},
		{
			"default path", "a cookie without a Path has the folder of the page",
			[]string{"CloudFront-Policy=SECRET; Domain=example.com; Path="},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"for /auth on example.com: the path of the request is /u/7/a.txt\n"},
		},
		{
			"relative path", "a Path that does not begin with a slash is none",
			[]string{"CloudFront-Policy=SECRET; Domain=example.com; Path=u"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"for /auth on example.com: the path of the request is /u/7/a.txt\n"},
		},
		{
			"another spelling of the path", "browsers compare the path as the request writes it",
			[]string{"CloudFront-Policy=SECRET; Domain=example.com; Path=/u/A%40example.com/"},
			0, "https://cdn.example.com/u/A@example.com/a.txt",
			[]string{"for /u/A%40example.com/ on example.com: the path of the request is /u/A@example.com/a.txt\n"},
		},
		{
			"another cookie that browsers drop", "the login does not work, so nothing is signed",
			[]string{"__Host-session=SECRET; Path=/; Secure; Domain=example.com", "theme=dark; Path=/"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{
				"not sent: no response has set signed cookies\n",
				"not sent: __Host-session for / on example.com: browsers drop these cookies of https://app.example.com/auth/login, because __Host- allows no Domain\n",
			},
		},
		{
			"another cookie of a wrong Domain", "the login does not work, so nothing is signed",
			[]string{"session=SECRET; Path=/; Secure; Domain=example.org"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"not sent: session for / on example.org: browsers drop these cookies of https://app.example.com/auth/login, because app.example.com is not below this Domain\n"},
		},
		{
			"other cookies", "the login worked, and nothing was signed",
			[]string{"session=SECRET; Path=/"},
			0, "https://cdn.example.com/u/7/a.txt",
			[]string{"not sent: no response has set signed cookies\n"},
		},
		{
			"none", "the login failed, or is at another path", nil, 0, "https://cdn.example.com/u/7/a.txt",
			[]string{"not sent: no response has set a cookie\nbefore: GET https://app.example.com/auth/login answered 200 OK\n"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cdn := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: files, ViewerProtocolPolicy: edge.AllowAll}})
			cdn.Handle("app.example.com", http.HandlerFunc(setter))
			set(t, cdn, page, tt.set...)
			cdn.Clock.Advance(tt.after)
			failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, tt.url) })
			for _, want := range tt.want {
				if !strings.Contains(failed, want) {
					t.Errorf("%s: failed with %q, want %q in it", tt.reason, failed, want)
				}
			}
			if strings.Contains(failed, "SECRET") {
				t.Errorf("%s: failed with %q", tt.reason, failed)
			}
			denied := failureOf(t, func(t testing.TB) { cdn.Denied(t, tt.url, verify.ErrExpired) })
			if !strings.Contains(denied, "not sent: ") {
				t.Errorf("Denied failed with %q", denied)
			}
			if failed := failureOf(t, func(t testing.TB) { cdn.Denied(t, tt.url, verify.ErrMissing) }); failed != "" {
				t.Errorf("the cookies were sent: %q", failed)
			}
		})
	}
}

// TestDroppedCookies: a viewer drops what browsers drop, and a failure names the rule.
func TestDroppedCookies(t *testing.T) {
	const https, plain, local = "https://app.example.com/a%2Fb/login", "http://app.example.com/a%2Fb/login", "http://app.localhost/login"
	for _, tt := range []struct{ page, name, attributes, rule string }{
		{https, "CloudFront-Policy", "; Secure; SameSite=None; Partitioned", ""},
		{plain, "CloudFront-Policy", "", ""},
		{plain, "CloudFront-Policy", "; Secure", "Secure needs https"},
		{plain, "CloudFront-Policy", "; Secure; Max-Age=0", "Secure needs https"},
		{local, "CloudFront-Policy", "; Secure", ""},
		{"http://127.0.0.1/", "CloudFront-Policy", "; Secure", ""},
		{"http://localhost/", "CloudFront-Policy", "; Secure", ""},
		{"http://notlocalhost/", "CloudFront-Policy", "; Secure", "Secure needs https"},
		{https, "__Host-session", "; Secure; Path=/", ""},
		{https, "__Host-session", "; Path=/", "__Host- needs Secure"},
		{https, "__Host-session", "; Secure; Path=/; Domain=app.example.com", "__Host- allows no Domain"},
		{https, "__HOST-session", "; Secure; Path=/a", "__Host- needs Path=/"},
		{https, "__Host-session", "; Secure", "__Host- needs Path=/"},
		{"https://app.example.com/", "__Host-session", "; Secure", "__Host- needs Path=/"},
		{https, "__Secure-session", "; Secure; Domain=example.com", ""},
		{https, "__secure-session", "", "__Secure- needs Secure"},
		{https, "__Http-session", "; Secure; HttpOnly; Domain=example.com", ""},
		{https, "__http-session", "; HttpOnly", "__Http- needs Secure"},
		{https, "__Http-session", "; Secure", "__Http- needs HttpOnly"},
		{https, "__Host-Http-session", "; Secure; HttpOnly; Path=/", ""},
		{https, "__host-http-session", "; Secure; Path=/", "__Host-Http- needs HttpOnly"},
		{https, "__Host-Http-session", "; Secure; HttpOnly; Path=/; Domain=app.example.com", "__Host- allows no Domain"},
		{https, "CloudFront-Policy", "; SameSite=None", "SameSite=None needs Secure"},
		{https, "CloudFront-Policy", "; Partitioned", "Partitioned needs Secure"},
		{https, "CloudFront-Policy", "; SameSite=Lax", ""},
		{https, "CloudFront-Policy", strings.Repeat("a", 4096-len("CloudFront-Policy=SECRET")+1), ""},
		{https, "CloudFront-Policy", strings.Repeat("a", 4096-len("CloudFront-Policy=SECRET")+2), "the name and the value have 4097 bytes, and 4096 are the most"},
	} {
		t.Run(tt.page+" "+tt.name+tt.attributes, func(t *testing.T) {
			cdn := edgetest.New(t, files)
			cdn.Update(t, edge.Config{Default: edge.Behavior{Origin: files, ViewerProtocolPolicy: edge.AllowAll}})
			page, err := url.Parse(tt.page)
			if err != nil {
				t.Fatal(err)
			}
			cdn.Handle(page.Host, http.HandlerFunc(setter))
			set(t, cdn, tt.page, tt.name+"=SECRET"+tt.attributes)
			sent := len(cookiesAt(t, cdn.Viewer, tt.page)) == 1
			failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/u/7/a.txt") })
			if sent != (tt.rule == "") {
				t.Errorf("sent: %v", sent)
			}
			if want := "browsers drop these cookies of " + tt.page + ", because " + tt.rule + "\n"; strings.Contains(failed, want) != (tt.rule != "") {
				t.Errorf("failed with %q, want %q in it only if a browser drops the cookie", failed, want)
			}

			// A later cookie that browsers keep ends the matter.
			set(t, cdn, strings.Replace(tt.page, "http:", "https:", 1), tt.name+"=SECRET"+tt.attributes, "CloudFront-Signature=SECRET")
			failed = failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/u/7/a.txt") })
			if strings.Contains(failed, "Secure needs https") || !strings.Contains(failed, "not sent: CloudFront-") {
				t.Errorf("failed with %q", failed)
			}
		})
	}
}

// TestDomains: a failure says why a cookie with this Domain is dropped, or not sent to another host.
// TestJarIsChromium compares the same Domains with Chromium.
func TestDomains(t *testing.T) {
	const notBelow, scheme, port, path, wildcard = "app.example.com is not below this Domain", "a Domain has no scheme", "a Domain has no port", "a Domain has no path", "a Domain has no wildcard: it covers the hosts below it without one"
	const dots, ascii, label = "a Domain has no dot at its end, and at most one at its beginning", "a Domain is ASCII: write it as Punycode", "a Domain has a dot in it"
	const suffix, address = "this Domain is a public suffix, so its hosts belong to many owners", "an IP address is the Domain of its own cookies only"
	for _, tt := range []struct {
		host, domain string
		rule         string // empty: browsers keep the cookie
		reason       string
	}{
		{"app.example.com", "example.com", "", "the host is below it"},
		{"app.example.com", "EXAMPLE.com", "", "the case does not matter"},
		{"app.example.com", ".example.com", "", "the dot at the beginning does not matter"},
		{"app.example.com", " example.com ", "", "spaces around a value do not matter"},
		{"app.example.com", "app.example.com", "", "it is the host"},
		{"app.example.com", "example.com.", dots, "the dot at the end makes another host"},
		{"app.example.com", "..example.com", dots, "browsers ignore one dot"},
		{"app.example.com", ".", dots, "nothing is left without the dot"},
		{"app.example.com", "ample.com", notBelow, "a name ends at a dot"},
		{"app.example.com", "example.org", notBelow, "it belongs to somebody else"},
		{"app.example.com", "cdn.example.com", notBelow, "it is next to the host"},
		{"app.example.com", "x.app.example.com", notBelow, "it is below the host"},
		{"app.example.com", "example .com", notBelow, "it is the name of no host"},
		{"app.example.com", `"example.com"`, notBelow, "quotation marks belong to the value"},
		{"app.example.com", "https://example.com", scheme, "it is an origin"},
		{"app.example.com", "example.com:443", port, "cookies know no ports"},
		{"app.example.com", "example.com/", path, "the path is an attribute of its own"},
		{"app.example.com", "*.example.com", wildcard, "certificates have wildcards, and cookies do not"},
		{"app.example.com", "exämple.com", ascii, "hosts in requests are ASCII"},
		{"app.example.com", "com", label, "it is a registry"},
		{"app.example.com", "127.0.0.1", address, "a name is below no address"},
		{"app.example.co.uk", "co.uk", suffix, "it is a registry"},
		{"app.github.io", "github.io", suffix, "users have the hosts below"},
		{"github.io", "github.io", "", "a public suffix can have cookies of its own"},
		{"localhost", "localhost", "", "so can a host of one label"},
		{"app.localhost", "localhost", label, "but the hosts below it cannot set them"},
		{"127.0.0.1", "127.0.0.1", "", "it is the host"},
		{"127.0.0.1", ".127.0.0.1", "", "the dot at the beginning does not matter"},
		{"127.0.0.1", "0.0.1", address, "nothing is above an address"},
		{"127.0.0.1", "1", address, "nothing is above an address"},
		{"127.0.0.1", "example.com", address, "an address is below no name"},
		{"[::1]", "[::1]", "", "it is the host"},
		{"[::1]", "[::2]", address, "it is another address"},
	} {
		t.Run(tt.host+" "+tt.domain, func(t *testing.T) {
			cdn := edgetest.New(t, files)
			cdn.Handle(tt.host, http.HandlerFunc(setter))
			page := "https://" + tt.host + "/login"
			set(t, cdn, page, "CloudFront-Policy=SECRET; Path=/; Domain="+tt.domain)
			failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://other.example.net/a.txt") })
			want := "the host of the request is other.example.net\n"
			if tt.rule != "" {
				want = "browsers drop these cookies of " + page + ", because " + tt.rule + "\n"
			}
			if !strings.HasSuffix(failed, want) || !strings.Contains(failed, "not sent: CloudFront-Policy for / on ") || tt.rule != "" && strings.Contains(failed, " alone: ") {
				t.Errorf("%s: failed with %q, want %q at its end", tt.reason, failed, want)
			}
			if got := len(cookiesAt(t, cdn.Viewer, page)); (got == 1) != (tt.rule == "") {
				t.Errorf("%s: the host gets %d cookies", tt.reason, got)
			}
			set(t, cdn, page, "CloudFront-Policy=; Max-Age=0; Path=/; Domain="+tt.domain)
			if got := cookiesAt(t, cdn.Viewer, page); len(got) > 0 {
				t.Errorf("%s: the cookie is removed, and sent: %v", tt.reason, got)
			}
		})
	}
}

// TestDroppedByTwoHosts: two applications have the same mistake, and the failure names both until each
// has fixed it.
func TestDroppedByTwoHosts(t *testing.T) {
	const line, rule = "session=SECRET; Path=/; Domain=example.com; SameSite=None", ", because SameSite=None needs Secure\n"
	cdn := edgetest.New(t, files)
	for _, host := range []string{"app.example.com", "www.example.com"} {
		cdn.Handle(host, http.HandlerFunc(setter))
		set(t, cdn, "https://"+host+"/", line)
	}
	named := func() (app, www bool) {
		failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/a.txt") })
		return strings.Contains(failed, "of https://app.example.com/"+rule), strings.Contains(failed, "of https://www.example.com/"+rule)
	}
	if app, www := named(); !app || !www {
		t.Errorf("app is named: %v, www is named: %v", app, www)
	}
	set(t, cdn, "https://app.example.com/", line+"; Secure")
	if app, www := named(); app || !www {
		t.Errorf("app has fixed it, and is named: %v, www is named: %v", app, www)
	}
}

// TestDomainOfOneHost: a cookie of a public suffix or an address has no other hosts, and the failure
// says so.
func TestDomainOfOneHost(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("github.io", http.HandlerFunc(setter))
	set(t, cdn, "https://github.io/", "CloudFront-Policy=SECRET; Path=/; Domain=github.io")
	failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://app.github.io/a.txt") })
	if want := "for / on github.io alone: the host of the request is app.github.io\n"; !strings.HasSuffix(failed, want) {
		t.Errorf("failed with %q, want %q at its end", failed, want)
	}
}

// TestUnreadableCookies: net/http drops lines that browsers keep, and the failure says so. What looks
// like a name is not repeated if it is none.
func TestUnreadableCookies(t *testing.T) {
	const value, name = "Go cannot read the value of these cookies of https://app.example.com/login, although browsers can: encode it, such as in base64\n", "Go cannot read the name of these cookies of https://app.example.com/login\n"
	for _, tt := range []struct{ line, want, reason string }{
		{`session={"user":"SECRET"}; Path=/; Domain=example.com`, "session for / on example.com: " + value, "JSON has quotation marks"},
		{`session=SECRET\; Path=/a`, "session for /a on app.example.com, without a Domain: " + value, "the backslash is not allowed"},
		{"SECRET", "unnamed for / on app.example.com, without a Domain: " + name, "it has no equals sign"},
		{"SECRET SECRET=1; Path=/", "unnamed for / on app.example.com, without a Domain: " + name, "a name has no space"},
	} {
		cdn := edgetest.New(t, files)
		cdn.Handle("app.example.com", http.HandlerFunc(setter))
		set(t, cdn, "https://app.example.com/login", tt.line)
		failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/a.txt") })
		if !strings.Contains(failed, "not sent: no response has set signed cookies\nnot sent: "+tt.want) || strings.Contains(failed, "SECRET") {
			t.Errorf("%s: failed with %q, want %q in it", tt.reason, failed, tt.want)
		}
	}
}

// TestCookiePaths: a viewer compares the path of a request as it is written, as browsers do.
func TestCookiePaths(t *testing.T) {
	for _, tt := range []struct {
		page, cookiePath, url string
		want                  bool
		reason                string
	}{
		{"/", "/users/A%40example.com/", "/users/A%40example.com/a.txt", true, "this is how package policy writes the folder of a mail address"},
		{"/", "/users/A%40example.com/", "/users/A@example.com/a.txt", false, "this is another spelling"},
		{"/", "/users/A@example.com/", "/users/A@example.com/a.txt", true, "the spellings are the same"},
		{"/", "/users/A@example.com/", "/users/A%40example.com/a.txt", false, "this is another spelling"},
		{"/", "/users/a%20b", "/users/a%20b/a.txt", true, "the spellings are the same"},
		{"/", "/users/a%20b", "/users/a%20bc/a.txt", false, "the folder has a longer name"},
		{"/", "/users/jos%C3%A9/", "/users/jos%C3%A9/a.txt", true, "the spellings are the same"},
		{"/", "/users/jos%C3%A9/", "/users/jos%c3%a9/a.txt", false, "the case counts"},
		{"/", "/users/jos%C3%A9/", "/users/josé/a.txt", true, "a browser encodes the letter when it sends the request"},
		{"/u/a%2Fb/page", "", "/u/a%2Fb/other", true, "without a Path, the cookie has the folder of the page"},
		{"/u/a%2Fb/page", "", "/u/a/other", false, "an encoded slash ends no folder"},
		{"", "", "", true, "an empty path is /"},
	} {
		cdn := edgetest.New(t, files)
		cdn.Handle("app.example.com", http.HandlerFunc(setter))
		set(t, cdn, "https://app.example.com"+tt.page, "a=1; Path="+tt.cookiePath)
		if got := len(cookiesAt(t, cdn.Viewer, "https://app.example.com"+tt.url)) == 1; got != tt.want {
			t.Errorf("%s: a cookie of %s for %q is sent to %s: %v", tt.reason, tt.page, tt.cookiePath, tt.url, got)
		}
		set(t, cdn, "https://app.example.com"+tt.page, "a=; Max-Age=0; Path="+tt.cookiePath)
		if got := cookiesAt(t, cdn.Viewer, "https://app.example.com"+tt.url); len(got) != 0 {
			t.Errorf("%s: the cookie is removed, and sent: %v", tt.reason, got)
		}
	}
}

// TestCookiesExpire: cookies follow Server.Clock, and each of them its own end.
func TestCookiesExpire(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("app.example.com", http.HandlerFunc(setter))
	const page = "https://app.example.com/"
	end := cdn.Clock.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat)
	far := cdn.Clock.Now().Add(5000 * 24 * time.Hour).UTC().Format(http.TimeFormat)
	set(t, cdn, page, "session=1", "hour=1; Max-Age=3600", "ever=1; Max-Age=2000000000", "date=1; Expires="+end, "far=1; Expires="+far, "both=1; Max-Age=10800; Expires="+end,
		"renewed=1; Max-Age=3600; Domain=example.com", "renewed=2; Max-Age=86400; Domain=.EXAMPLE.com")
	for _, tt := range []struct {
		later  time.Duration
		want   []string
		reason string
	}{
		{0, []string{"both=1", "date=1", "ever=1", "far=1", "hour=1", "renewed=2", "session=1"}, "all are new"},
		{time.Hour, []string{"both=1", "date=1", "ever=1", "far=1", "renewed=2", "session=1"}, "Max-Age has passed"},
		{time.Hour, []string{"both=1", "ever=1", "far=1", "renewed=2", "session=1"}, "Expires has passed, but Max-Age comes first"},
		{-2 * time.Hour, []string{"both=1", "ever=1", "far=1", "renewed=2", "session=1"}, "what has expired does not come back"},
		{100 * time.Hour, []string{"ever=1", "far=1", "session=1"}, "a day has passed"},
		{400 * 24 * time.Hour, []string{"session=1"}, "no cookie is kept for longer than 400 days, but a browser that stays open keeps session cookies"},
	} {
		cdn.Clock.Advance(tt.later)
		got := cookiesAt(t, cdn.Viewer, page)
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
	set(t, cdn, page, "hour=2; Max-Age=3600")
	if got := cookiesAt(t, cdn.Viewer, page); !slices.Contains(got, "hour=2") {
		t.Errorf("a cookie that has expired cannot be set again: %v", got)
	}
}

// TestDates: a viewer reads the dates that servers write.
func TestDates(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("app.example.com", http.HandlerFunc(setter))
	for _, tt := range []struct{ layout, reason string }{
		{http.TimeFormat, "this is the standard"},
		{"Mon, 2-Jan-06 15:04:05 GMT", "this was the standard of Netscape"},
		{time.RFC850, "HTTP allows it"},
		{time.ANSIC, "C writes it"},
		{"Mon Jan 02 2006 15:04:05 GMT+0000 (UTC)", "JavaScript writes it"},
		{"2006 15:4:5 January 2", "the order does not matter"},
	} {
		for month := time.January; month <= time.December; month++ {
			end := time.Date(2069-int(month), month, 10+int(month), 23, 58, 59, 0, time.UTC)
			cdn.Clock.Set(end.Add(-time.Hour))
			set(t, cdn, "https://app.example.com/", "CloudFront-Policy=SECRET; Path=/; Domain=example.com; Expires="+end.Format(tt.layout))
			cdn.Clock.Set(end)
			failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, "https://cdn.example.com/a.txt") })
			if want := "they expired at " + end.Format(time.RFC3339) + " on Server.Clock\n"; !strings.HasSuffix(failed, want) {
				t.Errorf("%s: %s: failed with %q, want %q at its end", tt.reason, end.Format(tt.layout), failed, want)
			}
		}
	}
}

// FuzzJar: unless the clock is moved, a viewer sends the cookies that the standard library's jar
// sends, in the same order. That jar gets the path as the request writes it, and other names for cookies
// without a Domain, because it takes them for those with the host as their Domain.
func FuzzJar(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0})
	f.Add([]byte{0, 1, 1, 2, 0, 0, 1, 1, 1, 2, 0, 3, 2, 4, 3, 1, 2, 0})
	f.Add([]byte{2, 0, 0, 1, 1, 0, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 2})
	f.Add([]byte{0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0})
	f.Add([]byte{3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 3, 1, 2, 1, 0, 1, 1})
	cdn := edgetest.New(f, files)
	hosts := []string{"app.example.com", "cdn.example.com", "example.com", "app.example.co.uk"}
	domains := []string{"", "example.com", ".App.example.com", "com", "co.uk", "127.0.0.1"}
	const hostOnly = "host-only-"
	paths := []string{"", "/", "/u", "/u/", "/u/7/", "/u/%37/", "/u%2F7/", "u"}
	parse := func(host, path string) *url.URL {
		u, err := url.Parse("https://" + host + path)
		if err != nil {
			f.Fatal(err)
		}
		return u
	}
	last := len(paths) - 1 // the only one that no request can have
	ages := []string{"", "; Max-Age=60", "; Max-Age=0", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"}
	f.Fuzz(func(t *testing.T, data []byte) {
		const fields = 6
		if len(data) > 20*fields {
			return
		}
		v := cdn.NewViewer(netip.MustParseAddr("192.0.2.7"))
		standard, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
		if err != nil {
			t.Fatal(err)
		}
		pick := func(i int, from []string) string { return from[int(data[i])%len(from)] }
		for value := 0; len(data) >= fields; value++ {
			host, page := pick(0, hosts), pick(1, paths[1:last])+"page"
			line := fmt.Sprintf("CloudFront-%c=%d; Domain=%s; Path=%s%s", 'A'+data[2]%2, value, pick(3, domains), pick(4, paths), pick(5, ages))
			response := http.Response{Header: http.Header{"Set-Cookie": {line}}}
			v.Client.Jar.SetCookies(parse(host, page), response.Cookies())
			cookies := response.Cookies()
			if cookies[0].Domain == "" {
				cookies[0].Name = hostOnly + cookies[0].Name
			}
			standard.SetCookies(&url.URL{Scheme: "https", Host: host, Path: page}, cookies)
			data = data[fields:]
		}
		for _, host := range hosts {
			for _, path := range paths[1:last] {
				want := standard.Cookies(&url.URL{Scheme: "https", Host: host, Path: path})
				for _, c := range want {
					c.Name = strings.TrimPrefix(c.Name, hostOnly)
				}
				if diff := cmp.Diff(want, v.Client.Jar.Cookies(parse(host, path))); diff != "" {
					t.Errorf("%s%s (-standard +got):\n%s", host, path, diff)
				}
			}
		}
	})
}

// TestSentCookies: if cookies are sent and should not be, or are the old ones, the failure names the
// responses that have set them, and what has missed them since.
func TestSentCookies(t *testing.T) {
	const file, all = "https://cdn.example.com/u/7/a.txt", "CloudFront-Hash-Algorithm, CloudFront-Key-Pair-Id, CloudFront-Policy, CloudFront-Signature"
	const sent = "\nsent: " + all + " for / on example.com, set by a response from https://app.example.com/login\n"
	const removed = "https://app.example.com/page: the cookies that were sent have another Path or Domain\n"
	const dropped = "not sent: CloudFront-Policy for / on example.com: browsers drop these cookies of https://app.example.com/page, because SameSite=None needs Secure\n"
	denied := func(t testing.TB, cdn *edgetest.Server) { cdn.Denied(t, file, verify.ErrMissing) }
	for _, tt := range []struct {
		name, reason string
		set          []string // after the login
		do           func(t testing.TB, cdn *edgetest.Server)
		want         string
	}{
		{"a logout without cookies", "it has forgotten them", nil, denied, sent},
		{
			"a logout without a Domain", "for browsers, these are other cookies",
			[]string{"CloudFront-Policy=; Path=/; Max-Age=0; Secure", "CloudFront-Signature=; Path=/; Max-Age=0; Secure"},
			denied, sent + "removed: CloudFront-Policy, CloudFront-Signature for / on app.example.com, without a Domain, by a response from " + removed,
		},
		{
			"a logout with another Path", "for browsers, this is another cookie",
			[]string{"CloudFront-Policy=; Path=/u/; Domain=example.com; Max-Age=0"},
			denied, sent + "removed: CloudFront-Policy for /u/ on example.com, by a response from " + removed,
		},
		{
			"a logout that is dropped", "browsers drop removals like other cookies",
			[]string{"CloudFront-Policy=; Path=/; Domain=example.com; Max-Age=0; SameSite=None"},
			denied, sent + dropped,
		},
		{
			"a renewal that is dropped", "the old cookies expire",
			[]string{"CloudFront-Policy=SECRET; Path=/; Domain=example.com; SameSite=None"},
			func(t testing.TB, cdn *edgetest.Server) {
				cdn.Clock.Advance(2 * time.Hour)
				cdn.Allowed(t, file)
			}, sent + dropped,
		},
		{
			"another login", "what happened before does not matter",
			[]string{"CloudFront-Policy=; Path=/; Max-Age=0"},
			func(t testing.TB, cdn *edgetest.Server) {
				cdn.Get(t, "https://app.example.com/login")
				denied(t, cdn)
			}, sent,
		},
		{
			"a careful logout", "it removes what the viewer does not have, too",
			[]string{"CloudFront-Key-Pair-Id=; Path=/; Max-Age=0", "CloudFront-Key-Pair-Id=; Path=/; Max-Age=0; Domain=example.com"},
			func(t testing.TB, cdn *edgetest.Server) {
				set(t, cdn, "https://app.example.com/again", "CloudFront-Key-Pair-Id=; Path=/; Max-Age=0; Domain=example.com")
				cdn.Allowed(t, file)
			},
			"not sent: CloudFront-Key-Pair-Id for / on example.com: a response from app.example.com/page removed them\n",
		},
		{
			"an origin", "it misses a cookie that browsers drop",
			[]string{"CloudFront-Policy=SECRET; Path=/; Domain=example.com; SameSite=None"},
			func(t testing.TB, cdn *edgetest.Server) { cdn.Allowed(t, "https://cdn.example.com/u/none") }, "\n" + dropped,
		},
		{
			"a signed URL", "it needs no cookies", nil,
			func(t testing.TB, cdn *edgetest.Server) {
				cdn.NewViewer(netip.MustParseAddr("192.0.2.1")).Denied(t, cdn.SignedURL(t, file, time.Hour), verify.ErrMissing)
			}, " (in 60 minutes)\n",
		},
		{
			"a signed URL of another host", "the logout does not matter there",
			[]string{"CloudFront-Policy=; Path=/; Max-Age=0"},
			func(t testing.TB, cdn *edgetest.Server) {
				cdn.Denied(t, cdn.SignedURL(t, "https://cdn.example.net/u/7/a.txt", time.Hour), verify.ErrMissing)
			}, " (in 60 minutes)\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cdn := edgetest.New(t, files)
			cdn.Handle("app.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/login" {
					setter(w, r)
					return
				}
				conditions := policy.Conditions{Expires: cdn.Signer.Now().Add(time.Hour)}
				cookies, err := cdn.Signer.Cookies(r.Context(), policy.MustDirectory("https://cdn.example.com/u/"), conditions, sign.CookieAttributes{Domain: "example.com"})
				if err != nil {
					t.Error(err)
				}
				for _, cookie := range cookies {
					http.SetCookie(w, cookie)
				}
			}))
			cdn.PostForm(t, "https://app.example.com/login?token=SECRET", nil)
			set(t, cdn, "https://app.example.com/page", tt.set...)
			got := failureOf(t, func(t testing.TB) { tt.do(t, cdn) })
			if !strings.HasSuffix(got, tt.want) || strings.Contains(got, "SECRET") {
				t.Errorf("%s: failed with %q, want %q at its end", tt.reason, got, tt.want)
			}
		})
	}
}

// TestSentBefore: a failure names the cookies of the request, and not those of its response.
func TestSentBefore(t *testing.T) {
	origin := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "CloudFront-Policy=1; Path=/; Secure; Domain=example.com")
	})
	cdn := edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: origin, OriginRequestPolicy: edge.OriginRequestPolicy{Cookies: []string{"*"}}}})
	for _, tt := range []struct{ file, want, reason string }{
		{"first", " (in 60 minutes)\n", "the viewer has no cookie yet"},
		{"second", "\nsent: CloudFront-Policy for / on example.com, set by a response from https://cdn.example.com/first\n", "the second response replaces the cookie"},
	} {
		link := cdn.SignedURL(t, "https://cdn.example.com/"+tt.file, time.Hour)
		got := failureOf(t, func(t testing.TB) { cdn.Denied(t, link, verify.ErrExpired) })
		if !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: failed with %q, want %q at its end", tt.reason, got, tt.want)
		}
	}
}

// TestHostOnly: a cookie without a Domain is not the cookie with the host as its Domain.
func TestHostOnly(t *testing.T) {
	cdn := edgetest.New(t, files)
	cdn.Handle("example.com", http.HandlerFunc(setter))
	const page, file = "https://example.com/", "https://cdn.example.com/a.txt"
	set(t, cdn, page, "CloudFront-Policy=1; Path=/; Domain=example.com; Secure", "__Host-session=1; Path=/; Domain=example.com; Secure")
	set(t, cdn, page, "CloudFront-Policy=; Path=/; Max-Age=0; Secure")
	if diff := cmp.Diff([]string{"CloudFront-Policy=1"}, cookiesAt(t, cdn.Viewer, file)); diff != "" {
		t.Errorf("a logout without a Domain (-want +got):\n%s", diff)
	}
	set(t, cdn, page, "CloudFront-Policy=2; Path=/; Secure", "__Host-session=2; Path=/; Secure")
	if diff := cmp.Diff([]string{"CloudFront-Policy=1", "CloudFront-Policy=2", "__Host-session=2"}, cookiesAt(t, cdn.Viewer, page)); diff != "" {
		t.Errorf("a login without a Domain (-want +got):\n%s", diff)
	}
	if failed := failureOf(t, func(t testing.TB) { cdn.Allowed(t, file) }); strings.Contains(failed, "browsers drop") {
		t.Errorf("the application has fixed its cookie, and the failure names it: %q", failed)
	}
}
