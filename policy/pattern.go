// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// A constant is a string that only the source code can write. The type is not exported:
// a string constant is converted to it, and a string variable is a compile error, short of
// generic code that was written to get around it.
type constant string

// Pattern returns the resource that is every URL that pattern matches. Its
// wildcards are live, so pattern must be a constant of your code: a variable does
// not compile. For a pattern from your configuration use [PatternFromConfig], and
// for data [Under].
//
// An asterisk stands for any number of characters within its section (scheme,
// host, path, query). In the path it also crosses slashes, and in the query it also
// crosses "&": https://cdn.example.com/img?user=7&size=* covers
// /img?user=7&size=1&user=8. Without an asterisk at the end of the path, or a query
// of its own, the pattern covers no URL with a query. So
// https://cdn.example.com/users/7* also covers /users/77/, and
// https://cdn.example.com/*.mp4 does not cover /a.mp4?v=2.
//
// CloudFront may read a wildcard more widely than that. The page on signed cookies
// knows no sections, so there https://cdn.example.com/*.mp4 also covers
// /users/bob/secret.jpg?.mp4, and https://*.example.com/users/alice/* covers
// /users/bob/secret.jpg?.example.com/users/alice/ on every distribution of the key.
// Only an asterisk that is the last character has one reading. For any other pattern
// [Resource.Wider] returns a URL that it may cover as well: sign such a pattern only
// if those URLs are nobody's secret. Cookies for it must be asked for, with
// sign.CookieAttributes.AllowWider; but a viewer can also put the parameters of a
// signed URL into cookies.
//
// The scheme is https, http, or "*" or "http*" for both. The host is literal,
// or has "*." before at least two literal labels; [PatternAnyHost] is without
// that rule. CloudFront's pages read "?" both as the start of the query and as
// a wildcard for one character: a pattern may hold one, as the start of its
// query, and [ErrWildcard] is returned for more. If there is a wildcard in the path,
// its segments follow the rules of [Directory].
//
// The pattern is otherwise written like the URL of [URL], whose errors it
// returns, and those of Directory.
//
// Sources: "Create a signed URL using a custom policy" and "Set signed cookies using
// a custom policy", on wildcards.
func Pattern(pattern constant) (Resource, error) {
	return newPattern(string(pattern), subdomainHost)
}

// PatternAnyHost is [Pattern] with wildcards anywhere in the host. "*" alone,
// and https://* for one scheme, cover every URL of every distribution that
// trusts the key; https://*example.com/* covers evilexample.com as well.
func PatternAnyHost(pattern constant) (Resource, error) {
	return newPattern(string(pattern), anyHost)
}

// PatternFromConfig is [Pattern] for a pattern that is not in the source code but in
// a configuration that its owner trusts like code. Never pass anything that has come
// from a request, a token or a database: an asterisk in it grants everything.
func PatternFromConfig(pattern string) (Resource, error) {
	return newPattern(strings.Clone(pattern), subdomainHost)
}

// PatternAnyHostFromConfig is [PatternAnyHost] under the rule of [PatternFromConfig].
func PatternAnyHostFromConfig(pattern string) (Resource, error) {
	return newPattern(strings.Clone(pattern), anyHost)
}

// newPattern returns the resource for a pattern that is to be signed.
func newPattern(pattern string, rule hostRule) (Resource, error) {
	var s sections
	err := s.parsePattern(pattern, rule)
	if err == nil && strings.Contains(s.path, "*") {
		err = checkFolder(s.path)
	}
	if err != nil {
		return Resource{}, inField("pattern", err)
	}
	return Resource{pattern: pattern}, nil
}

// parsePattern divides a pattern and refuses what no policy may have, whoever signed
// it.
func (s *sections) parsePattern(pattern string, rule hostRule) error {
	if pattern == "*" && rule == anyHost {
		s.split(pattern)
		return nil
	}
	if err := s.parse(pattern, rule, &sections{}); err != nil {
		return err
	}
	if err := checkQuestionMarks(pattern); err != nil {
		return err
	}
	if strings.Contains(pattern, "*") {
		return checkEmptySegments(s.path)
	}
	return nil
}

// checkQuestionMarks refuses what CloudFront's pages read in two ways.
func checkQuestionMarks(pattern string) error {
	if strings.Count(pattern, "?") > 1 {
		return refuse(ErrWildcard, "a second ? may be read as a wildcard for one character: write %%3F if it is part of a value, or use Pattern with * in its place")
	}
	return nil
}
