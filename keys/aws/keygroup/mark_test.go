// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

func TestComments(t *testing.T) {
	type parts struct {
		Text, Replaces string
		Retired        time.Time
	}
	tests := []struct {
		comment, why string
		want         parts
	}{
		{"", "most comments are empty", parts{}},
		{"Key of December", "a text", parts{Text: "Key of December"}},
		{"[cfsign replaces K1]", "a mark alone", parts{Replaces: "K1"}},
		{"Key of December [cfsign replaces K1]", "a mark behind a text", parts{Text: "Key of December", Replaces: "K1"}},
		{"Key [cfsign retired 2026-11-29T12:00:00Z]", "the other mark", parts{Text: "Key", Retired: noon}},
		{"Key [cfsign billing: replaces K1]", "a mark with a name", parts{Text: "Key", Replaces: "K1"}},
		{"Key [cfsign restored 2026-11-29T12:00:00Z]", "a mark without any of these", parts{Text: "Key"}},
		{"[cfsign a b: replaces K1]", "not a name", parts{Text: "[cfsign a b: replaces K1]"}},
		{"[cfsign replaces K1] by Ann", "not at the end", parts{Text: "[cfsign replaces K1] by Ann"}},
		{"[cfsign retired 2026-13-29T12:00:00Z]", "no such month", parts{Text: "[cfsign retired 2026-13-29T12:00:00Z]"}},
		{"[cfsign retired 2026-11-29]", "no time", parts{Text: "[cfsign retired 2026-11-29]"}},
		{"[cfsign replaces K 1]", "not an ID", parts{Text: "[cfsign replaces K 1]"}},
		{"[cfsign replaces K1] [cfsign retired 2026-11-29T12:00:00Z]", "the last one counts", parts{Text: "[cfsign replaces K1]", Retired: noon}},
	}
	for _, test := range tests {
		t.Run(test.comment, func(t *testing.T) {
			var got parts
			got.Text, got.Replaces, got.Retired = keygroup.SplitComment(test.comment)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s:\n%s", test.why, diff)
			}
		})
	}
}

// FuzzComments: a mark survives behind any text, within CloudFront's limit.
func FuzzComments(f *testing.F) {
	f.Add("Key of December", "K2JCJMDEHXQW5F", int64(1796040000))
	f.Add(strings.Repeat("ä", 64), "", int64(0))
	f.Add("two\nlines", "K1", int64(1))
	f.Add("a [cfsign replaces K1]", "K1", int64(-1))
	f.Fuzz(func(t *testing.T, text, id string, seconds int64) {
		text = strings.ToValidUTF8(text[:min(len(text), 128)], "") // what CloudFront accepts
		const year10000 = 253402300800
		if retired := time.Unix(seconds, 0).UTC(); seconds > 0 && seconds < year10000 {
			comment := keygroup.JoinComment(text, "", retired)
			if _, _, got := keygroup.SplitComment(comment); !got.Equal(retired) || len(comment) > 128 || !utf8.ValidString(comment) {
				t.Errorf("%q: %v", comment, got)
			}
		}
		if _, id, _ := keygroup.SplitComment("[cfsign replaces " + id + "]"); id != "" {
			comment := keygroup.JoinComment(text, id, time.Time{})
			if _, got, _ := keygroup.SplitComment(comment); got != id || len(comment) > 128 {
				t.Errorf("%q: %q", comment, got)
			}
		}
	})
}
