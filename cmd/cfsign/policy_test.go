// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/cfsign/cfsign/policy"
)

func TestFirstMismatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, text     string
		inPattern, inText int
		why               string
	}{
		{"/a", "/a", 2, 2, "the same"},
		{"/a", "/b", 1, 1, "another letter"},
		{"/a", "/ab", 2, 2, "the pattern ends"},
		{"/ab", "/a", 2, 2, "the URL ends"},
		{"/a/*", "/a/b/c", 4, 6, "an asterisk matches everything"},
		{"/a/*", "/b/c", 1, 1, "before the asterisk"},
		{"/*.jpg", "/a.png", 2, 1, "after the asterisk"},
		{"/*.jpg", "/a.jpg", 6, 6, "at the end"},
		{"/*/b/*.jpg", "/x/c/a.jpg", 2, 1, "the middle is missing"},
		{"/*/b/*.jpg", "/x/b/a.png", 6, 5, "the middle is there, the end is not"},
		{"*", "", 1, 0, "an asterisk also matches nothing"},
		{"ab*ba", "aba", 3, 2, "beginning and end may not share a letter"},
		{"", "", 0, 0, "nothing"},
	} {
		t.Run(tt.pattern+" "+tt.text, func(t *testing.T) {
			inPattern, inText := firstMismatch(tt.pattern, tt.text)
			if inPattern != tt.inPattern || inText != tt.inText {
				t.Errorf("%d and %d, want %d and %d: %s", inPattern, inText, tt.inPattern, tt.inText, tt.why)
			}
		})
	}
}

// FuzzFirstMismatch: no text causes a panic, the indexes are within the texts, and a path
// that the policy covers has no mismatch.
func FuzzFirstMismatch(f *testing.F) {
	f.Add("/*/b/*.jpg", "/x/b/a.png")
	f.Add("/a/*", "/a/b")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		inPattern, inText := firstMismatch(pattern, text)
		if inPattern < 0 || inPattern > len(pattern) || inText < 0 || inText > len(text) {
			t.Fatalf("%d and %d", inPattern, inText)
		}
		resource, err := policy.PatternFromConfig("https://h.example" + pattern)
		if err == nil && pattern[0] == '/' && text != "" && text[0] == '/' && resource.Matches("https://h.example"+text) &&
			!strings.Contains(pattern+text, "?") && (inPattern != len(pattern) || inText != len(text)) {
			t.Errorf("%q covers %q, but they differ at %d and %d", pattern, text, inPattern, inText)
		}
	})
}
