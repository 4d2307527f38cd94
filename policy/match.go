// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"
	"unsafe"

	"github.com/cfsign/cfsign/internal/glob"
	"github.com/cfsign/cfsign/internal/readers"
	"github.com/cfsign/cfsign/internal/wire"
)

// Matches reports whether the resource covers rawURL, a URL as a viewer requests it,
// without the signing parameters.
//
// A request is a fact. So the query can have any visible ASCII character, and the path any
// except a backslash and a percent sign that encodes nothing. To check a URL before you sign
// it, use [Resource.CheckStrict].
//
// Matches returns false if some server in use would read the path as another one. No URL
// that matches leads out of a directory, in any of the ways that [Under] lists. A
// directory covers names with ";", "%3F" or "%23", because a server that cuts there stays
// in the directory. If the resource has a wildcard before the last character of its path,
// the URL must not contain these: /users/bob/secret.jpg;.mp4 ends in .mp4 for CloudFront,
// but not for a server that cuts it.
//
// CloudFront's pages describe two ways of matching (by section, or as one string). Matches
// is true only if both match. The time is linear in the lengths of the resource and the
// URL.
func (r Resource) Matches(rawURL string) bool {
	if r.coversPlainly(rawURL) {
		return true
	}
	if len(rawURL) > wire.MaxURL {
		return false
	}
	p, u := split(r.pattern), split(rawURL)
	return r.uncovered(&p, &u) == "" && r.isClear(&p, &u) && u.isRequest(&p)
}

// MatchesBytes is [Resource.Matches] for a URL in a buffer. It allocates nothing. You must
// not change the buffer during the call; no part of it is kept.
func (r Resource) MatchesBytes(rawURL []byte) bool {
	// The string does not outlive this call: Matches keeps no part of it.
	return r.Matches(unsafe.String(unsafe.SliceData(rawURL), len(rawURL)))
}

// Check is [Resource.Matches] with a reason. If the resource covers rawURL, it returns nil.
// If the resource does not cover it, the [*Error] wraps a [*NotCoveredError] with the
// section that differs. If no client can send rawURL, or some server would read its path as
// another one, the error is [ErrURL], [ErrWildcard] or [ErrTooLong].
func (r Resource) Check(rawURL string) error {
	return r.check(rawURL, received)
}

// CheckStrict is [Resource.Check] for a URL that is about to be signed. It also returns
// [ErrURL] if some client would rewrite the URL before it sends it, because CloudFront would
// then compare another one, and for a host of Amazon S3.
func (r Resource) CheckStrict(rawURL string) error {
	return r.check(rawURL, signed)
}

func (r Resource) check(rawURL string, g grammar) error {
	if r.coversPlainly(rawURL) {
		return nil
	}
	p, u := split(r.pattern), split(rawURL)
	err := u.checkURL(rawURL, &p, g)
	if err == nil && g == signed {
		err = checkViewerHost(u.host)
	}
	if err != nil {
		return inField(FieldURL, err)
	}
	section := r.uncovered(&p, &u)
	clear := r.isClear(&p, &u)
	switch {
	case section == "" && clear:
		return nil
	case section == "":
		section = SectionPath
	}
	mismatch := &NotCoveredError{
		Section: section, Resource: strings.Clone(p.text(section)), URL: strings.Clone(u.text(section)),
		Wider: !r.literal && glob.Match(r.pattern, rawURL), Unclear: !clear,
	}
	return &Error{Field: FieldURL, Reason: "not_covered", Problem: mismatch.Error(), mismatch: &mismatch}
}

// Within reports whether bounds covers everything that r covers, so that a policy for r
// grants no more than a policy for bounds. It is false if that is not certain, and if
// either is the zero Resource.
//
// A result of true holds in both of CloudFront's readings. If bounds itself has a wider
// reading (see [Resource.Wider]), r may cover more than Matches says, but no more than
// bounds.
func (r Resource) Within(bounds Resource) bool {
	if r == bounds || bounds.literal {
		return r == bounds && r != Resource{}
	}
	// An asterisk of r is a character here. No literal part of bounds has one, so an
	// asterisk of bounds stands for it, and covers all that it stands for.
	b, s := split(bounds.pattern), split(r.pattern)
	return s.scheme != "" && bounds.uncovered(&b, &s) == "" && bounds.isClear(&b, &s)
}

// checkURL checks a URL that is compared with the pattern p. It does not check a host that
// p has literally, because that was checked when p was made.
func (s *sections) checkURL(rawURL string, p *sections, g grammar) error {
	if s.scheme != p.scheme || !s.hasHostOf(p) || len(rawURL) > wire.MaxURL {
		return s.check(rawURL, literalHost, g)
	}
	if err := s.checkScheme(literalHost); err != nil {
		return err
	}
	return s.checkTarget(g)
}

// hasHostOf reports whether the pattern p has the host of s literally.
func (s *sections) hasHostOf(p *sections) bool {
	return s.host == p.host && !strings.Contains(p.host, "*")
}

// isRequest reports whether checkURL returns nil for a URL that p covers and that is not too
// long, in the grammar of received URLs. It makes no error, so it allocates nothing.
func (s *sections) isRequest(p *sections) bool {
	switch {
	case s.scheme != "https" && s.scheme != "http" || s.path == "":
	case receivedPathBytes.invalid(s.path) < len(s.path) || readers.HasDotSegment(s.path):
	case receivedQueryBytes.invalid(s.query) < len(s.query) || s.reservedName() != "":
	default:
		return s.hasHostOf(p) || isHost(s.host, s.scheme)
	}
	return false
}

// uncovered returns the first section of the URL u that the pattern p does not match, or
// "". The zero Resource, whose scheme is empty, matches no URL.
//
// Matching by section never covers more than matching as one string does, so both agree
// on its answer.
func (r Resource) uncovered(p, u *sections) Section {
	if r.literal {
		return p.differs(u)
	}
	switch {
	case p.scheme != u.scheme && p.scheme != "*" && p.scheme != "http*":
		return SectionScheme
	case p.host != u.host && !glob.MatchAsterisks(p.host, u.host):
		return SectionHost
	case p.coversAllPaths():
		return ""
	case !glob.MatchAsterisks(p.path, u.path):
		return SectionPath
	case !matchQuery(p, u):
		return SectionQuery
	}
	return ""
}

// differs returns the first section that is not the same, or "".
func (s *sections) differs(u *sections) Section {
	switch {
	case s.scheme != u.scheme:
		return SectionScheme
	case s.host != u.host:
		return SectionHost
	case s.path != u.path:
		return SectionPath
	case s.query != u.query || s.hasQuery != u.hasQuery:
		return SectionQuery
	}
	return ""
}

// matchQuery compares the queries of a pattern and a URL whose paths match.
func matchQuery(p, u *sections) bool {
	if p.hasQuery {
		return u.hasQuery && glob.MatchAsterisks(p.query, u.query)
	}
	return !u.hasQuery || strings.HasSuffix(p.path, "*")
}

// isClear reports whether every server in use reads a path that p covers in the same way,
// as far as that matters. An exact path is the same for all servers, and a path that a
// directory covers stays in it. For other patterns, the text that a server cuts off may be
// the text that matches.
func (r Resource) isClear(p, u *sections) bool {
	inside := !r.literal && strings.Contains(strings.TrimRight(p.path, "*"), "*")
	return !inside || readers.IsPlain(u.path) && !readers.HasEmptySegment(u.path)
}

// Wider returns a URL that a policy for r may grant although [Resource.Matches] is false
// for it, because one of CloudFront's pages reads wildcards more widely than the other. It
// returns "" if both readings cover the same URLs, as for a resource made by [Directory] or
// [Under], a pattern whose only wildcard is an asterisk at its end, and a URL without a
// query.
//
// According to the page on signed cookies, an asterisk stands for any characters of the
// whole URL, across its sections, and a question mark for exactly one. This concerns custom
// policies only: a canned policy covers only its own URL.
//
// Source: "Set signed cookies using a custom policy", on wildcards,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
func (r Resource) Wider() string {
	if r.literal {
		return ""
	}
	pattern := r.pattern
	if base := strings.TrimRight(pattern, "*"); base != pattern {
		pattern = base + "*"
	}
	p := split(pattern)
	for i, b := range []byte(pattern) {
		if b != '*' && b != '?' {
			continue
		}
		for _, f := range fillers(pattern) {
			example := p.example(pattern, i, f)
			u := split(example)
			refused := u.host == "" || strings.HasSuffix(example, "?") || strings.HasPrefix(u.path, "//") // or rewritten by clients
			if !refused && glob.Match(pattern, example) && r.uncovered(&p, &u) != "" {
				return example
			}
		}
	}
	return ""
}

// A filler replaces wildcards in an example.
type filler struct{ host, name, other string }

// fillers returns readable ones first, and last one without any character of the pattern:
// no part of it can be mistaken for text that the pattern demands.
func fillers(pattern string) []filler {
	all := []filler{{"other.example", "any", ""}, {"other.example", "any", "any"}}
	for _, b := range []byte("abcdefghijklmnopqrstuvwxyz0123456789") {
		if strings.IndexByte(pattern, b) < 0 {
			letter := string(b)
			return append(all, filler{letter, letter, letter})
		}
	}
	return all
}

// example returns a URL that the pattern covers as one string if the wildcard at i stands
// for characters that its section, one of s, cannot have.
func (s *sections) example(pattern string, i int, f filler) string {
	before, after := strings.ReplaceAll(pattern[:i], "*", f.other), strings.ReplaceAll(pattern[i+1:], "*", f.other)
	if rest, ok := strings.CutPrefix(before, strings.ReplaceAll(s.scheme, "*", f.other)+"://"); ok && strings.HasSuffix(s.scheme, "*") {
		before = "https://" + rest
	}
	switch path := len(s.scheme) + len("://") + len(s.host); {
	case pattern[i] == '?' && strings.HasSuffix(before, "/"):
		return before + f.name[:1] + after
	case pattern[i] == '?':
		return before + "/" + after
	case i < len(s.scheme):
		return before + strings.TrimPrefix("https://"+f.host+"/"+f.name+"?", before) + after
	case i < path:
		return before + f.host + "/" + f.name + "?" + after
	default:
		return before + f.name + "?" + after
	}
}
