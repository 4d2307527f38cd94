// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// whole is the header of the responses in testdata.
var whole = http.Header{
	"Server": {"CloudFront"}, "X-Cache": {"Error from cloudfront"}, "Via": {"1.1 0000.cloudfront.net (CloudFront)"}, "X-Amz-Cf-Id": {"example=="},
	"Content-Type": {"text/xml"}, "Content-Length": {"146"}, "X-Amz-Cf-Pop": {"FRA00-P0"},
}

const missingKey = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>`

func TestParseResponse(t *testing.T) {
	body := []byte(missingKey)
	line := []byte(missingKey + "\n")
	tests := []struct {
		name string
		why  string
		data string
		want response.Response
	}{
		{"body", "a file from curl", missingKey, response.Response{Body: body}},
		{"head and body", "curl -i", file(t, "curl-i.txt"), response.Response{Status: 403, Header: whole, Body: body}},
		{"head", "curl -I", file(t, "curl-head.txt"), response.Response{Status: 403, Header: whole}},
		{"redirects", "a proxy, 100 Continue and a redirect come first", file(t, "curl-redirects.txt"), response.Response{Status: 403, Header: whole, Body: body}},
		{"verbose", "curl -v, without its request", file(t, "curl-v.txt"), response.Response{Status: 403, Header: whole, Body: line}},
		{"verbose, trailing spaces removed", "editors do so", strings.ReplaceAll(file(t, "curl-v.txt"), "< \n", "<\n"), response.Response{Status: 403, Header: whole, Body: line}},
		{"fields without status", "as browsers copy them", file(t, "browser-headers.txt"), response.Response{Header: whole}},
		{"UTF-16", "PowerShell writes it", file(t, "powershell.txt"), response.Response{Status: 403, Header: whole, Body: body}},
		{"UTF-16, big end first", "rare, but marked", "\xfe\xff\x00h\x00i", response.Response{Body: []byte("hi")}},
		{"byte order mark", "Windows editors write it", "\xef\xbb\xbf" + missingKey, response.Response{Body: body}},
		{"no empty line", "header and body were copied separately", "HTTP/2 403\nserver: CloudFront\n{}", response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("{}")}},
		{"status alone", "nothing else was copied", "HTTP/1.1 403 Forbidden", response.Response{Status: 403, Header: http.Header{}}},
		{"leading lines", "copied with them", "\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\nno", response.Response{Status: 403, Header: http.Header{}, Body: []byte("no")}},
		{"quoted words", "curl -v would have a head", "> no access\nsorry", response.Response{Body: []byte("> no access\nsorry")}},
		{"words like a field", "servers do not send this name", "Error: no access", response.Response{Body: []byte("Error: no access")}},
		{"words like a status", "not in the first line", "it said\nHTTP/1.1 403", response.Response{Body: []byte("it said\nHTTP/1.1 403")}},
		{"not a status", "a fourth digit", "HTTP/1.1 4030 no", response.Response{Body: []byte("HTTP/1.1 4030 no")}},
		{"a file", "the request was served after all", "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n\x00\x01\xff", response.Response{Status: 200, Header: http.Header{"Content-Type": {"video/mp4"}}, Body: []byte("\x00\x01\xff")}},
		{"unpacked", "curl leaves the field in", "HTTP/1.1 403 no\r\nContent-Encoding: br\r\n\r\nno", response.Response{Status: 403, Header: http.Header{"Content-Encoding": {"br"}}, Body: []byte("no")}},
		{"a packed file", "a type, not an encoding", "HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\n\r\n\x1f\x8b\x08", response.Response{Status: 200, Header: http.Header{"Content-Type": {"application/gzip"}}, Body: []byte("\x1f\x8b\x08")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := capture.ParseResponse([]byte(test.data))
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
		says string
	}{
		{"nothing", "an empty file", "", capture.ErrEmptyResponse, "curl -i"},
		{"white space", "an empty file, almost", "\r\n \t\n", capture.ErrEmptyResponse, "curl -i"},
		{"mark", "an empty file of PowerShell", "\xff\xfe", capture.ErrEmptyResponse, "curl -i"},
		{"large", "a file, not a refusal", strings.Repeat("a", response.MaxSize+1), capture.ErrLongResponse, "at most 1 MiB"},
		{"gzip", "the body alone", packed(t, "body"), capture.ErrCompressed, "--compressed"},
		{"gzip after a head", "Content-Encoding says so", "HTTP/1.1 403 no\r\nContent-Encoding: gzip\r\n\r\n" + packed(t, "body"), capture.ErrCompressed, "--compressed"},
		{"brotli", "without a mark, but not text", "HTTP/2 403\r\ncontent-encoding: br\r\n\r\n\x0b\x02\x80body\x03", capture.ErrCompressed, "--compressed"},
		{"zstandard", "the body alone", "\x28\xb5\x2f\xfd\x04", capture.ErrCompressed, "--compressed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := capture.ParseResponse([]byte(test.data))
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: error %v, want %v with %q", test.why, err, test.want, test.says)
			}
			if diff := cmp.Diff(response.Response{}, got); diff != "" {
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

// FuzzParseResponse: no data makes ParseResponse panic or is changed by it, errors are
// constants, and the body does not grow.
func FuzzParseResponse(f *testing.F) {
	for _, name := range []string{"curl-i.txt", "curl-head.txt", "curl-redirects.txt", "curl-v.txt", "browser-headers.txt", "powershell.txt"} {
		f.Add([]byte(file(f, name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		r, err := capture.ParseResponse(data)
		if !bytes.Equal(before, data) {
			t.Error("the data was changed")
		}
		if err != nil {
			if diff := cmp.Diff(response.Response{}, r); diff != "" || !slices.Contains(capture.AllErrors, err) {
				t.Errorf("%v, with a response: %s", err, diff)
			}
			return
		}
		if r.Status != 0 && (r.Status < 100 || r.Status > 999) {
			t.Errorf("status %d", r.Status)
		}
		if len(r.Body) > 2*len(data) { // UTF-16 grows by half at most
			t.Errorf("%d bytes became %d", len(data), len(r.Body))
		}
	})
}
