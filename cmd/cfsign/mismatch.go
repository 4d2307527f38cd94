// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// firstMismatch returns how far a section of a URL matches that of a pattern: the first byte
// of each that has no counterpart in the other. Where both are at their ends, all of it
// matches.
func firstMismatch(pattern, text string) (inPattern, inText int) {
	pieces := strings.Split(pattern, "*")
	last := len(pieces) - 1
	same := commonPrefix(pieces[0], text)
	if last == 0 || same < len(pieces[0]) {
		return same, same
	}
	inPattern, inText = same, same
	for i, piece := range pieces[1:] {
		at := strings.Index(text[inText:], piece)
		if i+1 == last {
			at = len(text) - len(piece) - inText
		}
		if at < 0 || !strings.HasPrefix(text[inText+at:], piece) {
			return inPattern + 1, inText // behind the asterisk
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
