// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/policy"
)

const host = "https://cdn.example.com"

func TestURLRefusesWildcards(t *testing.T) {
	tests := []struct{ name, url, advice, reason string }{
		{"path", host + "/u/*", "%2A", "would cover every URL below"},
		{"name", host + "/a*b.jpg", "%2A", "an object key with an asterisk becomes a wildcard"},
		{"query", host + "/a?x=*", "%2A", "wildcards work in the query too"},
		{"host", "https://*.example.com/a", "Pattern", "would cover every host"},
		{"second question mark", host + "/a?next=/b?c", "%3F", "CloudFront's pages read it as a wildcard, too"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := policy.URL(tt.url)
			checkRefusal(t, err, "wildcard", tt.advice)
		})
	}
}

func TestDirectory(t *testing.T) {
	tests := []struct{ name, base, want, reason string }{
		{"with slash", host + "/videos/", host + "/videos/*", "the slash is there already"},
		{"root", host + "/", host + "/*", "everything on the host"},
		{"encoded asterisk", host + "/a%2A/", host + "/a%2A/*", "encoded it is no wildcard"},
		{"port", host + ":8443/a/", host + ":8443/a/*", "the local edge has a port"},
		{"encoded space", host + "/my%20films/", host + "/my%20films/*", "servers cut a space at the end only"},
		{"encoded percent", host + "/100%25/", host + "/100%25/*", "a percent sign alone is decoded to nothing else"},
		{"plus, at, colon", host + "/a+b@c:d/", host + "/a+b@c:d/*", "no server cuts there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := policy.Directory(tt.base)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, r.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestDirectoryRefuses(t *testing.T) {
	tests := []struct{ name, base, refused, advice, reason string }{
		{"wildcard", host + "/u/*", "wildcard", "%2A", "the base is a literal; the wildcard is added"},
		{"wildcard inside", host + "/*/videos/", "wildcard", "Pattern", "would cover every tenant"},
		{"wildcard host", "https://*.example.com/a/", "wildcard", "Pattern", "would cover every host"},
		{"query", host + "/a?b=1", "not_directory", "leave out the ?", "nothing can be below a query"},
		{"host only", host, "path", "/", "is the root meant, or was the path lost?"},
		{"wildcard added", host + "/u/*", "wildcard", "leave out the asterisk", "everything below is covered anyway"},
		{"empty segment", host + "/users//", "empty_segment", "is set", "an empty variable; many servers take it for /users/"},
		{"empty segment inside", host + "/tenants//users/", "empty_segment", "is set", "an empty variable"},
		{"empty first segment", host + "//", "empty_segment", "leave one out", "an empty variable"},
		{"dots", host + "/a/../", "dot_segment", "path that results", "leads elsewhere"},
		{"too long", host + "/" + strings.Repeat("a", 8192-len(host)-2) + "/", "too_long", "8192", "no URL below could be requested"},
		{"encoded slash", host + "/users/%2F/", "empty_segment", "is set", "plain nginx and Go's file server open everybody's folder"},
		{"encoded backslash", host + "/users/%5C/", "empty_segment", "is set", "some servers take it for a slash"},
		{"semicolon alone", host + "/users/;/", "empty_segment", "is set", "servlet containers cut it off"},
		{"encoded semicolon alone", host + "/users/%3B/", "empty_segment", "is set", "a proxy decodes, then a servlet container cuts"},
		{"encoded zero byte", host + "/users/%00/", "empty_segment", "is set", "ends a text in C"},
		{"encoded space alone", host + "/users/%20/", "empty_segment", "is set", "Windows removes it"},
		{"encoded slash, twice", host + "/users/%252F/", "empty_segment", "is set", "a proxy in front decodes as well"},
		{"semicolon", host + "/users/bob;x/", "reading", "UnderForLiteralOrigin", "a servlet container opens bob's"},
		{"encoded semicolon", host + "/users/bob%3bx/", "reading", "UnderForLiteralOrigin", "a proxy decodes, then a servlet container opens bob's"},
		{"encoded question mark", host + "/users/bob%3F/", "reading", "UnderForLiteralOrigin", "a proxy that decodes makes it a query"},
		{"encoded number sign", host + "/users/bob%23/", "reading", "UnderForLiteralOrigin", "a proxy that decodes makes it a fragment"},
		{"zero byte at the end", host + "/users/bob%00/", "reading", "UnderForLiteralOrigin", "ends a text in C"},
		{"line break alone", host + "/users/%0d%0a/", "empty_segment", "is set", "nginx passes it on with $uri, and everybody's folder is listed"},
		{"line break at the end", host + "/users/bob%0A/", "reading", "UnderForLiteralOrigin", "nginx passes it on with $uri"},
		{"space at the end", host + "/users/bob%20/", "reading", "UnderForLiteralOrigin", "Windows removes it"},
		{"encoded slash inside", host + "/users/bob%2fx/", "reading", "UnderForLiteralOrigin", "is in bob's folder for servers that decode"},
		{"encoded backslash inside", host + "/users/bob%5cx/", "reading", "UnderForLiteralOrigin", "is in bob's folder for some servers"},
		{"encoded twice", host + "/users/%2562ob/", "reading", "UnderForLiteralOrigin", "servers that decode twice open bob's"},
		{"dots encoded twice", host + "/users/%252e%252e/", "dot_segment", "path that results", "servers that decode twice leave the folder"},
		{"dots encoded three times", host + "/users/%25252e./", "dot_segment", "path that results", "two proxies and a server decode"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := policy.Directory(tt.base)
			checkRefusal(t, err, tt.refused, tt.advice)
			_, err = policy.Under(tt.base, "a")
			checkRefusal(t, err, tt.refused, tt.advice)
			_, err = policy.UnderForLiteralOrigin(tt.base, "a")
			checkRefusal(t, err, tt.refused, tt.advice)
		})
	}
}

// TestDirectoryNeedsItsSlash: a variable that is empty at the end must not make
// everybody's folder of a user's.
func TestDirectoryNeedsItsSlash(t *testing.T) {
	for _, base := range []string{host + "/users", host + "/users/alice"} {
		_, err := policy.Directory(base)
		checkRefusal(t, err, "not_directory", "slash at its end")
	}
	for id, refused := range map[string]string{"": "empty_segment", "*": "wildcard", "..": "dot_segment"} {
		_, err := policy.Directory(host + "/users/" + id + "/")
		checkRefusal(t, err, refused, "")
	}
	withSlash, err := policy.Under(host+"/users/", "alice")
	if err != nil {
		t.Fatal(err)
	}
	without, err := policy.Under(host+"/users", "alice")
	if err != nil || without != withSlash {
		t.Errorf("the slash at the end of Under's base makes a difference: %v, %v, %v", withSlash, without, err)
	}
}

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
		{"dots behind an encoded slash", "x%2f..", "another directory", "servers that decode twice leave the folder"},
		{"dots behind an encoded backslash", "x%5c..", "another directory", "servers that decode twice leave the folder"},
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
		t.Errorf("got %q beside the error", r)
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

func checkField(t *testing.T, err error, want string) {
	t.Helper()
	var typed *policy.Error
	if !errors.As(err, &typed) {
		t.Fatal(err)
	}
	field := string(typed.Field)
	if typed.Segment > 0 {
		field += " " + strconv.Itoa(typed.Segment)
	}
	if diff := cmp.Diff(want, field); diff != "" {
		t.Errorf("field (-want +got):\n%s", diff)
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

func TestPattern(t *testing.T) {
	tests := []struct{ name, pattern, reason string }{
		{"no wildcard", host + "/a", "a pattern may be exact"},
		{"directory", host + "/a/*", "the usual one"},
		{"middle", host + "/*/thumbs/*.jpg", "wildcards anywhere in the path"},
		{"query", host + "/a?size=*", "wildcards in the query"},
		{"both schemes", "*://cdn.example.com/*", "allowed for URLs"},
		{"both schemes, as the SDKs write it", "http*://cdn.example.com/*", "used with AWS's SDKs"},
		{"subdomains", "https://*.example.com/*", "two literal labels"},
		{"subdomains with port", "https://*.example.com:8443/*", "two literal labels"},
		{"deep subdomains", "https://*.cdn.example.com/*", "three literal labels"},
		{"own subdomains of a distribution", "https://*.d111111abcdef8.cloudfront.net/*", "one distribution"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, constructor := range map[string]func(string) (policy.Resource, error){
				"Pattern": policy.PatternFromConfig, "PatternAnyHost": policy.PatternAnyHostFromConfig,
			} {
				r, err := constructor(tt.pattern)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(tt.pattern, r.String()); diff != "" {
					t.Errorf("%s changed the pattern (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func TestPatternRefuses(t *testing.T) {
	tests := []struct{ name, pattern, refused, advice, reason string }{
		{"two question marks", host + "/a?b=?", "wildcard", "*", "read in two ways"},
		{"question mark wildcards", host + "/example_202?.zip?x", "wildcard", "*", "read in two ways"},
		{"no scheme", "*example.com/*", "scheme", "*://", "only one of CloudFront's pages has it"},
		{"path only", "/u/7/*", "scheme", "https://", "CloudFront compares whole URLs"},
		{"scheme wildcard elsewhere", "ht*://cdn.example.com/a", "scheme", "*://", "nobody documents it"},
		{"dot segment", host + "/a/../*", "dot_segment", "path that results", "never requested"},
		{"empty segment", host + "/users//*", "empty_segment", "is set", "many servers take it for /users/*"},
		{"asterisk that completes an encoding", host + "/users/%25*", "reading", "UnderForLiteralOrigin", "covers %2541lice, which is Alice when it is decoded twice"},
		{"asterisk that completes a digit", host + "/users/%254*", "reading", "UnderForLiteralOrigin", "covers %2541lice, which is Alice when it is decoded twice"},
		{"asterisk behind a space", host + "/users/al%20*", "reading", "UnderForLiteralOrigin", "covers al%20/secret, which Windows finds in al"},
		{"asterisk behind a space alone", host + "/users/%20*", "empty_segment", "is set", "covers %20/bob/secret, which Windows finds in bob"},
		{"encoded slash", host + "/users/%2F*", "empty_segment", "is set", "servers that decode take it for /users/*"},
		{"semicolon", host + "/users/bob;x*", "reading", "UnderForLiteralOrigin", "servlet containers take it for bob's"},
		{"encoded twice", host + "/users/%2562ob/*", "reading", "UnderForLiteralOrigin", "servers that decode twice take it for bob's"},
		{"empty parameter", host + "/a?*&", "query", "leave out", "never requested"},
		{"reserved name", host + "/a?Signature=*", "reserved_name", "Signature", "removed before matching"},
		{"space", host + "/a b/*", "character", "%20", "never requested"},
		{"port wildcard", "https://cdn.example.com:*/a", "port", "decimal", "nobody documents it"},
		{"default port of one scheme", "*://cdn.example.com:443/a", "port", "leave out :443", "clients leave it out with https"},
		{"too long", host + "/*" + strings.Repeat("a", 8192), "too_long", "8192", "no URL is that long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, constructor := range []func(string) (policy.Resource, error){policy.PatternFromConfig, policy.PatternAnyHostFromConfig} {
				_, err := constructor(tt.pattern)
				checkRefusal(t, err, tt.refused, tt.advice)
			}
		})
	}
}

func TestPatternHostRule(t *testing.T) {
	tests := []struct{ name, pattern, advice, reason string }{
		{"any host", "https://*/a", "PatternAnyHost", "every distribution that trusts the key"},
		{"bare suffix", "https://*example.com/*", "evilexample.com", "covers other domains"},
		{"one label", "https://*.com/*", "two labels", "covers everybody"},
		{"cloudfront", "https://*.cloudfront.net/*", "the domain name", "covers every distribution"},
		{"cloudfront in china", "https://*.cloudfront.cn/*", "the domain name", "covers every distribution"},
		{"cloudfront with port", "https://*.cloudfront.net:8443/*", "the domain name", "covers every distribution"},
		{"inside", "https://cdn.*.com/*", "*.example.com", "covers other domains"},
		{"two", "https://*.*.example.com/*", "*.example.com", "one says the same"},
		{"end", "https://cdn.example.com*/*", "*.example.com", "covers cdn.example.com.evil.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := policy.PatternFromConfig(tt.pattern)
			checkRefusal(t, err, "wildcard", tt.advice)
			if _, err := policy.PatternAnyHostFromConfig(tt.pattern); err != nil {
				t.Errorf("PatternAnyHost refuses it, too: %v", err)
			}
		})
	}
	_, err := policy.PatternAnyHostFromConfig("https://cdn.example.com*?x=1")
	checkRefusal(t, err, "path", "write a /") // only without a query does the host's wildcard go on
	for _, pattern := range []string{"*", "https://*", "https://cdn.example.com*"} {
		if _, err := policy.PatternFromConfig(pattern); err == nil {
			t.Errorf("Pattern(%q) accepted", pattern)
		}
		if _, err := policy.PatternAnyHostFromConfig(pattern); err != nil {
			t.Errorf("PatternAnyHost(%q): %v", pattern, err)
		}
	}
}

func TestResourceParts(t *testing.T) {
	type parts struct {
		Scheme, Host, PathPrefix string
		Whole                    bool
	}
	tests := []struct {
		pattern string
		want    parts
		reason  string
	}{
		{host + "/a", parts{"https", "cdn.example.com", "/a", true}, "an exact URL"},
		{"http://cdn.example.com:8443/a/", parts{"http", "cdn.example.com", "/a/", true}, "the host is without the port"},
		{host + "/a?b=/*", parts{"https", "cdn.example.com", "/a", true}, "a wildcard in the query is not in the path"},
		{host + "/a/*/b*", parts{"https", "cdn.example.com", "/a/", false}, "up to the first wildcard"},
		{host + "/*", parts{"https", "cdn.example.com", "/", false}, "every path"},
		{"*://*.example.com/a", parts{"*", "*.example.com", "/a", true}, "a wildcard in the host is not in the path"},
		{"http*://cdn.example.com*", parts{"http*", "cdn.example.com*", "/", false}, "the wildcard of the host goes on into the path"},
		{"*", parts{"*", "*", "/", false}, "everything"},
	}
	for _, tt := range tests {
		r, err := policy.PatternAnyHostFromConfig(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		got := parts{Scheme: r.Scheme(), Host: r.Host()}
		got.PathPrefix, got.Whole = r.PathPrefix()
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.pattern, tt.reason, diff)
		}
	}
}

// TestAlternative: what a caller shows instead of a function of Go is apart from the advice.
func TestAlternative(t *testing.T) {
	literal := "use UnderForLiteralOrigin if the origin takes names literally, as S3 does"
	tests := []struct {
		name string
		err  func() error
		want policy.Error
	}{
		{
			"wildcard in a URL", func() error { _, err := policy.URL(host + "/*"); return err },
			policy.Error{Field: policy.FieldURL, Reason: "wildcard", Alternative: "use Directory, Under or Pattern if it is meant"},
		},
		{
			"wildcard in a host", func() error { _, err := policy.Pattern("https://*/a"); return err },
			policy.Error{Field: policy.FieldPattern, Reason: "wildcard", Alternative: "use PatternAnyHost if every host is meant"},
		},
		{
			"second question mark", func() error { _, err := policy.Pattern(host + "/a?b?c"); return err },
			policy.Error{Field: policy.FieldPattern, Reason: "wildcard"},
		},
		{
			"directory", func() error { _, err := policy.Directory(host + "/bob;x/"); return err },
			policy.Error{Field: policy.FieldBaseURL, Reason: "reading", Alternative: literal},
		},
	}
	for _, tt := range tests {
		var got *policy.Error
		if !errors.As(tt.err(), &got) {
			t.Fatalf("%s: not refused", tt.name)
		}
		if diff := cmp.Diff(tt.want, *got, cmpopts.IgnoreUnexported(policy.Error{}), cmpopts.IgnoreFields(policy.Error{}, "Problem", "Advice")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if got.Problem == "" || got.Advice == "" {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestZeroResource(t *testing.T) {
	var r policy.Resource
	if r.Matches(host+"/a") || r.Matches("") || r.Host() != "" || r.Scheme() != "" || r.String() != "" {
		t.Error("the zero resource covers or names something")
	}
	checkRefusal(t, r.Check(host+"/a"), "not_covered", "")
}

func TestCheckNamesTheSection(t *testing.T) {
	tests := []struct {
		url  string
		want policy.NotCoveredError
	}{
		{"http://cdn.example.com/u/7/a?v=1", policy.NotCoveredError{Section: policy.SectionScheme, Resource: "https", URL: "http"}},
		{"https://cdn.example.org/u/7/a?v=1", policy.NotCoveredError{Section: policy.SectionHost, Resource: "cdn.example.com", URL: "cdn.example.org"}},
		{host + "/u/8/a?v=1", policy.NotCoveredError{Section: policy.SectionPath, Resource: "/u/7/*", URL: "/u/8/a"}},
		{host + "/u/7/a?v=2", policy.NotCoveredError{Section: policy.SectionQuery, Resource: "v=1", URL: "v=2"}},
		{host + "/u/7/a", policy.NotCoveredError{Section: policy.SectionQuery, Resource: "v=1"}},
	}
	r, err := policy.PatternFromConfig(host + "/u/7/*?v=1")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		err := r.Check(tt.url)
		checkRefusal(t, err, "not_covered", "its "+string(tt.want.Section)+" ")
		var got *policy.NotCoveredError
		if !errors.As(err, &got) {
			t.Fatalf("%T", err)
		}
		if diff := cmp.Diff(tt.want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.url, diff)
		}
		if strings.Contains(err.Error(), "v=") {
			t.Errorf("%v repeats a query", err)
		}
	}
}

// TestErrorsKeepQueries hands over URLs that carry credentials by mistake.
func TestErrorsKeepQueries(t *testing.T) {
	secret := "SeCrEt~SiGnAtUrE_"
	folder, err := policy.Directory(host + "/u/7/")
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Check(host + "/u/8/a&Signature=" + secret); strings.Contains(err.Error(), secret) {
		t.Errorf("%v repeats what was written as a query", err)
	}
	r, err := policy.URL(host + "/a?token=" + secret)
	if err != nil {
		t.Fatal(err)
	}
	_, tooLong := policy.URL(host + "/" + strings.Repeat("a", 8192) + "?Signature=" + secret)
	_, signed := policy.URL(host + "/a?Expires=1&Signature=" + secret + "&Key-Pair-Id=K1")
	_, fragment := policy.URL(host + "/a?Signature=" + secret + "#x")
	_, character := policy.URL(host + "/a?Signature=" + secret + " ")
	_, password := policy.URL("https://alice:" + secret + "@cdn.example.com/a")
	_, scheme := policy.URL("HTTPS://cdn.example.com/a?Signature=" + secret)
	_, directory := policy.Directory(host + "/a?x=" + secret)
	_, document := policy.Parse([]byte(`{"Policy":"` + secret + `"}`))
	for i, err := range []error{tooLong, signed, fragment, character, password, scheme, directory, document, r.Check(host + "/a")} {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("error %d: %v", i, err)
		}
	}
}
