// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// steps are what servers and proxies in use do with a path, each on its own. They are
// written apart from package readers, which combines them in its own way.
var steps = []func(string) string{
	decodePath,
	func(p string) string { return strings.ReplaceAll(p, `\`, "/") },
	func(p string) string { return path.Clean("/" + p) },
	func(p string) string { p, _, _ = strings.Cut(p, "?"); return p },
	func(p string) string { p, _, _ = strings.Cut(p, "#"); return p },
	func(p string) string { p, _, _ = strings.Cut(p, "\x00"); return p },
	func(p string) string { p, _, _ = strings.Cut(p, "\n"); return p },
	func(p string) string { p, _, _ = strings.Cut(p, "\r"); return p },
	func(p string) string { i := strings.IndexAny(p+"\t", "\t\v\f"); return p[:i] },
	func(p string) string {
		names := strings.Split(p, "/")
		for i := range names {
			names[i], _, _ = strings.Cut(names[i], ";")
		}
		return strings.Join(names, "/")
	},
	func(p string) string {
		for strings.Contains(p, " /") {
			p = strings.ReplaceAll(p, " /", "/")
		}
		return strings.TrimRight(p, " ")
	},
}

// decodePath decodes every valid percent-encoding.
func decodePath(p string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for len(p) > 0 {
		if len(p) > 2 && p[0] == '%' {
			high, low := strings.IndexByte(hex, p[1]|0x20), strings.IndexByte(hex, p[2]|0x20)
			if high >= 0 && low >= 0 && isHexDigit(p[1]) && isHexDigit(p[2]) {
				b.WriteByte(byte(high<<4 | low))
				p = p[3:]
				continue
			}
		}
		b.WriteByte(p[0])
		p = p[1:]
	}
	return b.String()
}

func isHexDigit(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// readingsOf returns what chains of servers may make of a path: the steps in every order,
// as far as a few hundred results.
func readingsOf(raw string) []string {
	all, seen := []string{raw}, map[string]bool{raw: true}
	for i := 0; i < len(all) && len(all) < 300; i++ {
		for _, step := range steps {
			if next := step(all[i]); !seen[next] {
				seen[next] = true
				all = append(all, next)
			}
		}
	}
	return all
}

// isBelow reports whether a server that resolves p finds something in the folder, or the
// folder itself.
func isBelow(p, folder string) bool { return strings.HasPrefix(path.Clean("/"+p)+"/", folder) }

// FuzzUnderAtOrigins: whatever the segment and the rest of the URL, no chain of servers
// in use leads to another folder than the one of that name.
func FuzzUnderAtOrigins(f *testing.F) {
	for _, seed := range [][2]string{
		{"alice", "bob/secret"},
		{";", "bob/secret"},
		{";x", "bob/secret"},
		{"bob;x", "secret"},
		{"?", "x"},
		{"#", "x"},
		{"%2F", "bob/secret"},
		{"%5C", "bob/secret"},
		{"%2e%2e", "users/bob/secret"},
		{"x%2f..", "bob/secret"},
		{"bob ", "secret"},
		{"a", "%252e%252e/bob/secret"},
		{"a", "..%252fbob/secret"},
		{"a", "%2e%2e/bob"},
		{"a", "..;/x"},
		{"a", "x%25/%252e%252e/%252e%252e/bob"},
		{"%62ob", "secret"},
		{"alice", "..%0a/index.html"},
		{"100%", "a%2541"},
		{"Jane Doe", "my%20file"},
		{"a", "%%32e%2e/b"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, segment, rest string) {
		if r, err := policy.Under(host+"/users", segment); err == nil {
			checkFolder(t, r, rest, "/users/"+segment+"/")
		}
		if r, err := policy.UnderForLiteralOrigin(host+"/users", segment); err == nil {
			checkLiteralFolder(t, r, rest, "/users/"+segment+"/")
		}
		if r, err := policy.Directory(host + "/users/" + segment + "/"); err == nil {
			checkFolder(t, r, rest, "/users/"+decodePath(segment)+"/")
		}
	})
}

// checkFolder goes through all readings of a URL below r.
func checkFolder(t *testing.T, r policy.Resource, rest, folder string) {
	t.Helper()
	rawFolder := strings.TrimSuffix(strings.TrimPrefix(r.String(), host), "*")
	rawURL := host + rawFolder + rest
	if !r.Matches(rawURL) {
		return
	}
	rawPath, _, _ := strings.Cut(rawFolder+rest, "?")
	for _, reading := range readingsOf(rawPath) {
		if !isBelow(reading, folder) && !isBelow(reading, rawFolder) {
			t.Fatalf("%s covers %s, which may be read as %q", r, rawURL, reading)
		}
	}
}

// checkLiteralFolder reads a URL below r as S3 does; no other server must leave /users/.
func checkLiteralFolder(t *testing.T, r policy.Resource, rest, folder string) {
	t.Helper()
	rawPath, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(r.String(), host), "*")+rest, "?")
	if !r.Matches(host + rawPath) {
		return
	}
	if !strings.HasPrefix(decodePath(rawPath), folder) {
		t.Fatalf("%s covers %s, which is not below %q", r, rawPath, folder)
	}
	for _, reading := range readingsOf(rawPath) {
		if !isBelow(reading, "/users/") || path.Clean("/"+reading) == "/users" {
			t.Fatalf("%s covers %s, which may be read as %q", r, rawPath, reading)
		}
	}
}

// FuzzGrant: what Directory and Under make covers the same by both of CloudFront's
// pages, and so does every other resource that is not wider.
func FuzzGrant(f *testing.F) {
	f.Add(host+"/a/", "x", host+"/b?/a/x/")
	f.Add("https://*.example.com/a/*", "x", "https://b.example/?.example.com/a/")
	f.Add("https://*/*", "x", host+"/?/")
	f.Add(host+"/a?b=*", "x", host+"/a/b=")
	f.Add(host+"/?0", "x", host+"/00")
	f.Add(host+"/v/*n*", "x", host+"/v/x?n")
	f.Add("https://*.*", "x", "https://a/a?.")
	f.Fuzz(func(t *testing.T, text, segment, rawURL string) {
		if _, err := policy.Canned(strings.ReplaceAll(rawURL, "*", "%2A"), time.Unix(1, 0)); err != nil {
			return // no URL that clients send
		}
		for _, r := range resources(text, segment) {
			asString := wholeString(r.String()).MatchString(rawURL)
			switch {
			case r.Matches(rawURL) && !asString:
				t.Fatalf("%q covers %q by one page only", r, rawURL)
			case r.Wider() == "" && asString && !r.Matches(rawURL):
				t.Fatalf("%q is not wider, but as one string it covers %q", r, rawURL)
			case asString && !r.Matches(rawURL) && !notCovered(t, r.Check(rawURL)).Wider:
				t.Fatalf("Check(%q) of %q does not say that it is covered as one string", rawURL, r)
			}
		}
		for _, make := range []func() (policy.Resource, error){
			func() (policy.Resource, error) { return policy.Directory(text) },
			func() (policy.Resource, error) { return policy.Under(text, segment) },
		} {
			if r, err := make(); err == nil && r.Wider() != "" {
				t.Fatalf("%q may cover %q", r, r.Wider())
			}
		}
	})
}

// FuzzWithin: what is within bounds covers nothing that the bounds do not cover, by
// either of CloudFront's pages.
func FuzzWithin(f *testing.F) {
	f.Add(host+"/a/*", host+"/*", host+"/a/b")
	f.Add("https://*.example.com/a*b", "https://*/*", "https://c.example.com/ab")
	f.Add(host+"/a;b.mp4", host+"/*.mp4", host+"/a;b.mp4")
	f.Fuzz(func(t *testing.T, text, limits, rawURL string) {
		r, err := policy.PatternAnyHostFromConfig(text)
		if err != nil {
			return
		}
		bounds, err := policy.PatternAnyHostFromConfig(limits)
		if err != nil || !r.Within(bounds) {
			return
		}
		if r.Matches(rawURL) && !bounds.Matches(rawURL) {
			t.Fatalf("%q covers %q, and %q does not", r, rawURL, bounds)
		}
		if wholeString(text).MatchString(rawURL) && !wholeString(limits).MatchString(rawURL) {
			t.Fatalf("as one string %q covers %q, and %q does not", r, rawURL, bounds)
		}
	})
}
