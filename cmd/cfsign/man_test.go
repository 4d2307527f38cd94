// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoff(t *testing.T) {
	for _, test := range []struct{ why, text, want string }{
		{"plain text", "sign for 2 hours", "sign for 2 hours"},
		{"a hyphen, which would become a dash", "--url -", `\-\-url \-`},
		{"a backslash, which begins an escape", `a \`, `a \e`},
		{"a period, which begins a request", "a\n.PP", "a\n\\&.PP"},
		{"an apostrophe, which begins a request", "'a' is", `\&'a' is`},
		{"a period inside of a line", "a.b", "a.b"},
	} {
		if diff := cmp.Diff(test.want, roff(test.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.why, diff)
		}
	}
}

func TestParagraphs(t *testing.T) {
	const text = "First\nlines.\n\n  a list\n  of lines\n\nLast.\n"
	const want = "First\nlines.\n.PP\n.nf\n  a list\n  of lines\n.fi\n.PP\nLast.\n"
	if diff := cmp.Diff(want, paragraphs(text)); diff != "" {
		t.Errorf("only the list keeps its lines (-want +got):\n%s", diff)
	}
}
