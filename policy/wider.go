// SPDX-License-Identifier: Apache-2.0

package policy

import "strings"

// Wider returns a URL that a policy for r may grant although [Resource.Matches] says
// no, because one of CloudFront's pages reads wildcards more widely than the other. It
// returns "" if both readings cover the same URLs: so they do for what [Directory]
// and [Under] make, for a pattern whose only wildcard is an asterisk at its end, and
// for a URL without a query.
//
// By the page on signed cookies, an asterisk stands for any characters of the whole
// URL, across its sections, and a question mark for exactly one. Only custom policies
// are read so; a canned policy is for its URL alone.
//
// Source: "Set signed cookies using a custom policy", on wildcards.
func (r Resource) Wider() string {
	var p sections
	p.split(r.pattern)
	for i, b := range []byte(r.pattern) {
		if b != '*' && b != '?' {
			continue
		}
		for _, other := range [2]string{"", "any"} { // in place of the other asterisks
			example := p.example(r.pattern, i, other)
			var u sections
			u.split(example)
			rewritten := strings.HasSuffix(example, "?") || strings.HasPrefix(u.path, "//") // by clients
			if !rewritten && coversAsString(r.pattern, example) && uncovered(&p, &u) != "" {
				return example
			}
		}
	}
	return ""
}

// example returns a URL that the pattern covers as one string if the wildcard at i
// stands for characters that its section, one of s, cannot have.
func (s *sections) example(pattern string, i int, other string) string {
	before, after := strings.ReplaceAll(pattern[:i], "*", other), strings.ReplaceAll(pattern[i+1:], "*", other)
	switch path := len(s.scheme) + len("://") + len(s.host); {
	case pattern[i] == '?' && strings.HasSuffix(before, "/"):
		return before + "x" + after
	case pattern[i] == '?':
		return before + "/" + after
	case i < len(s.scheme):
		return before + strings.TrimPrefix("https://other.example/any?", before) + after
	case i < path:
		return before + "other.example/any?" + after
	default:
		return before + "any?" + after
	}
}

// coversAsString reports whether pattern covers the URL s as one string: an asterisk
// stands for any characters, a question mark for one. Where it fails it goes back to
// the latest asterisk.
func coversAsString(pattern, s string) bool {
	p, i := 0, 0
	star, from := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == s[i] || pattern[p] == '?'):
			p, i = p+1, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
