// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// A constant is a string that only the source code can write. The type is not exported: Go
// converts a string constant to it, and a string variable is a compile error, except in
// generic code that was written to get around it.
type constant string

// Pattern returns the resource for every URL that pattern matches. The pattern must be a
// constant in your code, because a wildcard in data would widen the grant: a variable
// does not compile. For a pattern from your configuration, use [PatternFromConfig]. For
// data, use [Under].
//
// An asterisk stands for any number of characters within its section (scheme, host, path,
// query). In the path it also crosses slashes, and in the query it also crosses "&":
// https://cdn.example.com/img?user=7&size=* covers /img?user=7&size=1&user=8. A pattern
// covers URLs with a query only if its path ends in an asterisk or the pattern has a query
// itself. So https://cdn.example.com/users/7* also covers /users/77/, and
// https://cdn.example.com/*.mp4 does not cover /a.mp4?v=2.
//
// CloudFront may read a wildcard more widely than that. CloudFront's page on signed cookies
// does not mention sections. According to that page, https://cdn.example.com/*.mp4 also
// covers /users/bob/secret.jpg?.mp4, and https://*.example.com/users/alice/* covers
// /users/bob/secret.jpg?.example.com/users/alice/ on every distribution that trusts the
// key. Only an asterisk that is the last character has one reading. For any other pattern,
// [Resource.Wider] returns a URL that the pattern may cover as well: sign such a pattern
// only if such URLs are not secret. For cookies, you must also set
// sign.CookieAttributes.AllowWider. Signed URLs are not safer: a viewer can copy their
// signing parameters into cookies.
//
// The scheme must be https, http, or "*" or "http*" for both. The host must be literal, or
// have "*." before at least two literal labels; [PatternAnyHost] has no such rule. A pattern
// can hold one "?", as the start of its query: CloudFront's pages also read it as a wildcard
// for one character, so Pattern refuses a second one with [ErrWildcard]. If the path has a
// wildcard, its segments follow the rules of [Directory].
//
// In all other respects, the rules of [URL] apply. Pattern returns [ErrURL], [ErrWildcard]
// and [ErrTooLong].
//
// Sources, on wildcards: "Create a signed URL using a custom policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html,
// and "Set signed cookies using a custom policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
func Pattern(pattern constant) (Resource, error) {
	return newPattern(string(pattern), subdomainHost)
}

// MustPattern is [Pattern], but panics if the pattern is invalid, so you find the mistake when
// you start the program. Use it for package variables, as [MustDirectory].
func MustPattern(pattern constant) Resource { return must(Pattern(pattern)) }

// PatternAnyHost is [Pattern] with wildcards anywhere in the host. "*" alone, and https://*
// for one scheme, cover every URL of every distribution that trusts the key;
// https://*example.com/* covers evilexample.com as well.
func PatternAnyHost(pattern constant) (Resource, error) {
	return newPattern(string(pattern), anyHost)
}

// PatternFromConfig is [Pattern] for a pattern from a configuration that you trust like
// your code. Never pass anything that came from a request, a token or a database: an
// asterisk in it grants everything.
func PatternFromConfig(pattern string) (Resource, error) {
	return newPattern(strings.Clone(pattern), subdomainHost)
}

// PatternAnyHostFromConfig is [PatternAnyHost] for a pattern from a configuration that
// you trust like your code; see [PatternFromConfig].
func PatternAnyHostFromConfig(pattern string) (Resource, error) {
	return newPattern(strings.Clone(pattern), anyHost)
}

// newPattern returns the resource for a pattern that is to be signed.
func newPattern(pattern string, rule hostRule) (Resource, error) {
	s, err := parsePattern(pattern, rule)
	if err == nil && strings.Contains(s.path, "*") {
		err = checkFolder(s.path)
	}
	if err == nil {
		err = checkViewerHost(s.host)
	}
	if err != nil {
		return Resource{}, inField(FieldPattern, err)
	}
	return newResource(pattern), nil
}

// parsePattern divides a pattern, and refuses what no policy may have, no matter what
// signed it.
func parsePattern(pattern string, rule hostRule) (sections, error) {
	if pattern == "*" && rule == anyHost {
		return split(pattern), nil
	}
	s, err := parse(pattern, rule)
	if err == nil {
		err = checkQuestionMarks(pattern)
	}
	if err == nil && strings.Contains(pattern, "*") {
		err = checkEmptySegments(s.path)
	}
	return s, err
}
