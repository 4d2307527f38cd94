// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"
	"unsafe"

	"github.com/cfsign/cfsign/internal/readers"
)

// Matches reports whether the resource covers rawURL, a URL as a viewer
// requests it, without the parameters that signing added.
//
// It is false for a URL that clients or servers in use would read as another: for
// all the ways that [Under] lists, nothing leaves a directory. A directory covers
// names with ";", "%3F" or "%23", because a server that cuts there stays in it. If a
// wildcard of the resource is not the last character of its path, the URL must not
// have them: /users/bob/secret.jpg;.mp4 ends in .mp4 for CloudFront alone.
//
// Where CloudFront's pages describe two ways of matching (by section, or as one
// string), it is true only if both match. The time is linear in the lengths of
// the resource and the URL.
func (r Resource) Matches(rawURL string) bool {
	var p, u sections
	p.split(r.pattern)
	return u.parseURL(rawURL, &p) == nil && uncovered(&p, &u) == "" && isClear(&p, &u)
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
	section := uncovered(&p, &u)
	clear := isClear(&p, &u)
	switch {
	case section == "" && clear:
		return nil
	case section == "":
		section = SectionPath
	}
	return inField("URL", &NotCoveredError{
		Section: section, Resource: strings.Clone(p.text(section)), URL: strings.Clone(u.text(section)),
		Wider: coversAsString(r.pattern, rawURL), Unclear: !clear,
	})
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

// isClear reports whether every server in use reads a path that p covers the same way, as
// far as it matters. An exact path is the same for all, and what a directory covers stays
// in it. Otherwise what a server cuts off may be what matches.
func isClear(p, u *sections) bool {
	inside := strings.Contains(strings.TrimRight(p.path, "*"), "*")
	return !inside || readers.IsPlain(u.path) && !readers.HasEmptySegment(u.path)
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
