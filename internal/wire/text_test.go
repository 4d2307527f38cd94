// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/wire"
)

func TestWithoutQuery(t *testing.T) {
	for _, tt := range []struct{ url, want, reason string }{
		{"https://cdn.example.com/a?b=1", "https://cdn.example.com/a", "one query"},
		{"https://cdn.example.com/a?b=1?c=2", "https://cdn.example.com/a", "all after the first question mark"},
		{"https://cdn.example.com/a", "https://cdn.example.com/a", "no query"},
		{"*", "*", "not a URL"},
		{"", "", "empty"},
	} {
		if diff := cmp.Diff(tt.want, wire.WithoutQuery(tt.url)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// formatted prints as its text.
type formatted struct{ text string }

func (v formatted) Format(f fmt.State, verb rune) { wire.Format(f, verb, v.text) }

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ format, want, reason string }{
		{"%v", "a b", "the usual verb"},
		{"%+v", "a b", "no field names"},
		{"%s", "a b", "as a string"},
		{"%q", `"a b"`, "in quotation marks"},
		{"%5s|", "  a b|", "with a width"},
		{"%-5v|", "a b  |", "on the left"},
		{"%x", "612062", "in hexadecimal digits"},
		{"%d", "a b", "a verb that does not fit"},
		{"%t", "a b", "a verb that does not fit"},
	} {
		if diff := cmp.Diff(tt.want, fmt.Sprintf(tt.format, formatted{"a b"})); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.format, tt.reason, diff)
		}
	}
}
