// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/policy"
)

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
		{"scheme wildcard elsewhere", "ht*://cdn.example.com/a", "scheme", "*://", "no page documents it"},
		{"dot segment", host + "/a/../*", "dot_segment", "path that results", "never requested"},
		{"empty segment", host + "/users//*", "empty_segment", "is set", "many servers take it for /users/*"},
		{"asterisk that completes an encoding", host + "/users/%25*", "reading", "UnderForLiteralOrigin", "covers %2541lice, which is Alice when it is decoded twice"},
		{"asterisk that completes a digit", host + "/users/%254*", "reading", "UnderForLiteralOrigin", "covers %2541lice, which is Alice when it is decoded twice"},
		{"asterisk after a space", host + "/users/al%20*", "reading", "UnderForLiteralOrigin", "covers al%20/secret, which Windows finds in al"},
		{"asterisk after a space alone", host + "/users/%20*", "empty_segment", "is set", "covers %20/bob/secret, which Windows finds in bob"},
		{"encoded slash", host + "/users/%2F*", "empty_segment", "is set", "servers that decode take it for /users/*"},
		{"semicolon", host + "/users/bob;x*", "reading", "UnderForLiteralOrigin", "servlet containers take it for bob's"},
		{"encoded twice", host + "/users/%2562ob/*", "reading", "UnderForLiteralOrigin", "servers that decode twice take it for bob's"},
		{"empty parameter", host + "/a?*&", "query", "leave out", "never requested"},
		{"reserved name", host + "/a?Signature=*", "reserved_name", "Signature", "removed before matching"},
		{"space", host + "/a b/*", "character", "%20", "never requested"},
		{"port wildcard", "https://cdn.example.com:*/a", "port", "decimal", "no page documents it"},
		{"default port of one scheme", "*://cdn.example.com:443/a", "port", "leave out :443", "clients leave it out with https"},
		{"the other default port", "*://cdn.example.com:80/a", "port", "leave out :80", "clients leave it out with http"},
		{"S3", "https://*.s3.eu-west-1.amazonaws.com/*", "host", "of the distribution", "S3 does not read CloudFront's signatures"},
		{"scheme twice", "https://https://cdn.example.com/*", "host", "once", "a base URL was prepended twice"},
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
		{"one label", "https://*.com/*", "two labels", "covers every domain"},
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

// TestMust: what is valid is what the other function returns, and a mistake ends the program.
func TestMust(t *testing.T) {
	want, err := policy.Directory(host + "/a/")
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []policy.Resource{policy.MustDirectory(host + "/a/"), policy.MustPattern(host + "/a/*")} {
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	for name, invalid := range map[string]func(){
		"MustDirectory": func() { policy.MustDirectory(host + "/a") },
		"MustPattern":   func() { policy.MustPattern(host + "/?/?") },
		"any host":      func() { policy.MustPattern("*") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				err, _ := recover().(error)
				if refused := new(policy.Error); !errors.As(err, &refused) {
					t.Errorf("it panics with %v, want the error of the other function", err)
				}
			}()
			invalid()
		})
	}
}
