// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Resource says which URLs a policy covers: one URL, everything under a
// directory, or a pattern. It is made by [URL], [Directory], [Under],
// [Pattern] or [PatternAnyHost], and is therefore always in a form that
// CloudFront takes and that reaches no further than its constructor promises.
//
// Resources are immutable and comparable with ==. The zero Resource covers
// nothing, and no policy can be made of it.
type Resource struct {
	pattern string
}

// URL returns the resource that is exactly rawURL, its query included.
//
// rawURL must be written as clients send it, because what is signed is what is
// compared: scheme and host in lower case, everything else percent-encoded. No
// wildcard may hide in it. It may have one "?": in a custom policy CloudFront's
// own pages read a second one in two ways. The errors are the reasons for
// refusing a URL, [ErrScheme] to [ErrTooLong], each in an [*Error].
func URL(rawURL string) (Resource, error) {
	var s sections
	err := s.parseExact(rawURL)
	if err == nil {
		err = checkQuestionMarks(rawURL)
	}
	if err != nil {
		return Resource{}, inField("URL", err)
	}
	return Resource{pattern: rawURL}, nil
}

// Directory returns the resource that is everything below baseURL, in any
// depth and with any query: the pattern baseURL/*. The code itself must name
// the directory; where part of it is data, such as a user's ID, use [Under].
//
// baseURL has no query and no wildcard; a slash at its end may be left out,
// but not the path: https://cdn.example.com/ is the directory of everything on
// that host. No segment of it may be empty. It returns the errors of [URL], and
// [ErrNotDirectory].
func Directory(baseURL string) (Resource, error) {
	base, err := directory(baseURL)
	if err == nil {
		err = checkLength(base + "*")
	}
	if err != nil {
		return Resource{}, inField("base URL", err)
	}
	return Resource{pattern: base + "*"}, nil
}

// Under returns the resource that is everything below the directory
// baseURL/segment/more[0]/more[1]/…, where the segments are data: a user's ID,
// a tenant, an order number. Nothing in them can widen the grant.
//
// Each segment becomes exactly one path segment. Every byte of it outside
// A–Z, a–z, 0–9, "-", ".", "_" and "~" is percent-encoded, wildcards too. A
// segment is refused with [ErrSegment] if it is empty, "." or ".." (also before
// what some server cuts off, such as a semicolon), not UTF-8, or has a slash, a
// backslash or a control character. There is at least one by signature, so that
// an empty list cannot grant the parent. Build the URLs of the files with
// [Resource.Child], which escapes in the same way.
func Under(baseURL, segment string, more ...string) (Resource, error) {
	base, err := directory(baseURL)
	if err != nil {
		return Resource{}, inField("base URL", err)
	}
	path, err := joinSegments(append([]string{segment}, more...))
	if err != nil {
		return Resource{}, err
	}
	pattern := base + path + "/*"
	if err := checkLength(pattern); err != nil {
		return Resource{}, inField("base URL with segments", err)
	}
	return Resource{pattern: pattern}, nil
}

// Pattern returns the resource that is every URL that pattern matches. Its
// wildcards are live, so nothing in it may be data from outside.
//
// An asterisk stands for any number of characters within its section (scheme,
// host, path, query); in the path it also crosses slashes. Without an asterisk
// at the end of the path, or a query of its own, the pattern covers no URL with
// a query. So https://cdn.example.com/users/7* also covers /users/77/, and
// https://cdn.example.com/*.mp4 does not cover /a.mp4?v=2.
//
// The scheme is https, http, or "*" or "http*" for both. The host is literal,
// or has "*." before at least two literal labels; [PatternAnyHost] is without
// that rule. CloudFront's pages read "?" both as the start of the query and as
// a wildcard for one character: a pattern may hold one, as the start of its
// query, and [ErrWildcard] is returned for more.
//
// The pattern is otherwise written like the URL of [URL], whose errors it
// returns.
//
// Source: "Create a signed URL using a custom policy", on wildcards.
func Pattern(pattern string) (Resource, error) {
	return parsePattern("pattern", pattern, subdomainHost)
}

// PatternAnyHost is [Pattern] with wildcards anywhere in the host. "*" alone,
// and https://* for one scheme, cover every URL of every distribution that
// trusts the key; https://*example.com/* covers evilexample.com as well.
func PatternAnyHost(pattern string) (Resource, error) {
	return parsePattern("pattern", pattern, anyHost)
}

func parsePattern(field, pattern string, rule hostRule) (Resource, error) {
	if pattern == "*" && rule == anyHost {
		return Resource{pattern: pattern}, nil
	}
	var s sections
	err := s.parse(pattern, rule, &sections{})
	if err == nil {
		err = checkQuestionMarks(pattern)
	}
	if err == nil && strings.Contains(pattern, "*") {
		err = checkEmptySegments(s.path)
	}
	if err != nil {
		return Resource{}, inField(field, err)
	}
	return Resource{pattern: pattern}, nil
}

// checkQuestionMarks refuses what CloudFront's pages read in two ways.
func checkQuestionMarks(pattern string) error {
	if strings.Count(pattern, "?") > 1 {
		return refuse(ErrWildcard, "a second ? may be read as a wildcard for one character: write %%3F if it is part of a value, or use Pattern with * in its place")
	}
	return nil
}

// String returns the resource as it stands in the policy document.
func (r Resource) String() string { return r.pattern }

// Host returns the host, without the port. It may have wildcards, if the
// resource was made from a pattern. The host of the zero Resource is "".
func (r Resource) Host() string {
	var s sections
	s.split(r.pattern)
	name, _, _ := strings.Cut(s.host, ":")
	return name
}

// Child returns the URL of something below a directory. The segments are data
// and are escaped and refused as in [Under]. At least one is needed, or the
// error is [ErrSegment]; it is [ErrNotDirectory] unless the resource is one as
// made by [Directory] or [Under], and [ErrTooLong] if CloudFront would not
// accept the URL.
func (r Resource) Child(segments ...string) (string, error) {
	var s sections
	s.split(r.pattern)
	base, _ := strings.CutSuffix(r.pattern, "*")
	if !strings.HasSuffix(s.path, "/*") || strings.ContainsAny(base, "*?") {
		return "", inField("Resource", refuse(ErrNotDirectory, "only a resource made by Directory or Under has children"))
	}
	if len(segments) == 0 {
		return "", inField("segments", refuse(ErrSegment, "name at least one"))
	}
	path, err := joinSegments(segments)
	if err != nil {
		return "", err
	}
	child := base + path
	if err := checkLength(child); err != nil {
		return "", inField("URL", err)
	}
	return child, nil
}

// directory returns baseURL with a slash at its end.
func directory(baseURL string) (string, error) {
	if base, ok := strings.CutSuffix(baseURL, "/*"); ok && !strings.Contains(base, "*") {
		return "", refuse(ErrWildcard, "leave out the asterisk at the end: everything below is covered anyway (write %%2A if it is part of a name)")
	}
	var s sections
	if err := s.parseExact(baseURL); err != nil {
		return "", err
	}
	if s.hasQuery {
		return "", refuse(ErrNotDirectory, "a directory has no query: leave out the ? and what follows")
	}
	if err := checkEmptySegments(s.path); err != nil {
		return "", err
	}
	if strings.HasSuffix(baseURL, "/") {
		return baseURL, nil
	}
	return baseURL + "/", nil
}

// joinSegments returns the segments, escaped, with slashes between them.
func joinSegments(segments []string) (string, error) {
	escaped := make([]string, len(segments))
	for i, segment := range segments {
		if err := checkSegment(segment); err != nil {
			return "", inField("segment "+strconv.Itoa(i+1), err)
		}
		escaped[i] = escape(segment)
	}
	return strings.Join(escaped, "/"), nil
}

func checkSegment(segment string) error {
	switch {
	case segment == "":
		return refuse(ErrSegment, "it is empty, which would grant the whole directory above: check that the value is set")
	case isDots(segment):
		return refuse(ErrSegment, `"." and ".." (also with ; ? # or a space after them) lead to another directory: use an ID that cannot have this form`)
	case strings.ContainsAny(segment, `/\`):
		return refuse(ErrSegment, "a slash or backslash in it would make it two: hand over the segments one by one")
	case !utf8.ValidString(segment):
		return refuse(ErrSegment, "it is not UTF-8: hand over text, or encode the bytes yourself (hex, base64url)")
	case strings.ContainsFunc(segment, unicode.IsControl):
		return refuse(ErrSegment, "it has a control character: remove it")
	}
	return nil
}
