// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/readers"
	"github.com/cfsign/cfsign/internal/wire"
)

// sections are the four parts of a URL or a pattern that CloudFront matches separately;
// see [Section]. The host includes the port.
type sections struct {
	scheme, host, path, query string
	hasQuery                  bool
}

// split divides raw without checking it.
func split(raw string) (s sections) {
	if raw == "*" {
		s.scheme, s.host = "*", "*"
		return s
	}
	scheme := "https"
	rest, ok := strings.CutPrefix(raw, "https://")
	if !ok {
		scheme, rest, ok = strings.Cut(raw, "://")
	}
	if !ok {
		return s
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
	return s
}

// parse divides and checks raw. With literalHost, raw is a URL as a viewer requests it,
// and an asterisk in it is a character like any other. Otherwise raw is a pattern.
func parse(raw string, rule hostRule) (sections, error) {
	s := split(raw)
	return s, s.check(raw, rule, signed)
}

// parseExact is parse for a URL that becomes the resource of a policy, where an asterisk
// would be a wildcard.
func parseExact(raw string) (sections, error) {
	s, err := parse(raw, literalHost)
	if err == nil && strings.Contains(raw, "*") {
		err = refuse("wildcard", "an asterisk in a policy covers every URL that has anything in its place", "write %2A if it is part of a name").
			or("use Directory, Under or Pattern if it is meant")
	}
	if err == nil {
		err = checkViewerHost(s.host)
	}
	return s, err
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

// coversAllPaths reports whether a pattern ends in a wildcard of its host, which then
// extends into path and query.
func (s *sections) coversAllPaths() bool {
	return s.path == "" && !s.hasQuery && strings.HasSuffix(s.host, "*")
}

// A grammar says which characters a URL can have.
type grammar bool

const (
	// signed is for what is about to be signed: the characters that browsers and almost all
	// clients leave alone.
	signed grammar = true
	// received is for what a viewer sent or somebody else signed: all that a client can
	// send. Both refuse a path that some server in use reads as another one.
	received grammar = false
)

// check checks all sections of raw.
func (s *sections) check(raw string, rule hostRule, g grammar) error {
	if err := checkLength(raw); err != nil {
		return err
	}
	if err := s.checkScheme(rule); err != nil {
		return err
	}
	if err := checkHost(s.host, s.scheme, rule); err != nil {
		return err
	}
	return s.checkTarget(g)
}

func checkLength(raw string) error {
	if len(raw) > wire.MaxURL {
		return refuse("too_long", fmt.Sprintf("%d bytes, and CloudFront accepts URLs of at most %d", len(raw), wire.MaxURL), "write a shorter URL")
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
		return refuse("scheme", "the scheme is not https or http in lower case", "begin the URL with https:// or http://")
	}
	return refuse("scheme", "the scheme is not https, http or a wildcard, in lower case", "begin the pattern with https://, http:// or *://")
}

// checkTarget checks path and query.
func (s *sections) checkTarget(g grammar) error {
	if s.path == "" && !s.coversAllPaths() {
		return refuse("path", "the path is missing", "write a / after the host")
	}
	if err := s.checkPath(g); err != nil {
		return err
	}
	return s.checkQuery(g)
}

func (s *sections) checkPath(g grammar) error {
	allowed := &receivedPathBytes
	if g == signed {
		allowed = &pathBytes
	}
	if err := checkBytes(s.path, allowed, "path"); err != nil {
		return err
	}
	if g == signed && strings.HasPrefix(s.path, "//") {
		return refuse("empty_segment", "the path begins with two slashes, which some clients send as one", "leave one out")
	}
	if readers.HasDotSegment(s.path) {
		return refuse("dot_segment", `clients and servers resolve "." and ".." in the path, even if percent-encoded`, "write the path that results")
	}
	return nil
}

func (s *sections) checkQuery(g grammar) error {
	if !s.hasQuery {
		return nil
	}
	if g == received {
		if err := checkBytes(s.query, &receivedQueryBytes, "query"); err != nil {
			return err
		}
		return s.checkNames()
	}
	if err := checkBytes(s.query, &queryBytes, "query"); err != nil {
		return err
	}
	if s.query == "" || s.query[0] == '&' || strings.HasSuffix(s.query, "&") || strings.Contains(s.query, "&&") {
		return refuse("query", "an empty query or parameter, which clients and servers drop", "leave out the ? or & that nothing follows")
	}
	return s.checkNames()
}

// checkNames refuses a query with the parameters of a signature.
func (s *sections) checkNames() error {
	if name := s.reservedName(); name != "" {
		name, _ = url.PathUnescape(name)
		return refuse("reserved_name", fmt.Sprintf("CloudFront reads a URL with the parameter %q as a signed one", name),
			"rename the parameter, or, if the URL is signed already, pass the URL that it was made from")
	}
	return nil
}

// reservedName returns the name of the first parameter that some server reads as a signing
// parameter, as it is written, or "".
func (s *sections) reservedName() string {
	for rest, more := s.query, s.hasQuery; more; {
		var parameter string
		parameter, rest, more = strings.Cut(rest, "&")
		if name, _, _ := strings.Cut(parameter, "="); isReserved(name) {
			return name
		}
	}
	return ""
}

// isReserved reports whether name, percent-decoded, is the name of a signing parameter.
func isReserved(name string) bool {
	var decoded [len(wire.ParamHashAlgorithm)]byte // the longest name
	n := 0
	for ; name != "" && n < len(decoded); n++ {
		decoded[n] = name[0]
		size := 1
		if name[0] == '%' {
			if !wire.IsPercentEncoded(name) {
				return false
			}
			size = len("%XX")
			b, _ := strconv.ParseUint(name[1:size], 16, 8)
			decoded[n] = byte(b)
		}
		name = name[size:]
	}
	return name == "" && wire.IsReserved(string(decoded[:n]))
}

// checkEmptySegments refuses the path of a directory or pattern that reaches further on
// servers that take several slashes for one, as many do: below /users//, where a
// variable was empty, they find every user's folder.
func checkEmptySegments(path string) error {
	if hasEmptySegment(path) {
		return refuse("empty_segment", "many servers read two slashes as one, even if percent-encoded or with a semicolon between them, so this covers the whole directory above",
			"check that every part of the path is set")
	}
	return nil
}

// hasEmptySegment reports whether some server finds an empty segment in a path, even if
// an asterisk stands for a slash.
func hasEmptySegment(path string) bool {
	for i := range len(path) {
		if path[i] == '*' && !strings.HasSuffix(path[:i], "/") && readers.HasEmptySegment(path[:i]) {
			return true
		}
	}
	return readers.HasEmptySegment(path)
}

// checkFolder refuses the path of a directory or pattern if some server in use reads
// another folder in it. The text that an asterisk stands for may complete an encoding, or
// end a name.
func checkFolder(path string) error {
	if err := checkEmptySegments(path); err != nil {
		return err
	}
	if !readers.IsPlain(strings.ReplaceAll(path, "*", "00")) || !readers.IsPlain(strings.ReplaceAll(path, "*", "/")) {
		return refuse("reading", `a segment has ";", "?", "#", a slash or a backslash, a line break or tab, a space at its end, or "%" before two hexadecimal digits (plain or percent-encoded), `+
			"where servers in use cut or decode names and read another folder", "rename it").or("use UnderForLiteralOrigin if the origin takes names literally, as S3 does")
	}
	return nil
}

// checkQuestionMarks refuses a second question mark, because CloudFront's pages read it in
// two ways.
func checkQuestionMarks(pattern string) error {
	if strings.Count(pattern, "?") > 1 {
		return refuse("wildcard", "a second ? may be read as a wildcard for one character", "write %3F if it is part of a value, or write a pattern with * in its place")
	}
	return nil
}
