// SPDX-License-Identifier: Apache-2.0

package response

import (
	"regexp"
	"strings"
	"unicode"
)

// How many characters of a response are shown.
const (
	longestMessage     = 240
	longestExplanation = 1000
	longestName        = 40
)

const removed = "[...]"

var (
	// cookies matches the rest of a line with a header field that has credentials.
	cookies = regexp.MustCompile(`(?im)\b((?:set-)?cookie|authorization)(\s*[:=]).*$`)
	// assigned matches the value of a parameter, cookie or JSON member with the name
	// of a credential, however often it is encoded.
	assigned = regexp.MustCompile(`(?i)(policy|signature|token|credential|secret|password|key-?id)(["']?\s*(?:=|:|%(?:25)*3D|%(?:25)*3A)\s*["']?)[^&;?#\s"'<>]+`)
	// long matches a run of the characters of signatures and policies. Words are
	// shorter. A long path loses a part.
	long = regexp.MustCompile(`[A-Za-z0-9+/=_~%-]{40,}`)
)

// printable returns text in one line, cut after so many characters. It removes
// credentials and all characters that can move a terminal's cursor or change the reading
// direction. It removes credentials twice, because such a character can hide one.
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

// visible drops invisible characters, which could split a word, and turns every kind of
// space into one.
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
