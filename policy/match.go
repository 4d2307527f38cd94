// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"
	"unsafe"
)

// Matches reports whether the resource covers rawURL, a URL as a viewer
// requests it, without the parameters that signing added. It is false for a
// URL in a form that clients or servers would rewrite, so nothing leaves a
// directory through "..".
//
// Where CloudFront's pages describe two ways of matching (by section, or as one
// string), it is true only if both match. The time is linear in the lengths of
// the resource and the URL.
func (r Resource) Matches(rawURL string) bool {
	var p, u sections
	p.split(r.pattern)
	return u.parseURL(rawURL, &p) == nil && uncovered(&p, &u) == ""
}

// MatchesBytes is [Resource.Matches] for a URL in a buffer, and allocates nothing for
// a URL that is in order, covered or not. The buffer must not change meanwhile;
// nothing of it is kept.
func (r Resource) MatchesBytes(rawURL []byte) bool {
	// The string does not outlive this call: Matches keeps no part of it.
	return r.Matches(unsafe.String(unsafe.SliceData(rawURL), len(rawURL)))
}

// Check is [Resource.Matches] with a reason: nil if the resource covers
// rawURL, or else an [*Error] that wraps a [*NotCoveredError] with the section
// that differs, or one of the errors of [URL] if rawURL is in a form that
// clients or servers would rewrite.
func (r Resource) Check(rawURL string) error {
	var p, u sections
	p.split(r.pattern)
	if err := u.parseURL(rawURL, &p); err != nil {
		return inField("URL", err)
	}
	if section := uncovered(&p, &u); section != "" {
		return inField("URL", &NotCoveredError{Section: section, Resource: p.text(section), URL: u.text(section)})
	}
	return nil
}

// uncovered returns the first section of the URL u that the pattern
// p does not match, or "". The zero Resource, whose scheme is empty, matches none.
//
// Matching by section never covers more than matching as one string does, so
// its answer is the one on which both agree.
func uncovered(p, u *sections) Section {
	switch {
	case p.scheme != u.scheme && p.scheme != "*" && p.scheme != "http*":
		return SectionScheme
	case p.host != u.host && !glob(p.host, u.host):
		return SectionHost
	case p.coversAllPaths():
		return ""
	case !glob(p.path, u.path):
		return SectionPath
	case !matchQuery(p, u):
		return SectionQuery
	}
	return ""
}

// matchQuery compares the queries of a pattern and a URL whose paths match.
func matchQuery(p, u *sections) bool {
	if p.hasQuery {
		return u.hasQuery && glob(p.query, u.query)
	}
	return !u.hasQuery || strings.HasSuffix(p.path, "*")
}

// glob reports whether s is pattern with each asterisk replaced by any number
// of characters. It takes the leftmost place for every literal piece, which
// never has to be taken back, since the asterisks between them take any rest.
func glob(pattern, s string) bool {
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return pattern == s
	}
	if !strings.HasPrefix(s, pattern[:star]) {
		return false
	}
	s, rest := s[star:], pattern[star+1:]
	for {
		piece, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, piece)
		}
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(piece):], next
	}
}
