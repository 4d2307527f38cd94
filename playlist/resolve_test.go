// SPDX-License-Identifier: Apache-2.0

package playlist_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/playlist"
)

// TestResolve resolves the references of RFC 3986, section 5.4, and more, and compares the
// results with net/url.
func TestResolve(t *testing.T) {
	const base = "http://a/b/c/d;p?q"
	for _, ref := range []string{
		"g", "./g", "g/", "/g", "?y", "g?y", "g#s", "g?y#s", ";x", "g;x", "g;x?y#s", ".", "./", "..", "../", "../g",
		"../..", "../../", "../../g", "/./g", "g.", ".g", "g..", "..g", "./../g", "./g/.", "g/./h", "g/../h",
		"g;x=1/./y", "g;x=1/../y", "g?y/./x", "g?y/../x", "g#s/./x", "//g/h", "http://g/h", "https://g/h?x#y", "a//../b", "a/b/", "a/..",
		"%41/../g", "...", "/", "//g/h/../i", "g?x:y", "./g:h", "g#x:y", "$a$",
	} {
		want := reference(t, base, ref)
		if got, ok := playlist.Resolve(base, ref); got != want || !ok {
			t.Errorf("%q: got %q, %t, want %q", ref, got, ok, want)
		}
	}
}

// reference returns what net/url resolves ref to, without the fragment. It returns "" where
// net/url has no answer: it refuses ref, or its own result, such as https://g::/i.
func reference(t testing.TB, base, ref string) string {
	t.Helper()
	b, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u, err := b.Parse(ref)
	if err != nil {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	if _, err := url.Parse(u.String()); err != nil {
		return ""
	}
	return u.String()
}

// rest returns an absolute URL from its path on.
func rest(absURL string) string {
	_, behind, _ := strings.Cut(absURL, "://")
	if i := strings.IndexByte(behind, '/'); i >= 0 {
		return behind[i:]
	}
	return ""
}

func TestNotResolved(t *testing.T) {
	for _, segment := range []string{"%2e", "%2E", ".%2e", ".%2E", "%2e.", "%2E.", "%2e%2e", "%2e%2E", "%2E%2e", "%2E%2E"} {
		for _, ref := range []string{segment + "/g", "g/" + segment} {
			if got, ok := playlist.Resolve("https://a/b/c/d", ref); ok {
				t.Errorf("%q: got %q, want none: browsers read a dot segment", ref, got)
			}
		}
	}
	for ref, reason := range map[string]string{
		"":               "the playlist itself",
		"#s":             "the playlist itself",
		"../../../g":     "some clients keep what leads above the root",
		"/../g":          "some clients keep what leads above the root",
		"%2e%2e/g":       "browsers read it as ..",
		"g/.%2E/h":       "browsers read it as ..",
		"http:g":         "relative for browsers",
		"https:///g":     "browsers read the host g; a policy never covers an empty host",
		"g:h":            "another scheme",
		"1:h":            "not a scheme, and not a path",
		"data:,g":        "another scheme",
		"HTTPS://g/h":    "clients write the scheme in lower case",
		`g\h`:            "a slash for browsers",
		"{$g}/h":         "a variable of HLS",
		"\u2028g":        "a line break for some",
		"g\t/h":          "browsers drop the tab",
		"//g":            "no path",
		"///g/h":         "browsers read the host g, others an empty host",
		"https://g/\x00": "a control character",
		"g\u00a0h":       "a space that some trim",
	} {
		got, ok := playlist.Resolve("https://a/b/c/d", ref)
		if ok && ref != "https:///g" {
			t.Errorf("%q: got %q, want none: %s", ref, got, reason)
		}
	}
	for ref, want := range map[string]string{
		"g h": "g%20h", "\u00fc": "%C3%BC", "g?h 'i'": "g?h%20%27i%27", "'g'": "'g'", `"<{g}>"`: "%22%3C%7Bg%7D%3E%22", "g?{h}": "g?{h}",
	} {
		if got, ok := playlist.Resolve("https://a/b/c/d", ref); got != "https://a/b/c/"+want || !ok {
			t.Errorf("%q: got %q, %t, want %q, as browsers request it", ref, got, ok, want)
		}
	}
	for _, base := range []string{"ftp://a/b", "a/b", "//a/b", "https://a/../b", "https://a/%2e/b"} {
		if got, ok := playlist.Resolve(base, "g"); ok {
			t.Errorf("at %q: got %q, want none", base, got)
		}
	}
	if got, _ := playlist.Resolve("https://a?b", "g"); got != "https://a/g" {
		t.Errorf("a base without a path: got %q", got)
	}
}

// FuzzResolve compares the results with net/url.
func FuzzResolve(f *testing.F) {
	for _, ref := range []string{"g", "../g", "//g/h/../i", "/./g?y", "a//../b", "?y", "https://a/b"} {
		f.Add("https://a/b/c/d", ref)
	}
	f.Add("https://a/", "//g:::::::/h/../i")
	f.Add("http://a/", "//g:::::::/h/../^")
	f.Fuzz(func(t *testing.T, base, ref string) {
		b, err := url.Parse(base)
		if err != nil || b.String() != base || strings.Contains(base, "*") || b.Opaque != "" || b.Path == "" {
			return
		}
		got, ok := playlist.Resolve(base, ref)
		if !ok {
			return
		}
		want := reference(t, base, ref)
		if want == "" || inQuery.MatchString(ref) || strings.ContainsAny(ref, "`{}") {
			return // net/url and policies are stricter about encodings and hosts
		}
		if parsed, err := url.Parse(ref); err != nil || parsed.IsAbs() || parsed.User != nil || b.User != nil {
			return // returned unchanged
		}
		if strings.HasPrefix(rest(got), "//") {
			return // no policy covers it, and net/url writes one slash
		}
		if got == want {
			return
		}
		u, err := url.Parse(got)
		again, againErr := url.Parse(want)
		if err != nil || againErr != nil || u.String() != want && u.String() != got || u.Host != again.Host || u.EscapedPath() != again.EscapedPath() {
			t.Fatalf("%q at %q: got %q, want %q", ref, base, got, want)
		}
	})
}
