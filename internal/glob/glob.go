// SPDX-License-Identifier: Apache-2.0

// Package glob matches text against patterns in which an asterisk stands for any number
// of characters, none included.
package glob

import "strings"

// Match reports whether pattern matches all of s. A question mark in pattern stands for
// exactly one byte. Letters are case-sensitive.
//
// If a byte does not match, Match returns to the last asterisk only: an earlier one can
// take no more than the later one.
func Match(pattern, s string) bool {
	p, i := 0, 0
	star, resume := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, i
			p++
		case p < len(pattern) && (pattern[p] == s[i] || pattern[p] == '?'):
			p, i = p+1, i+1
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// MatchAsterisks is [Match] for patterns in which a question mark is a character like any
// other. Its time is linear in the lengths of both.
//
// It takes the leftmost place for every literal piece and never has to return to it, since
// the asterisks between the pieces take any rest.
func MatchAsterisks(pattern, s string) bool {
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

// Mismatch returns how far [MatchAsterisks] gets: the first byte of pattern and of s that
// has no counterpart in the other. If pattern matches s, both are at the end.
func Mismatch(pattern, s string) (inPattern, inText int) {
	pieces := strings.Split(pattern, "*")
	last := len(pieces) - 1
	same := commonPrefix(pieces[0], s)
	if last == 0 || same < len(pieces[0]) {
		return same, same
	}
	inPattern, inText = same, same
	for i, piece := range pieces[1:] {
		at := strings.Index(s[inText:], piece)
		if i+1 == last {
			at = len(s) - len(piece) - inText
		}
		if at < 0 || !strings.HasPrefix(s[inText+at:], piece) {
			return inPattern + 1, inText // after the asterisk
		}
		inPattern += 1 + len(piece)
		inText += at + len(piece)
	}
	return inPattern, inText
}

// commonPrefix returns the number of bytes that are the same at the start of both.
func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
