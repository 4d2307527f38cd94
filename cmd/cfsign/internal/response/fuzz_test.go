// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/google/go-cmp/cmp"
)

// seeds returns the files in testdata.
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
	sources    = []response.Source{
		response.Unknown, response.Firewall, response.KeyCheck, response.CloudFront, response.EdgeFunction,
		response.ErrorPage, response.S3, response.OtherServer, response.Success,
	}
)

// check checks the properties of every finding.
func check(t *testing.T, got response.Finding) {
	t.Helper()
	if !slices.Contains(sources, got.Source) || got.Meaning == "" || got.Fix == "" {
		t.Errorf("incomplete: %+v", got)
	}
	if got.Signature == response.Failed && got.Source != response.KeyCheck {
		t.Errorf("%s cannot refuse a signature", got.Source)
	}
	if !code.MatchString(got.Code) {
		t.Errorf("code %q", got.Code)
	}
	for _, text := range []string{got.Message, got.Meaning, got.Fix, got.Explanation} {
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

func FuzzClassify(f *testing.F) {
	for _, body := range seeds(f) {
		f.Add(403, "CloudFront", "Error from cloudfront", "text/xml", "", body)
		f.Add(0, "", "", "", "denied", body)
	}
	f.Fuzz(func(t *testing.T, status int, server, cache, media, explanation string, body []byte) {
		h := header("Server: "+server, "X-Cache: "+cache, "Content-Type: "+media, "Cfsign-Explanation: "+explanation)
		r := response.Response{Status: status, Header: h, Body: body}
		got := response.Classify(r)
		check(t, got)
		if diff := cmp.Diff(got, response.Classify(r)); diff != "" {
			t.Errorf("not the same twice: %s", diff)
		}
	})
}
