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
		{"HTTP/2", file(t, "http2.txt"), http2, "a public address of this machine is the viewer's"},
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
				Notes:    []string{capture.NoteSeveral},
			},
			"the request that was refused; -I writes the head twice",
		},
		{
			"proxy", file(t, "proxy.txt"),
			capture.Request{
				Form: capture.FormTranscript, URL: "https://h.example/a", Method: "GET", Header: http.Header{"Host": {"h.example"}},
				Response: &response.Response{Status: 403, Header: http.Header{}, Body: []byte("no\n")},
			},
			"not that of the tunnel, whose IPv6 CloudFront does not see",
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
			"CloudFront sees that of the router",
		},
		{
			"marked lines alone", "> GET /a HTTP/1.1\n> Host: h\n>\n",
			capture.Request{Form: capture.FormTranscript, URL: "https://h/a", Method: "GET", Header: http.Header{"Host": {"h"}}, Notes: []string{capture.NoteHTTPAssumed}},
			"what grep leaves",
		},
		{
			"answer alone", "< HTTP/2 403\n< server: CloudFront\n<\nno",
			capture.Request{
				Form:     capture.FormTranscript,
				Response: &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("no")},
			},
			"what grep leaves",
		},
	})
}

func TestReadHAR(t *testing.T) {
	const entry = `{"startedDateTime": "2026-11-23T10:00:00.5+01:00", "serverIPAddress": "[2600:9000::1]",
		"request": {"method": "GET", "url": "https://h/a?x=1\u0026y", "headers": [{"name": ":authority", "value": "h"}, {"name": "Accept", "value": "*/*"}, {"name": "cookie", "value": "a=b"}], "cookies": [{"name": "a", "value": "b"}]},
		"response": {"status": 403, "headers": [{"name": "server", "value": "CloudFront"}], "content": {"text": "bm8=", "encoding": "base64"}}}`
	read := func(notes ...string) capture.Request {
		return capture.Request{
			Form: capture.FormHAR, URL: "https://h/a?x=1&y", Method: "GET", Header: http.Header{"Accept": {"*/*"}}, Cookies: cookies("a", "b"),
			OverIPv6: true, Time: time.Date(2026, 11, 23, 9, 0, 0, 5e8, time.UTC), Notes: notes,
			Response: &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("no")},
		}
	}
	const other = `{"request": {"url": "https://h/other"}, "response": {"status": 200}}`
	run(t, []readTest{
		{"entry", entry, read(), "copied alone"},
		{"entry of a list", entry + ",\n", read(), "with the comma behind it"},
		{"byte order mark", "\ufeff" + entry, read(), "Windows writes it"},
		{"file", `{"log": {"version": "1.2", "entries": [` + other + "," + entry + `]}}`, read(), "the one 403"},
		{"list", `[` + entry + "," + other + `]`, read(), "the one 403"},
		{"several", `[` + strings.Replace(entry, "/a?", "/b?", 1) + "," + entry + `]`, read(capture.NoteSeveral), "the last 403"},
		{"one entry", `{"log": {"entries": [` + other + `]}}`, capture.Request{
			Form: capture.FormHAR, URL: "https://h/other", Response: &response.Response{Status: 200, Header: http.Header{}}, Notes: []string{capture.FaultNoCookies},
		}, "no choice, whatever its status"},
		{"request", `{"url": "https://h/a?Signature=x", "method": "HEAD"}`, capture.Request{Form: capture.FormHAR, URL: "https://h/a?Signature=x", Method: "HEAD"}, "a signed URL needs no cookies"},
		{"cookies alone", `{"url": "https://h/a", "cookies": [{"name": "CloudFront-Policy", "value": "\"p\""}]}`, capture.Request{
			Form: capture.FormHAR, URL: "https://h/a", Cookies: []*http.Cookie{{Name: "CloudFront-Policy", Value: "p", Quoted: true}},
		}, "some tools leave the header out"},
		{"no answer", `{"request": {"url": "https://h/a?Signature="}, "response": {"status": 0}}`, capture.Request{Form: capture.FormHAR, URL: "https://h/a?Signature="}, "blocked by the browser"},
		{"wrong types", `{"request": {"url": "https://h/a?Signature=", "headers": 1}, "response": {"status": "403"}, "startedDateTime": 5}`, capture.Request{Form: capture.FormHAR, URL: "https://h/a?Signature="}, "what can be read is read"},
		{"PEM in a body", `{"request": {"url": "https://h/a?Signature="}, "response": {"status": 403, "content": {"text": "-----BEGIN PUBLIC KEY-----"}}}`, capture.Request{
			Form: capture.FormHAR, URL: "https://h/a?Signature=", Response: &response.Response{Status: 403, Header: http.Header{}, Body: []byte("-----BEGIN PUBLIC KEY-----")},
		}, "a page about keys is no key"},
	})
}
