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
	pattern := r.pattern
	if base := strings.TrimRight(pattern, "*"); base != pattern {
		pattern = base + "*"
	}
	var p sections
	p.split(pattern)
	for i, b := range []byte(pattern) {
		if b != '*' && b != '?' {
			continue
		}
		for _, f := range fillers(pattern) {
			example := p.example(pattern, i, f)
			var u sections
			u.split(example)
			rewritten := strings.HasSuffix(example, "?") || strings.HasPrefix(u.path, "//") // by clients
			if !rewritten && coversAsString(pattern, example) && uncovered(&p, &u) != "" {
				return example
			}
		}
	}
	return ""
}

// A filler is what stands for wildcards in an example.
type filler struct{ host, name, other string }

// fillers returns some for people, and one that has nothing in common with the pattern: so
// nothing in it can be mistaken for something that the pattern demands.
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

// example returns a URL that the pattern covers as one string if the wildcard at i
// stands for characters that its section, one of s, cannot have.
func (s *sections) example(pattern string, i int, f filler) string {
	before, after := strings.ReplaceAll(pattern[:i], "*", f.other), strings.ReplaceAll(pattern[i+1:], "*", f.other)
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
