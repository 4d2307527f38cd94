// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/policy"
)

func TestUnderEscapesData(t *testing.T) {
	tests := []struct {
		name     string
		segments []string
		want     string
		reason   string
	}{
		{"plain", []string{"alice"}, "/u/alice/*", "nothing to escape"},
		{"several", []string{"7", "2026", "x"}, "/u/7/2026/x/*", "one path segment each"},
		{"asterisk", []string{"*"}, "/u/%2A/*", "would cover everyone's folder"},
		{"asterisks inside", []string{"a*", "*b"}, "/u/a%2A/%2Ab/*", "would cover other folders"},
		{"quote", []string{`a","Resource":"*`}, "/u/a%22%2C%22Resource%22%3A%22%2A/*", "would change the policy document"},
		{"space and plus", []string{"a b+c"}, "/u/a%20b%2Bc/*", "clients disagree on the plus"},
		{"mail address", []string{"alice@example.com"}, "/u/alice%40example.com/*", "an at sign has a meaning in URLs"},
		{"unicode", []string{"jürgen", "日本"}, "/u/j%C3%BCrgen/%E6%97%A5%E6%9C%AC/*", "UTF-8, percent-encoded"},
		{"separators", []string{"a:b,c=d&e|f"}, "/u/a%3Ab%2Cc%3Dd%26e%7Cf/*", "each has a meaning somewhere, but cuts no name"},
		{"percent", []string{"100%"}, "/u/100%25/*", "decoded again it is the same"},
		{"percent before a letter", []string{"5%zz"}, "/u/5%25zz/*", "decoded again it is the same"},
		{"apostrophe", []string{"o'brien"}, "/u/o%27brien/*", "browsers encode it in some places"},
		{"spaces inside", []string{" a  b"}, "/u/%20a%20%20b/*", "servers cut spaces at the end only"},
		{"three dots", []string{"..."}, "/u/.../*", "not a dot segment"},
		{"dots in name", []string{"a..b"}, "/u/a..b/*", "not a dot segment"},
		{"unreserved", []string{"A-z_0.9~"}, "/u/A-z_0.9~/*", "RFC 3986: never escaped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := policy.Under(host+"/u", tt.segments[0], tt.segments[1:]...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(host+tt.want, r.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
			child, err := r.Child("my file.jpg")
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.TrimSuffix(r.String(), "*") + "my%20file.jpg"; child != want {
				t.Errorf("Child = %q, want %q", child, want)
			}
			if !r.Matches(child) {
				t.Errorf("the resource does not cover its child %q", child)
			}
		})
	}
}

func TestSegmentsRefused(t *testing.T) {
	tests := []struct{ name, segment, advice, reason string }{
		{"empty", "", "value is set", "an unset user ID would grant everyone's folder"},
		{"dot", ".", "another directory", "is the directory above"},
		{"dots", "..", "another directory", "is two directories above"},
		{"dots with parameters", "..;x", "another directory", "some servers cut off what follows the semicolon"},
		{"dots with question mark", "..?", "another directory", "some proxies decode twice"},
		{"dots with space", ".. ", "another directory", "Windows removes the space"},
		{"dots encoded", "%2e%2e", "another directory", "servers that decode twice leave the folder"},
		{"dots encoded twice", "%252e.", "another directory", "a chain of proxies leaves the folder"},
		{"dots after an encoded slash", "x%2f..", "another directory", "servers that decode twice leave the folder"},
		{"dots after an encoded backslash", "x%5c..", "another directory", "servers that decode twice leave the folder"},
		{"semicolon alone", ";", "to nothing", "servlet containers read the folder above"},
		{"semicolon first", ";x", "to nothing", "servlet containers read the folder above"},
		{"question mark alone", "?", "to nothing", "a proxy that decodes makes it a query"},
		{"number sign first", "#x", "to nothing", "a proxy that decodes makes it a fragment"},
		{"space alone", " ", "to nothing", "Windows removes it"},
		{"encoded slash alone", "%2F", "to nothing", "servers that decode twice merge the slashes"},
		{"encoded semicolon alone", "%3B", "to nothing", "servers that decode twice cut it off"},
		{"slash", "alice/secret", "one by one", "is two segments"},
		{"traversal", "../bob", "one by one", "is another folder"},
		{"only slash", "/", "one by one", "is two empty segments"},
		{"backslash", `..\bob`, "one by one", "is a slash to browsers"},
		{"newline", "a\nb", "control character", "splits headers and logs"},
		{"nul", "a\x00", "control character", "ends strings in some servers"},
		{"delete", "a\x7f", "control character", "is invisible"},
		{"c1 control", "a\u0085", "control character", "is invisible"},
		{"not utf-8", "a\xff", "UTF-8", "is not text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkSegmentRefused(t, tt.segment, tt.advice, policy.Under, policy.Resource.Child)
			checkSegmentRefused(t, tt.segment, tt.advice, policy.UnderForLiteralOrigin, policy.Resource.ChildForLiteralOrigin)
		})
	}
}

func checkSegmentRefused(t *testing.T, segment, advice string, under func(string, string, ...string) (policy.Resource, error), child func(policy.Resource, ...string) (string, error)) {
	t.Helper()
	directory, err := policy.Directory(host + "/u/")
	if err != nil {
		t.Fatal(err)
	}
	r, err := under(host+"/u", segment)
	checkRefusal(t, err, "segment", advice)
	checkField(t, err, "segment 1")
	if r != (policy.Resource{}) {
		t.Errorf("got %q together with the error", r)
	}
	_, err = under(host+"/u", "ok", segment)
	checkRefusal(t, err, "segment", advice)
	checkField(t, err, "segment 2")
	_, err = child(directory, "ok", "ok", segment)
	checkRefusal(t, err, "segment", advice)
	checkField(t, err, "segment 3")
}

// TestSegmentsForLiteralOrigins are names that only an origin which takes them literally
// tells apart.
func TestSegmentsForLiteralOrigins(t *testing.T) {
	tests := []struct{ segment, want, advice, reason string }{
		{"bob;x", "bob%3Bx", `";"`, "a servlet container opens bob's"},
		{"bob?", "bob%3F", `"?"`, "a proxy that decodes makes it a query"},
		{"a#EXT#@b", "a%23EXT%23%40b", `"#"`, "a proxy that decodes makes it a fragment"},
		{"bob ", "bob%20", "a space at its end", "Windows opens bob's"},
		{"b%6fb", "b%256fb", "two hexadecimal digits", "servers that decode twice open bob's"},
		{"did:web:h%3A3000", "did%3Aweb%3Ah%253A3000", "two hexadecimal digits", "servers that decode twice read another name"},
		{"a%2Fb", "a%252Fb", "two hexadecimal digits", "servers that decode twice find two segments"},
	}
	directory, err := policy.Directory(host + "/u/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		checkSegmentRefused(t, tt.segment, tt.advice, policy.Under, policy.Resource.Child)

		r, err := policy.UnderForLiteralOrigin(host+"/u", tt.segment)
		if diff := cmp.Diff(host+"/u/"+tt.want+"/*", r.String()); diff != "" || err != nil {
			t.Errorf("%q, %s: %v (-want +got):\n%s", tt.segment, tt.reason, err, diff)
		}
		child, err := directory.ChildForLiteralOrigin(tt.segment)
		if diff := cmp.Diff(host+"/u/"+tt.want, child); diff != "" || err != nil || !directory.Matches(child) {
			t.Errorf("child %q, %s: %v (-want +got):\n%s", tt.segment, tt.reason, err, diff)
		}
	}
}

func TestUnderRefusesOverlongPaths(t *testing.T) {
	_, err := policy.Under(host+"/u", strings.Repeat("*", 3000))
	checkRefusal(t, err, "too_long", "8192")
}

func TestChildRefuses(t *testing.T) {
	tests := []struct {
		name     string
		resource string
		segments []string
		refused  string
		reason   string
	}{
		{"exact URL", host + "/a", []string{"b"}, "not_directory", "nothing is below a file"},
		{"prefix", host + "/a*", []string{"b"}, "not_directory", "the pattern is not a directory"},
		{"wildcard inside", host + "/*/a/*", []string{"b"}, "not_directory", "which of the directories?"},
		{"query", host + "/a?b=/*", []string{"b"}, "not_directory", "a query has no children"},
		{"everything", "*", []string{"b"}, "not_directory", "on which host?"},
		{"every https host", "https://*", []string{"evil.example", "b"}, "not_directory", "data must not become the host"},
		{"every host", "https://*/*", []string{"b"}, "not_directory", "on which host?"},
		{"subdomains", "https://*.example.com/a/*", []string{"b"}, "not_directory", "on which host?"},
		{"end of host", "https://cdn.example.com*", []string{"b"}, "not_directory", "on which host?"},
		{"no segment", host + "/a/*", nil, "segment", "the directory is no file"},
		{"too long", host + "/a/*", []string{strings.Repeat("a", 8192)}, "too_long", "CloudFront would refuse it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := policy.PatternAnyHostFromConfig(tt.resource)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Child(tt.segments...)
			checkRefusal(t, err, tt.refused, "")
		})
	}
	_, err := policy.Resource{}.Child("a")
	checkRefusal(t, err, "not_directory", "Directory or Under")
}

// TestHints: for an ID and for the name of a file, the errors name what helps there.
func TestHints(t *testing.T) {
	directory, err := policy.Directory(host + "/u/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ segment, id, file, literalFile, reason string }{
		{
			"photos/a.jpg",
			"use another ID or a hash of it, or pass the segments one by one if they are folders",
			"pass the segments one by one, or use ChildForS3Key if it is the key of an object in S3",
			"pass the segments one by one, or use ChildForS3Key if it is the key of an object in S3",
			"the usual name with a slash is a key",
		},
		{
			`a\b/c`,
			"use another ID or a hash of it, or pass the segments one by one if they are folders",
			"pass the segments one by one, or write %5C in a URL if a backslash is part of a key in S3",
			"pass the segments one by one, or write %5C in a URL if a backslash is part of a key in S3",
			"ChildForS3Key refuses a backslash, too",
		},
		{
			"Track #1.mp3",
			"use another ID or a hash of it, or use UnderForLiteralOrigin and ChildForLiteralOrigin if the origin takes names literally, as S3 does",
			"use another name, or use ChildForLiteralOrigin if the origin takes names literally, as S3 does",
			"", "the folder stays as it is",
		},
		{
			"50%25",
			"use another ID or a hash of it, or use UnderForLiteralOrigin and ChildForLiteralOrigin if the origin takes names literally, as S3 does",
			"use another name, or use ChildForLiteralOrigin if the origin takes names literally, as S3 does",
			"", "the folder stays as it is",
		},
		{"..", "use an ID that cannot have this form", "use another name", "use another name", "a file's name is no ID"},
	} {
		_, idErr := policy.Under(host+"/u", tt.segment)
		_, fileErr := directory.Child(tt.segment)
		_, literalErr := directory.ChildForLiteralOrigin(tt.segment)
		for _, got := range []struct {
			err  error
			want string
		}{{idErr, tt.id}, {fileErr, tt.file}, {literalErr, tt.literalFile}} {
			if diff := cmp.Diff(got.want, adviceOf(got.err)); diff != "" {
				t.Errorf("%q, %s (-want +got):\n%s", tt.segment, tt.reason, diff)
			}
		}
	}
}

// adviceOf returns what an error advises, or "" for no error.
func adviceOf(err error) string {
	var refused *policy.Error
	if !errors.As(err, &refused) {
		return ""
	}
	return strings.TrimSuffix(refused.Advice+", or "+refused.Alternative, ", or ")
}

// TestChildForS3Key: a key becomes one URL below the directory, or an error.
func TestChildForS3Key(t *testing.T) {
	folder, err := policy.Under(host+"/users", "alice")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key, want, refused, reason string
	}{
		{"a.jpg", "a.jpg", "", "one segment"},
		{"a/b c.jpg", "a/b%20c.jpg", "", "slashes separate segments"},
		{"a+b/c+.jpg", "a%2Bb/c%2B.jpg", "", "S3 reads a plus sign as a space"},
		{"photo (1)'s, a;b.jpg", "photo%20%281%29%27s%2C%20a%3Bb.jpg", "", "no renderer or client changes it"},
		{"Track #1?.mp3", "Track%20%231%3F.mp3", "", "S3 reads it as one name"},
		{"50%25.txt", "50%2525.txt", "", "S3 decodes once"},
		{"a%2Fb", "a%252Fb", "", "S3 decodes once"},
		{"*", "%2A", "", "no wildcard"},
		{"ü", "%C3%BC", "", "UTF-8"},
		{"photos/", "photos/", "", "the object of a folder"},
		{"a/b/", "a/b/", "", "the object of a folder in a folder"},
		{"", "", "segment", "a value that is not set"},
		{"/", "", "segment", "no name"},
		{"//", "", "segment", "no name"},
		{"/a.jpg", "", "segment", "some servers leave one slash out"},
		{"a//b.jpg", "", "segment", "some servers leave one slash out"},
		{"a//", "", "segment", "some servers leave one slash out"},
		{"a/../b.jpg", "", "segment", "some servers resolve it"},
		{"../bob/b.jpg", "", "segment", "it leaves the folder"},
		{"..", "", "segment", "it leaves the folder"},
		{"../", "", "segment", "it leaves the folder"},
		{"./a.jpg", "", "segment", "clients resolve it"},
		{"%2e%2e/bob/b.jpg", "", "segment", "a proxy may have decoded it"},
		{`..\bob`, "", "segment", "a backslash is a slash for some"},
		{`a\b`, "", "segment", "a backslash is a slash for some"},
		{"a\x00/b", "", "segment", "some servers cut there"},
		{"a/ /b", "", "segment", "some servers cut spaces at the end"},
		{"\xff", "", "segment", "not UTF-8"},
		{strings.Repeat("a", 8192), "", "too_long", "CloudFront accepts 8,192 bytes"},
		{strings.Repeat("a", 8192-len(host+"/users/alice/")) + "/", "", "too_long", "the slash counts"},
	} {
		child, err := folder.ChildForS3Key(tt.key)
		if tt.refused != "" {
			checkRefusal(t, err, tt.refused, "")
			continue
		}
		if want := host + "/users/alice/" + tt.want; err != nil || child != want {
			t.Errorf("%q: %q, %v, want %q: %s", tt.key, child, err, want, tt.reason)
		}
		if err := folder.CheckStrict(child); err != nil {
			t.Errorf("%q: %v", tt.key, err)
		}
	}
}
