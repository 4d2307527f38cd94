// SPDX-License-Identifier: Apache-2.0

package playlist_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestManifests: the URLs that the files mark get the query and nothing else
// changes, in whatever pieces they arrive; and CloudFront lets every URL with the
// query through that a player makes of them.
func TestManifests(t *testing.T) {
	cdn := newCDN(t)
	s := signFolder(t, cdn.Signer, folder)
	for name, text := range manifests(t) {
		t.Run(name, func(t *testing.T) {
			input, want := fill(text, isDASH(name), s)
			for _, size := range []int{len(input), 1, 2, 3, 7, 100} {
				got, err := rewrite(t, isDASH(name), playlistURL, s, input, size)
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Fatalf("in pieces of %d: %v (-want +got):\n%s", size, err, diff)
				}
			}
			urls := signedURLs(t, isDASH(name), want, playlistURL, query(s))
			if len(urls) < strings.Count(text, "[?]")+strings.Count(text, "[&]") {
				t.Errorf("a player finds %d URLs with the query", len(urls))
			}
			for _, u := range urls {
				cdn.Allowed(t, u)
			}
		})
	}
}

// TestLineEnds: what is not a URL stays as it is, whatever ends its line.
func TestLineEnds(t *testing.T) {
	cdn := newCDN(t)
	s := signFolder(t, cdn.Signer, folder)
	for name, text := range manifests(t) {
		variants := map[string]string{
			"CRLF":                 strings.ReplaceAll(text, "\n", "\r\n"),
			"no last newline":      strings.TrimRight(text, "\n"),
			"byte order mark":      "\ufeff" + text,
			"empty lines in front": "\n\r\n" + text,
		}
		for variant, text := range variants {
			t.Run(name+" "+variant, func(t *testing.T) {
				input, want := fill(text, isDASH(name), s)
				got, err := rewrite(t, isDASH(name), playlistURL, s, input, 64)
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			})
		}
	}
}
