// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"regexp"
	"strings"
	"unicode"
)

// How many characters of others' texts are shown.
const (
	longestMessage     = 240
	longestExplanation = 1000
	longestName        = 40
)

const removed = "[...]"

var (
	// cookies are the rest of a line that has a header field with credentials.
	cookies = regexp.MustCompile(`(?im)\b((?:set-)?cookie|authorization)(\s*[:=]).*$`)
	// assigned is the value of a parameter, a cookie or a member of an object whose
	// name says that it is one that opens something, however often it is encoded.
	assigned = regexp.MustCompile(`(?i)(policy|signature|token|credential|secret|password|key-?id)(["']?\s*(?:=|:|%(?:25)*3D|%(?:25)*3A)\s*["']?)[^&;?#\s"'<>]+`)
	// long is a run of the alphabets in which signatures and policies are written. No
	// word is that long; of a long path it takes no more than a part.
	long = regexp.MustCompile(`[A-Za-z0-9+/=_~%-]{40,}`)
)

// printable returns text in one line, without credentials and without characters
// that could move a terminal's cursor or turn the direction of reading, and cut
// after so many characters. Credentials go both before and after the characters,
// since one may hide the other.
func printable(text string, longest int) string {
	text = strings.ToValidUTF8(text, " ")
	text = strings.Map(visible, redact(text))
	text = redact(strings.Join(strings.Fields(text), " "))
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	return strings.TrimSpace(string(runes[:longest])) + "..."
}

// visible drops what nobody sees, so that nothing stands between the characters of a
// word, and makes one kind of space of all.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case !unicode.IsPrint(r):
		return -1
	}
	return r
}

func redact(text string) string {
	text = cookies.ReplaceAllString(text, "$1$2 "+removed)
	text = assigned.ReplaceAllString(text, "$1$2"+removed)
	return long.ReplaceAllString(text, removed)
}
