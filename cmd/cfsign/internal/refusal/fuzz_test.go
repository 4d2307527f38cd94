// SPDX-License-Identifier: Apache-2.0

package refusal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
	"github.com/google/go-cmp/cmp"
)

// seeds are the files in testdata.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) == 0 {
		tb.Fatalf("no seeds: %v", err)
	}
	var seeds [][]byte
	for _, name := range names {
		seed, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

var (
	code       = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9._]{0,63})?$`)
	credential = regexp.MustCompile(`[A-Za-z0-9+/=_~%-]{40}|(?i)(?:policy|signature)(?:=|%3D)[^\[&;?#\s"'<>]`)
	sources    = []refusal.Source{
		refusal.Unknown, refusal.Firewall, refusal.Signatures, refusal.CloudFront, refusal.EdgeFunction,
		refusal.ErrorPage, refusal.S3, refusal.OtherServer, refusal.Nobody,
	}
)

// check has what is true of every refusal.
func check(t *testing.T, got refusal.Refusal) {
	t.Helper()
	if !slices.Contains(sources, got.Source) || got.Meaning == "" || got.Mend == "" {
		t.Errorf("incomplete: %+v", got)
	}
	if got.Signature == refusal.Failed && got.Source != refusal.Signatures {
		t.Errorf("%s cannot refuse a signature", got.Source)
	}
	if !code.MatchString(got.Code) {
		t.Errorf("code %q", got.Code)
	}
	for _, text := range []string{got.Message, got.Meaning, got.Mend, got.Explanation} {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not printable: %q", text)
		}
		whole := strings.TrimSuffix(text, "...") // the mark of a cut, which can be right behind a name
		if found := credential.FindString(whole); found != "" {
			t.Errorf("a credential: %q in %q", found, text)
		}
		if len([]rune(text)) > 1100 {
			t.Errorf("%d characters", len([]rune(text)))
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(403, "CloudFront", "Error from cloudfront", "text/xml", "", body)
		f.Add(0, "", "", "", "denied", body)
	}
	f.Fuzz(func(t *testing.T, status int, server, cache, media, explanation string, body []byte) {
		h := header("Server: "+server, "X-Cache: "+cache, "Content-Type: "+media, "Cfsign-Explanation: "+explanation)
		r := refusal.Response{Status: status, Header: h, Body: body}
		got := refusal.Of(r)
		check(t, got)
		if diff := cmp.Diff(got, refusal.Of(r)); diff != "" {
			t.Errorf("not the same twice: %s", diff)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
	}
	f.Add([]byte("HTTP/2 403\n\n" + strings.Repeat("a ", 111) + "CloudFront-Policy=b")) // cut behind the =
	f.Fuzz(func(t *testing.T, data []byte) {
		before := slices.Clone(data)
		r, err := refusal.ParseResponse(data)
		if !slices.Equal(before, data) {
			t.Error("the data was changed")
		}
		if err != nil {
			if diff := cmp.Diff(refusal.Response{}, r); diff != "" {
				t.Errorf("a response with an error: %s", diff)
			}
			return
		}
		if r.Status != 0 && (r.Status < 100 || r.Status > 999) {
			t.Errorf("status %d", r.Status)
		}
		if len(r.Body) > 2*len(data) { // UTF-16 grows at most by half
			t.Errorf("%d bytes became %d", len(data), len(r.Body))
		}
		check(t, refusal.Of(r))
	})
}
