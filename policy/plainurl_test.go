// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/vectors"
	"github.com/cfsign/cfsign/policy"
)

// FuzzBelow compares the short way, for URLs that are plainly below a directory, with the
// checks one by one. A second asterisk changes nothing except that the short way is not taken.
func FuzzBelow(f *testing.F) {
	for _, v := range vectors.Matches(f) {
		if base, ok := strings.CutSuffix(v.Resource, "*"); ok {
			f.Add(base, strings.TrimPrefix(v.URL, base))
		}
	}
	for _, below := range []string{"", ".", "a/.", "a/..", "%2e", "a%20/", "a//b", "?", "?a&&b", "?a&", "?Expires=1", "?%45xpires", "a?b?c", "a*b", "a#b", "?'", "?%zz", "\u00e4", "a%C3%A4b", "%5c..", ";a", "a;/b"} {
		f.Add(host+"/u/", below)
	}
	f.Add("https://", host[len("https://"):]+"/a")
	f.Add("https://", "CDN.example.com/a")
	f.Add("https://bucket.s3.amazonaws.com/", "a")
	f.Add(host+"/a?b=/", "c")
	f.Add(host+"/a?b=/", "c&&d")
	f.Add(host+"/a?b=/", "c&Expires=1")
	f.Fuzz(func(t *testing.T, base, below string) {
		short, err := policy.PatternAnyHostFromConfig(base + "*")
		if err != nil || base == "" { // "*" has a meaning of its own
			return
		}
		long, err := policy.PatternAnyHostFromConfig(base + "**")
		if err != nil {
			t.Fatal(err)
		}
		url := base + below
		if got, want := short.Check(url), long.Check(url); (got == nil) != (want == nil) {
			t.Errorf("%q in %q: %v, one by one %v", url, base, got, want)
		}
		if got, want := short.CheckStrict(url), long.CheckStrict(url); (got == nil) != (want == nil) {
			t.Errorf("%q in %q, to be signed: %v, one by one %v", url, base, got, want)
		}
		if got, want := short.Matches(url), short.Check(url) == nil; got != want {
			t.Errorf("%q in %q: Matches says %t, and Check says %t", url, base, got, want)
		}
	})
}

// TestPlainDocuments: what the constructors refuse is refused in a document as well, however it
// is spelled.
func TestPlainDocuments(t *testing.T) {
	for resource, reason := range map[string]string{
		host + "/users/;/*":     "a servlet container finds every user's folder",
		host + "/users/%20/*":   "Windows finds every user's folder",
		host + "/users/;v=1/*":  "a servlet container finds every user's folder",
		host + "/users/%20;x/*": "both do",
		host + "/users//*":      "many servers find every user's folder",
	} {
		document := `{"Statement":[{"Resource":"` + resource + `","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}`
		for _, spelled := range []string{document, document + " ", strings.ReplaceAll(document, "/*", `\/*`)} {
			if _, err := policy.Parse([]byte(spelled)); !errors.Is(err, policy.Reason("empty_segment")) {
				t.Errorf("%s: %v, although %s", spelled, err, reason)
			}
		}
	}
}

// TestReceivedURL: a URL that a received policy names is not signed if its form is not ours.
func TestReceivedURL(t *testing.T) {
	p, err := policy.Parse([]byte(`{"Statement":[{"Resource":"https://192.0.2.1//a","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Resource().CheckStrict("https://192.0.2.1//a"); err == nil {
		t.Error("a path that begins with two slashes can be signed")
	}
	if !p.Resource().Matches("https://192.0.2.1//a") {
		t.Error("the request is denied")
	}
}

// TestNamesLikeParameters: only the whole name of a signing parameter is one.
func TestNamesLikeParameters(t *testing.T) {
	for query, reserved := range map[string]bool{
		"Expires": true, "Hash-Algorithm=SHA256": true, "a=1&%4bey-Pair-Id=1": true, "Polic%79": true,
		"Expires2=1": false, "Hash-Algorithms=1": false, "Hash-Algorithm%41=1": false, "xPolicy=1": false, "a=Expires": false, "Expire=1": false,
	} {
		_, err := policy.Canned(host+"/a?"+query, future)
		if got := errors.Is(err, policy.Reason("reserved_name")); got != reserved || !reserved && err != nil {
			t.Errorf("%s: %v, want reserved: %t", query, err, reserved)
		}
	}
}

// TestAddresses: an address must be as clients send it.
func TestAddresses(t *testing.T) {
	for name, ok := range map[string]bool{
		"192.0.2.1": true, "0.0.0.0": true, "255.255.255.255": true,
		"1.2.3.256": false, "1.2.3.0256": false, "1.2.3": false, "1.2.3.4.5": false, "1.2.3.04": false, "a.2.3.4": false, "1.2.3.0x4": false,
	} {
		_, err := policy.Canned("https://"+name+"/a", future)
		if got := errors.Is(err, policy.Reason("host")); got == ok || ok && err != nil {
			t.Errorf("%s: %v, want accepted: %t", name, err, ok)
		}
	}
}

// TestMatchesAllocatesNothing: a playlist can have thousands of URLs, all of them invalid.
func TestMatchesAllocatesNothing(t *testing.T) {
	under, err := policy.Under(host+"/users", "7")
	if err != nil {
		t.Fatal(err)
	}
	subdomains, err := policy.Pattern("https://*.example.com/users/7/*")
	if err != nil {
		t.Fatal(err)
	}
	everything, err := policy.PatternAnyHost("*")
	if err != nil {
		t.Fatal(err)
	}
	exact, err := policy.URL(host + "/users/7/a.jpg?width=640")
	if err != nil {
		t.Fatal(err)
	}
	const folder = host + "/users/7/"
	tests := []struct{ url, reason string }{
		{folder + "a.jpg", "covered"},
		{folder + "a.jpg?width=640", "covered"},
		{folder + "j%C3%BCrgen/.hidden", "covered, by the checks one by one"},
		{host + "/users/8/a.jpg", "another folder"},
		{"https://other.example.org/users/7/a.jpg", "another host"},
		{"https://CDN.example.com/users/7/a.jpg", "upper case in the host"},
		{"https://a..example.com/users/7/a.jpg", "an empty label"},
		{"https://" + strings.Repeat("a", 64) + ".example.com/users/7/a.jpg", "a long label"},
		{"https://cdn.example.com:443/users/7/a.jpg", "the default port"},
		{"https://cdn.example.com:99999/users/7/a.jpg", "no port"},
		{"https://1.2.3.400/users/7/a.jpg", "no address"},
		{"https://cdn.example.com", "no path"},
		{"ftp://cdn.example.com/users/7/a.jpg", "another scheme"},
		{"", "empty"},
		{"%%%", "no URL"},
		{folder + "../8/a.jpg", "a dot segment"},
		{folder + "%2e%2e/8/a.jpg", "an encoded dot segment"},
		{folder + strings.Repeat("x", 300) + "/%2e%2e/a.jpg", "a dot segment in a long path"},
		{folder + strings.Repeat("%20", 2000) + "/%2e%2e/a.jpg", "a dot segment in a very long path"},
		{host + "/users/x/7/" + strings.Repeat("%20", 1000) + "/a", "a long path below a pattern"},
		{folder + "a b.jpg", "a space"},
		{folder + "ä.jpg", "not ASCII"},
		{folder + "a%zz.jpg", "an invalid encoding"},
		{folder + "a.jpg#t=1", "a fragment"},
		{folder + "a.jpg?Expires=1", "the parameter of a signature"},
		{folder + "a.jpg?%45xpires=1", "the parameter of a signature, encoded"},
		{folder + "a.jpg?%zz=1", "an invalid encoding in a name"},
		{folder + strings.Repeat("a", 9000), "too long"},
		{host + "/users/x/7/" + strings.Repeat("%20", 3000), "too long, below a pattern"},
	}
	pattern, err := policy.Pattern(host + "/users/*/7/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		url := []byte(tt.url)
		for _, r := range []policy.Resource{under, subdomains, everything, exact, pattern, {}} {
			if n := testing.AllocsPerRun(10, func() { r.MatchesBytes(url) }); n > 0 {
				t.Errorf("%q and %.60q (%s): %v allocations", r, tt.url, tt.reason, n)
			}
			if got, want := r.MatchesBytes(url), r.Check(tt.url) == nil; got != want {
				t.Errorf("%q and %.60q (%s): MatchesBytes says %t, and Check says %t", r, tt.url, tt.reason, got, want)
			}
		}
	}
}
