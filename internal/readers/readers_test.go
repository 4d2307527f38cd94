// SPDX-License-Identifier: Apache-2.0

package readers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/readers"
)

// judgment is what the rules say of a path.
type judgment struct{ Dots, Empty, Plain bool }

func TestRules(t *testing.T) {
	plain := judgment{Plain: true}
	tests := []struct {
		path   string
		want   judgment
		reason string
	}{
		{"/a/b.c/", plain, "the usual one"},
		{"/", plain, "the root"},
		{"/a..b/...c/.d/e./...", plain, "dots in names"},
		{"/a%20b/%C3%BC", plain, "decoded once it is a name"},
		{"/100%25/5%25z/%25", plain, "a percent sign that encodes nothing"},
		{"/a+b@c:d=e&f,g!$'()*", plain, "no server cuts there"},
		{"/a//b", judgment{Empty: true, Plain: true}, "two slashes are one for many"},
		{"//", judgment{Empty: true, Plain: true}, "two slashes are one for many"},
		{"/a/../b", judgment{Dots: true, Plain: true}, "dots"},
		{"/.", judgment{Dots: true, Plain: true}, "a dot at the end"},
		{"/%2e/a", judgment{Dots: true, Plain: true}, "dots encoded"},
		{"/.%252e/a", judgment{Dots: true}, "dots encoded twice"},
		{"/%25%32%65./a", judgment{Dots: true}, "dots encoded twice, the other way"},
		{"/%2%65./a", judgment{Dots: true}, "an encoding of which the first decoding completes the end"},
		{"/%%32e./a", judgment{Dots: true}, "an encoding that the first decoding completes"},
		{"/%2525252e./a", judgment{Dots: true}, "dots encoded four times"},
		{"/x%2f../a", judgment{Dots: true}, "dots after an encoded slash"},
		{"/x%5C..%5Cy", judgment{Dots: true}, "dots between encoded backslashes"},
		{`/x\..\y`, judgment{Dots: true}, "dots between backslashes"},
		{"/..;x/a", judgment{Dots: true}, "dots with parameters"},
		{"/..%253Bx/a", judgment{Dots: true}, "dots with parameters, encoded twice"},
		{"/..%3f", judgment{Dots: true}, "dots before a query"},
		{"/..%23/a", judgment{Dots: true}, "dots before a fragment"},
		{"/..%00/a", judgment{Dots: true}, "dots before a zero byte"},
		{"/..%0a/a", judgment{Dots: true}, "dots before a line break: nginx passes it on with $uri"},
		{"/..%0D%0Ax", judgment{Dots: true}, "dots before a line break"},
		{"/..%09/a", judgment{Dots: true}, "dots before a tab"},
		{"/%0a/b", judgment{Empty: true}, "nothing before a line break"},
		{"/a%0Bb", judgment{}, "another name"},
		{"/..%20%20/a", judgment{Dots: true}, "dots before spaces"},
		{"/.%20./a", plain, "a space inside is not cut off"},
		{"/a%25/%252e%252e/b", judgment{Dots: true}, "an invalid encoding before"},
		{"/%2F/a", judgment{Empty: true}, "slashes, encoded"},
		{"/a%2F", judgment{}, "a slash at the end, encoded, makes another segment but none that is empty"},
		{"/%252F/a", judgment{Empty: true}, "slashes, encoded twice"},
		{"/;/a", judgment{Empty: true}, "a parameter of nothing"},
		{"/a/%3Bx", judgment{Empty: true}, "a parameter of nothing, at the end"},
		{"/%3F/a", judgment{Empty: true}, "nothing before the query"},
		{"/%20/a", judgment{Empty: true}, "a name of spaces"},
		{"/a;x/b", judgment{}, "another name"},
		{"/a%3Fx", judgment{}, "another name"},
		{"/a%20/b", judgment{}, "another name"},
		{"/a%20", judgment{}, "another name"},
		{"/%2541", judgment{}, "another name for who decodes twice"},
		{"/a%2fb", judgment{}, "two names for who decodes"},
	}
	for _, tt := range tests {
		got := judgment{readers.HasDotSegment(tt.path), readers.HasEmptySegment(tt.path), readers.IsPlain(tt.path)}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.path, tt.reason, diff)
		}
	}
}

// TestRulesAllocateNothing: they are asked for every URL that is signed or checked.
func TestRulesAllocateNothing(t *testing.T) {
	path := "/users/j%C3%BCrgen/" + strings.Repeat("my%20photo/", 20)
	if n := testing.AllocsPerRun(100, func() {
		if readers.HasDotSegment(path) || readers.HasEmptySegment(path) || !readers.IsPlain(path) {
			t.Fail()
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAll(t *testing.T) {
	tests := []struct {
		path   string
		want   []string // the first, then the others in any order
		reason string
	}{
		{"/a/b", []string{"/a/b"}, "plain"},
		{"/", []string{"/"}, "plain"},
		{"/a/", []string{"/a/"}, "plain"},
		{"//a///b", []string{"/a/b"}, "slashes are merged"},
		{"/a/./b", []string{"/a/b"}, "dot segments are removed"},
		{"/a/../b", []string{"/b"}, "dot segments are removed"},
		{"/a/b/..", []string{"/a/", "/a"}, "the result is a directory"},
		{"/../../a", []string{"/a"}, "there is nothing above"},
		{"/a//../b", []string{"/a/b", "/b"}, "RFC 3986 has empty segments, file servers have none"},
		{"/%61/%2e%2E/b", []string{"/b", "/%61/%2e%2E/b"}, "unreserved characters are decoded, but not by every server"},
		{"/a%2f..%2fb", []string{"/a%2f..%2fb", "/b"}, "servers that decode see dot segments"},
		{"/a%5c..%5cb", []string{"/a%5c..%5cb", `/a\..\b`, "/b"}, "some take a backslash for a slash"},
		{"/a%20b", []string{"/a%20b", "/a b"}, "servers decode"},
		{"/%252e%252e/a", []string{"/%252e%252e/a", "/%2e%2e/a", "/a"}, "some decode twice"},
		{"/a;x/b", []string{"/a;x/b", "/a/b"}, "servlet containers cut off parameters"},
		{"/a/..;/b", []string{"/a/..;/b", "/b"}, "servlet containers cut off parameters"},
		{"/a%0db", []string{"/a%0db", "/a\rb", "/a"}, "a line break ends a request line"},
		{"/a%00b", []string{"/a%00b", "/a\x00b", "/a"}, "C ends a text with a zero byte"},
		{"/%zz/../a", []string{"/a"}, "what cannot be decoded is not"},
		{"/a%25/%252e%252e/b", []string{"/a%25/%252e%252e/b", "/a%/%2e%2e/b", "/b"}, "an invalid encoding does not end the decoding"},
		{"/%25252e./a", []string{"/%25252e./a", "/%252e./a", "/%2e./a", "/a"}, "two proxies and a server decode"},
		{"/a%20/b", []string{"/a%20/b", "/a /b", "/a/b"}, "Windows cuts spaces off"},
	}
	for _, tt := range tests {
		all, complete := readers.All(tt.path)
		if !complete {
			t.Errorf("%s has too many readings", tt.path)
		}
		rest := slices.Compact(slices.Sorted(slices.Values(all)))
		got := append(all[:1:1], slices.DeleteFunc(rest, func(reading string) bool { return reading == all[0] })...)
		slices.Sort(tt.want[1:])
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.path, tt.reason, diff)
		}
	}
}

// TestAllInAnyOrder: servers in a chain each do a part.
func TestAllInAnyOrder(t *testing.T) {
	tests := []struct{ path, want, reason string }{
		{"/foo/a%2fb/../../private%2fsecret", "/private/secret", "a proxy resolves, then a server decodes"},
		{"/private%2fsecret;%2f..%2f..%2fopen", "/private/secret", "a servlet container cuts, then it decodes"},
		{"/%2570rivate/secret;%252f..%252f..%252fopen", "/private/secret", "a proxy decodes, a servlet container cuts and decodes"},
		{"/foo/a%252fb/../../%2570rivate/secret", "/private/secret", "a proxy decodes and resolves, a server decodes"},
		{"/%252570rivate/secret;%2525252f..%2525252f..%2525252fopen", "/private/secret", "three proxies decode, then one cuts"},
	}
	for _, tt := range tests {
		if all, complete := readers.All(tt.path); !complete || !slices.Contains(all, tt.want) {
			t.Errorf("%s: %q, %t, but %s", tt.path, all, complete, tt.reason)
		}
	}
}

// TestTooManyReadings: a path that was made to have very many ends the search.
func TestTooManyReadings(t *testing.T) {
	path := "/a%" + strings.Repeat("25", 150) + "41;x"
	if all, complete := readers.All(path); complete || len(all) > 3*200+1 {
		t.Errorf("%d readings, %t", len(all), complete)
	}
}

// FuzzAll: whatever the path, its readings are clean and begin with a slash,
// so that no pattern is evaded.
func FuzzAll(f *testing.F) {
	for _, path := range []string{"/a/../b", "/a%2f..%2fb", "//a", "/%zz", `/a\..\b`} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		all, _ := readers.All("/" + path)
		for _, reading := range all {
			if !strings.HasPrefix(reading, "/") || strings.Contains(reading+"/", "/../") || strings.Contains(reading+"/", "/./") || strings.Contains(reading, "//") {
				t.Errorf("%q is read as %q", path, reading)
			}
		}
	})
}

// FuzzRules: the rules agree with the list. Where they find nothing, no reading leaves
// the folder or has other names than the path decoded once.
func FuzzRules(f *testing.F) {
	for _, path := range []string{"a", "%2e%2e/", "..;x/", "%252e%252e", "%2F", ";", "b%20/c", "%2541", `a\b`, "%%32e"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		path = "/" + path
		segments := strings.Split(strings.Trim(path, "/"), "/")
		if readers.HasDotSegment(path) || readers.HasEmptySegment(path) || !readers.IsPlain(path) || strings.ContainsAny(path, "?#\x00\t\n\v\f\r") {
			return
		}
		all, complete := readers.All(path)
		if !complete {
			t.Errorf("%q has too many readings", path)
		}
		for _, reading := range all {
			if got := strings.Split(strings.Trim(reading, "/"), "/"); len(got) != len(segments) {
				t.Errorf("%q is read as %q", path, reading)
			}
		}
	})
}
