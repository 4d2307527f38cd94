// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

func TestReadHAR(t *testing.T) {
	const entry = `{"startedDateTime": "2026-11-23T10:00:00.5+01:00", "serverIPAddress": "[2600:9000::1]",
		"request": {"method": "GET", "url": "https://h/a?x=1\u0026y", "headers": [{"name": ":authority", "value": "h"}, {"name": "Accept", "value": "*/*"}, {"name": "cookie", "value": "a=b"}], "cookies": [{"name": "a", "value": "b"}]},
		"response": {"status": 403, "headers": [{"name": "server", "value": "CloudFront"}], "content": {"text": "bm8=", "encoding": "base64"}}}`
	read := func(notes ...message.Text) capture.Request {
		return capture.Request{
			Form: capture.FormHAR, URL: "https://h/a?x=1&y", Method: "GET", Header: http.Header{"Accept": {"*/*"}}, Cookies: cookies("a", "b"),
			OverIPv6: true, Time: time.Date(2026, 11, 23, 9, 0, 0, 5e8, time.UTC), Notes: notes,
			Response: &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("no")},
		}
	}
	const other = `{"request": {"url": "https://h/other"}, "response": {"status": 200}}`
	run(t, []readTest{
		{"entry", entry, read(), "copied alone"},
		{"entry of a list", entry + ",\n", read(), "with the comma after it"},
		{"byte order mark", "\ufeff" + entry, read(), "Windows writes it"},
		{"file", `{"log": {"version": "1.2", "entries": [` + other + "," + entry + `]}}`, read(), "the one 403"},
		{"list", `[` + entry + "," + other + `]`, read(), "the one 403"},
		{"several", `[` + strings.Replace(entry, "/a?", "/b?", 1) + "," + entry + `]`, read(capture.NoteSeveral), "the last 403"},
		{"one entry", `{"log": {"entries": [` + other + `]}}`, capture.Request{
			Form: capture.FormHAR, URL: "https://h/other", Response: &response.Response{Status: 200, Header: http.Header{}}, Notes: []message.Text{capture.FaultNoCookies},
		}, "the only entry, regardless of its status"},
		{"request", `{"url": "https://h/a?Signature=x", "method": "HEAD"}`, capture.Request{Form: capture.FormHAR, URL: "https://h/a?Signature=x", Method: "HEAD"}, "a signed URL needs no cookies"},
		{"cookies alone", `{"url": "https://h/a", "cookies": [{"name": "CloudFront-Policy", "value": "\"p\""}]}`, capture.Request{
			Form: capture.FormHAR, URL: "https://h/a", Cookies: []*http.Cookie{{Name: "CloudFront-Policy", Value: "p", Quoted: true}},
		}, "some tools omit the header"},
		{"no answer", `{"request": {"url": "https://h/a?Signature="}, "response": {"status": 0}}`, capture.Request{Form: capture.FormHAR, URL: "https://h/a?Signature="}, "blocked by the browser"},
		{"wrong types", `{"request": {"url": "https://h/a?Signature=", "headers": 1}, "response": {"status": "403"}, "startedDateTime": 5}`, capture.Request{Form: capture.FormHAR, URL: "https://h/a?Signature="}, "the other members are read"},
		{"PEM in a body", `{"request": {"url": "https://h/a?Signature="}, "response": {"status": 403, "content": {"text": "-----BEGIN PUBLIC KEY-----"}}}`, capture.Request{
			Form: capture.FormHAR, URL: "https://h/a?Signature=", Response: &response.Response{Status: 403, Header: http.Header{}, Body: []byte("-----BEGIN PUBLIC KEY-----")},
		}, "a page about keys is not a key"},
	})
}
