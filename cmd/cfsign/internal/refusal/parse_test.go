// SPDX-License-Identifier: Apache-2.0

package refusal_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
	"github.com/google/go-cmp/cmp"
)

// whole is the header of the responses in testdata.
var whole = with(byCloudFront, "Content-Type: text/xml", "Content-Length: 146", "X-Amz-Cf-Pop: FRA00-P0")

func TestParseResponse(t *testing.T) {
	missingKey := read(t, "cloudfront-missing-key.xml")
	tests := []struct {
		name string
		why  string
		data []byte
		want refusal.Response
	}{
		{"body", "a file from curl", missingKey, refusal.Response{Body: missingKey}},
		{"head and body", "curl -i", read(t, "curl-i.txt"), refusal.Response{Status: 403, Header: whole, Body: missingKey}},
		{"head", "curl -I", read(t, "curl-head.txt"), refusal.Response{Status: 403, Header: whole}},
		{"redirects", "a proxy, 100 Continue and a redirect come first", read(t, "curl-redirects.txt"), refusal.Response{Status: 403, Header: whole, Body: missingKey}},
		{"verbose", "curl -v, whose request is left out", read(t, "curl-v.txt"), refusal.Response{Status: 403, Header: whole, Body: append(bytes.Clone(missingKey), '\n')}},
		{"verbose, trailing spaces removed", "editors do so", bytes.ReplaceAll(read(t, "curl-v.txt"), []byte("< \n"), []byte("<\n")), refusal.Response{Status: 403, Header: whole, Body: append(bytes.Clone(missingKey), '\n')}},
		{"fields without status", "browsers copy them so", read(t, "browser-headers.txt"), refusal.Response{Header: whole}},
		{"UTF-16", "PowerShell writes it", read(t, "powershell.txt"), refusal.Response{Status: 403, Header: whole, Body: missingKey}},
		{"UTF-16, big end first", "rare, but marked", []byte("\xfe\xff\x00h\x00i"), refusal.Response{Body: []byte("hi")}},
		{"byte order mark", "Windows editors write it", append([]byte("\xef\xbb\xbf"), missingKey...), refusal.Response{Body: missingKey}},
		{"no empty line", "somebody copied both apart", []byte("HTTP/2 403\nserver: CloudFront\n{}"), refusal.Response{Status: 403, Header: header("Server: CloudFront"), Body: []byte("{}")}},
		{"status alone", "nothing else was copied", []byte("HTTP/1.1 403 Forbidden"), refusal.Response{Status: 403, Header: http.Header{}}},
		{"leading lines", "copied with them", []byte("\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\nno"), refusal.Response{Status: 403, Header: http.Header{}, Body: []byte("no")}},
		{"quoted words", "curl -v has a head", []byte("> no access\nsorry"), refusal.Response{Body: []byte("> no access\nsorry")}},
		{"words like a field", "a name that no server sends is text", []byte("Error: no access"), refusal.Response{Body: []byte("Error: no access")}},
		{"words like a status", "not in the first line", []byte("it said\nHTTP/1.1 403"), refusal.Response{Body: []byte("it said\nHTTP/1.1 403")}},
		{"not a status", "a fourth digit", []byte("HTTP/1.1 4030 no"), refusal.Response{Body: []byte("HTTP/1.1 4030 no")}},
		{"a file", "the request was served after all", []byte("HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n\x00\x01\xff"), refusal.Response{Status: 200, Header: header("Content-Type: video/mp4"), Body: []byte("\x00\x01\xff")}},
		{"unpacked", "curl leaves the field in", []byte("HTTP/1.1 403 no\r\nContent-Encoding: br\r\n\r\nno"), refusal.Response{Status: 403, Header: header("Content-Encoding: br"), Body: []byte("no")}},
		{"a packed file", "its type, not its encoding", []byte("HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\n\r\n\x1f\x8b\x08"), refusal.Response{Status: 200, Header: header("Content-Type: application/gzip"), Body: []byte("\x1f\x8b\x08")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := refusal.ParseResponse(test.data)
			if err != nil {
				t.Fatalf("%s: %v", test.why, err)
			}
			if len(got.Body) == 0 {
				got.Body = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.why, diff)
			}
		})
	}
}

func TestParseResponseRefuses(t *testing.T) {
	tests := []struct {
		name string
		why  string
		data string
		want error
		mend string
	}{
		{"nothing", "an empty file", "", refusal.ErrEmpty, "curl -i"},
		{"white space", "an empty file, almost", "\r\n \t\n", refusal.ErrEmpty, "curl -i"},
		{"mark", "an empty file of PowerShell's", "\xff\xfe", refusal.ErrEmpty, "curl -i"},
		{"large", "a file, not a refusal", strings.Repeat("a", refusal.MaxSize+1), refusal.ErrTooLarge, "at most 1048576"},
		{"gzip", "the body alone", packed(t, "body"), refusal.ErrCompressed, "--compressed"},
		{"gzip after a head", "Content-Encoding says so", "HTTP/1.1 403 no\r\nContent-Encoding: gzip\r\n\r\n" + packed(t, "body"), refusal.ErrCompressed, "--compressed"},
		{"brotli", "it has no mark, and is not text", "HTTP/2 403\r\ncontent-encoding: br\r\n\r\n\x0b\x02\x80body\x03", refusal.ErrCompressed, "--compressed"},
		{"zstandard", "the body alone", "\x28\xb5\x2f\xfd\x04", refusal.ErrCompressed, "--compressed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := refusal.ParseResponse([]byte(test.data))
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.mend) {
				t.Errorf("%s: error %v, want %v with %q", test.why, err, test.want, test.mend)
			}
			if diff := cmp.Diff(refusal.Response{}, got); diff != "" {
				t.Errorf("%s: not the zero response: %s", test.why, diff)
			}
		})
	}
}

func packed(tb testing.TB, text string) string {
	tb.Helper()
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if _, err := w.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return buffer.String()
}
