// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/readers"
	"github.com/cfsign/cfsign/internal/wire"
)

// sections are the four parts into which CloudFront's matching rules divide a
// URL or a pattern. The host includes the port.
//
// Source: "Create a signed URL using a custom policy", on wildcards.
type sections struct {
	scheme, host, path, query string
	hasQuery                  bool
}

// split divides raw without checking it. The sections must be empty.
func (s *sections) split(raw string) {
	if raw == "*" {
		s.scheme, s.host = "*", "*"
		return
	}
	scheme := "https"
	rest, ok := strings.CutPrefix(raw, "https://")
	if !ok {
		scheme, rest, ok = strings.Cut(raw, "://")
	}
	if !ok {
		return
	}
	end := strings.IndexByte(rest, '/')
	if end < 0 {
		end = len(rest)
	}
	if i := strings.IndexByte(rest[:end], '?'); i >= 0 {
		end = i
	}
	s.scheme, s.host, s.path = scheme, rest[:end], rest[end:]
	if i := strings.IndexByte(s.path, '?'); i >= 0 {
		s.path, s.query, s.hasQuery = s.path[:i], s.path[i+1:], true
	}
}

// text returns a section as it was written.
func (s *sections) text(section Section) string {
	switch section {
	case SectionScheme:
		return s.scheme
	case SectionHost:
		return s.host
	case SectionPath:
		return s.path
	}
	return s.query
}

// parseURL divides a URL that a viewer can request and that arrives at
// CloudFront byte for byte as it was written. An asterisk in it is a character
// like any other. A scheme and host that are those of known, if they have no
// wildcards, were checked before.
func (s *sections) parseURL(raw string, known *sections) error {
	if strings.Contains(known.host, "*") {
		known = &sections{}
	}
	return s.parse(raw, literalHost, known)
}

// parseExact is parseURL for a URL that becomes the resource of a policy,
// where an asterisk would be a wildcard.
func (s *sections) parseExact(raw string) error {
	if err := s.parse(raw, literalHost, &sections{}); err != nil {
		return err
	}
	if strings.Contains(raw, "*") {
		return refuse(ErrWildcard, "an asterisk in a policy covers every URL that has anything in its place: "+
			"write %%2A if it is part of a name, or use Directory, Under or Pattern if it is meant")
	}
	return nil
}

// parse divides and checks raw, a URL or, with wildcards in the host, a
// pattern.
func (s *sections) parse(raw string, rule hostRule, known *sections) error {
	if err := checkLength(raw); err != nil {
		return err
	}
	s.split(raw)
	if err := s.checkScheme(rule); err != nil {
		return err
	}
	if s.scheme != known.scheme || s.host != known.host {
		if err := checkHost(s.host, s.scheme, rule); err != nil {
			return err
		}
	}
	if s.path == "" && !s.coversAllPaths() {
		return refuse(ErrPath, "write a / after the host")
	}
	if err := s.checkPath(); err != nil {
		return err
	}
	return s.checkQuery()
}

func checkLength(raw string) error {
	if len(raw) > wire.MaxURL {
		return refuse(ErrTooLong, "%d bytes, and CloudFront accepts URLs of at most %d", len(raw), wire.MaxURL)
	}
	return nil
}

func (s *sections) checkScheme(rule hostRule) error {
	switch s.scheme {
	case "https", "http":
		return nil
	case "*", "http*":
		if rule != literalHost {
			return nil
		}
	}
	if rule == literalHost {
		return refuse(ErrScheme, "begin the URL with https:// or http://, in lower case")
	}
	return refuse(ErrScheme, "begin the pattern with https://, http:// or *://, in lower case")
}

// coversAllPaths reports whether a pattern ends in a wildcard of its host,
// which then goes on into path and query.
func (s *sections) coversAllPaths() bool {
	return s.path == "" && !s.hasQuery && strings.HasSuffix(s.host, "*")
}

func (s *sections) checkPath() error {
	if err := checkBytes(s.path, &pathBytes, "path"); err != nil {
		return err
	}
	if strings.HasPrefix(s.path, "//") {
		return refuse(ErrEmptySegment, "some clients send two slashes at its start as one: leave one out")
	}
	if readers.HasDotSegment(s.path) {
		return refuse(ErrDotSegment, `clients and servers resolve "." and "..", also percent-encoded: write the path that results`)
	}
	return nil
}

func (s *sections) checkQuery() error {
	if !s.hasQuery {
		return nil
	}
	if err := checkBytes(s.query, &queryBytes, "query"); err != nil {
		return err
	}
	for rest, more := s.query, true; more; {
		var parameter string
		parameter, rest, more = strings.Cut(rest, "&")
		if parameter == "" {
			return refuse(ErrQuery, "clients and servers drop it: leave out the ? or & that nothing follows")
		}
		if name := parameterName(parameter); wire.IsReserved(name) {
			return refuse(ErrReservedName, "CloudFront takes a URL with %q for a signed one: rename the parameter; if the URL is signed already, hand over the one it was made from", name)
		}
	}
	return nil
}

// parameterName returns the name of a query parameter, percent-decoded.
func parameterName(parameter string) string {
	name, _, _ := strings.Cut(parameter, "=")
	if !strings.Contains(name, "%") {
		return name
	}
	decoded, err := url.PathUnescape(name)
	if err != nil {
		return name
	}
	return decoded
}

// hasEmptySegment reports whether some server finds an empty segment in a path, also
// where an asterisk stands for a slash.
func hasEmptySegment(path string) bool {
	for i := range len(path) {
		if path[i] == '*' && !strings.HasSuffix(path[:i], "/") && readers.HasEmptySegment(path[:i]) {
			return true
		}
	}
	return readers.HasEmptySegment(path)
}

// checkEmptySegments refuses paths of directories and patterns that reach
// further at a server that takes several slashes for one, as many do: below
// /users//, where a variable was empty, is everybody's folder.
func checkEmptySegments(path string) error {
	if hasEmptySegment(path) {
		return refuse(ErrEmptySegment, "many servers take two slashes for one, also percent-encoded or with a semicolon between them, which covers the whole directory above: check that every part of the path is set")
	}
	return nil
}
