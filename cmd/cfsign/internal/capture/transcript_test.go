// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

func file(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadTranscript(t *testing.T) {
	http2 := capture.Request{
		Form: capture.FormTranscript, URL: "https://d111111abcdef8.cloudfront.net/a.jpg?Expires=1", Method: "GET",
		Header:   http.Header{"Host": {"d111111abcdef8.cloudfront.net"}, "User-Agent": {"curl/8.17.0"}, "Accept": {"*/*"}},
		Cookies:  cookies("x", "y"),
		ViewerIP: netip.MustParseAddr("2001:db8::7"), OverIPv6: true,
		Time: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		Response: &response.Response{
			Status: 403,
			Header: http.Header{"Server": {"CloudFront"}, "Date": {"Mon, 23 Nov 2026 10:00:00 GMT"}, "Content-Type": {"text/xml"}},
			Body:   []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>MissingKey</Code></Error>"),
		},
	}
	run(t, []readTest{
		{"HTTP/2", file(t, "http2.txt"), http2, "a public address of this machine is the viewer's address"},
		{"Windows", strings.ReplaceAll(strings.ReplaceAll(file(t, "http2.txt"), "\"?>\n<", "\"?>\r\n<"), "\n", "\r\n"), func() capture.Request {
			r := http2
			response := *http2.Response
			response.Body = []byte(strings.Replace(string(response.Body), "\n", "\r\r\n", 1))
			r.Response = &response
			return r
		}(), "the body keeps its bytes"},
		{
			"redirect", file(t, "redirect.txt"),
			capture.Request{
				Form: capture.FormTranscript, URL: "https://h.example/a", Method: "HEAD", Header: http.Header{"Host": {"h.example"}},
				Response: &response.Response{Status: 403, Header: http.Header{"X-Cache": {"Error from cloudfront"}}},
				Notes:    []message.Text{capture.NoteSeveral},
			},
			"the refused request; -I writes the head twice",
		},
		{
			"proxy", file(t, "proxy.txt"),
			capture.Request{
				Form: capture.FormTranscript, URL: "https://h.example/a", Method: "GET", Header: http.Header{"Host": {"h.example"}},
				Response: &response.Response{Status: 403, Header: http.Header{}, Body: []byte("no\n")},
			},
			"not the request for the tunnel: CloudFront does not see its IPv6",
		},
		{
			"http", "* Connected to h (127.0.0.1) port 8080\n> GET /a HTTP/1.1\n> Host: h:8080\n>\n< HTTP/1.1 403 Forbidden\n",
			capture.Request{
				Form: capture.FormTranscript, URL: "http://h:8080/a", Method: "GET", Header: http.Header{"Host": {"h:8080"}},
				Response: &response.Response{Status: 403, Header: http.Header{}},
			},
			"no line about TLS",
		},
		{
			"private address", "* Established connection to h (192.0.2.1 port 443) from 192.168.0.2 port 4\n> GET /a HTTP/1.1\n> Host: h\n",
			capture.Request{Form: capture.FormTranscript, URL: "https://h/a", Method: "GET", Header: http.Header{"Host": {"h"}}},
			"CloudFront sees the router's address",
		},
		{
			"marked lines alone", "> GET /a HTTP/1.1\n> Host: h\n>\n",
			capture.Request{Form: capture.FormTranscript, URL: "https://h/a", Method: "GET", Header: http.Header{"Host": {"h"}}, Notes: []message.Text{capture.NoteHTTPAssumed}},
			"as filtered with grep",
		},
		{
			"head twice", "> GET /a HTTP/2\n> Host: h\n> \n< HTTP/2 403 \n< server: CloudFront\n< \nHTTP/2 403 \nserver: CloudFront\n\nno",
			capture.Request{
				Form: capture.FormTranscript, URL: "https://h/a", Method: "GET", Header: http.Header{"Host": {"h"}},
				Response: &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("no")},
			},
			"curl -v -i",
		},
		{
			"several answers", "< HTTP/2 301\n<\nmoved\n< HTTP/2 403\n<\nno",
			capture.Request{Form: capture.FormTranscript, Response: &response.Response{Status: 403, Header: http.Header{}, Body: []byte("no")}},
			"the body of the last one",
		},
		{
			"answer alone", "< HTTP/2 403\n< server: CloudFront\n<\nno",
			capture.Request{
				Form:     capture.FormTranscript,
				Response: &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("no")},
			},
			"as filtered with grep",
		},
	})
}
