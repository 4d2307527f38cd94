// SPDX-License-Identifier: Apache-2.0

package glob_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/glob"
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, text    string
		match, asterisks bool
		why              string
	}{
		{"", "", true, true, "nothing"},
		{"", "a", false, false, "the pattern ends"},
		{"a", "", false, false, "the text ends"},
		{"a", "A", false, false, "case-sensitive"},
		{"*", "", true, true, "an asterisk takes nothing as well"},
		{"**", "ab", true, true, "two asterisks are one"},
		{"a*", "abc", true, true, "an asterisk takes all"},
		{"*.jpg", "a.jpg.jpg", true, true, "the last place counts at the end"},
		{"*.jpg", "a.png", false, false, "another end"},
		{"a*b*c", "abbc", true, true, "the leftmost place is enough"},
		{"ab*ba", "aba", false, false, "beginning and end may not share a letter"},
		{"a*bc*d", "abcbd", true, true, "a piece in the middle"},
		{"a?c", "abc", true, false, "a question mark is one byte, or itself"},
		{"a?c", "a?c", true, true, "a question mark is one byte, or itself"},
		{"a?c", "ac", false, false, "a question mark is not nothing"},
		{"*?", "a", true, false, "a question mark after an asterisk"},
		{"*?", "", false, false, "a question mark is not nothing"},
		{"*a?*d", "xaabcd", true, false, "back to the last asterisk"},
	} {
		if got := glob.Match(tt.pattern, tt.text); got != tt.match {
			t.Errorf("Match(%q, %q) = %t: %s", tt.pattern, tt.text, got, tt.why)
		}
		if got := glob.MatchAsterisks(tt.pattern, tt.text); got != tt.asterisks {
			t.Errorf("MatchAsterisks(%q, %q) = %t: %s", tt.pattern, tt.text, got, tt.why)
		}
	}
}

func TestMismatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, text     string
		inPattern, inText int
		why               string
	}{
		{"/a", "/a", 2, 2, "the same"},
		{"/a", "/b", 1, 1, "another letter"},
		{"/a", "/ab", 2, 2, "the pattern ends"},
		{"/ab", "/a", 2, 2, "the URL ends"},
		{"/a/*", "/a/b/c", 4, 6, "an asterisk takes all"},
		{"/a/*", "/b/c", 1, 1, "before the asterisk"},
		{"/*.jpg", "/a.png", 2, 1, "after the asterisk"},
		{"/*.jpg", "/a.jpg", 6, 6, "at the end"},
		{"/*/b/*.jpg", "/x/c/a.jpg", 2, 1, "the middle is nowhere"},
		{"/*/b/*.jpg", "/x/b/a.png", 6, 5, "the middle is there, the end is not"},
		{"*", "", 1, 0, "an asterisk takes nothing as well"},
		{"ab*ba", "aba", 3, 2, "beginning and end may not share a letter"},
		{"", "", 0, 0, "nothing"},
	} {
		t.Run(tt.pattern+" "+tt.text, func(t *testing.T) {
			inPattern, inText := glob.Mismatch(tt.pattern, tt.text)
			if inPattern != tt.inPattern || inText != tt.inText {
				t.Errorf("%d and %d, want %d and %d: %s", inPattern, inText, tt.inPattern, tt.inText, tt.why)
			}
		})
	}
}

// FuzzGlob: the functions agree with regular expressions, and with each other.
func FuzzGlob(f *testing.F) {
	f.Add("/*/b/*.jpg", "/x/b/a.png")
	f.Add("/a/*", "/a/b")
	f.Add("*?a*", "b?a")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || len(text) > 50 {
			return
		}
		latin1 := func(s string) string { // so that a character of the expression is a byte
			runes := make([]rune, len(s))
			for i := range len(s) {
				runes[i] = rune(s[i])
			}
			return string(runes)
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(latin1(pattern)), `\*`, ".*")
		asterisks := regexp.MustCompile("(?s)^" + quoted + "$").MatchString(latin1(text))
		both := regexp.MustCompile("(?s)^" + strings.ReplaceAll(quoted, `\?`, ".") + "$").MatchString(latin1(text))
		if got := glob.MatchAsterisks(pattern, text); got != asterisks {
			t.Errorf("MatchAsterisks(%q, %q) = %t", pattern, text, got)
		}
		if got := glob.Match(pattern, text); got != both {
			t.Errorf("Match(%q, %q) = %t", pattern, text, got)
		}
		inPattern, inText := glob.Mismatch(pattern, text)
		if inPattern < 0 || inPattern > len(pattern) || inText < 0 || inText > len(text) {
			t.Fatalf("Mismatch(%q, %q) = %d, %d", pattern, text, inPattern, inText)
		}
		if atEnd := inPattern == len(pattern) && inText == len(text); atEnd != asterisks {
			t.Errorf("Mismatch(%q, %q) = %d, %d", pattern, text, inPattern, inText)
		}
	})
}
