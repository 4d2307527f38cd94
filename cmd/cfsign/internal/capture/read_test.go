// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// signed is a typical signed URL.
const signed = "https://cdn.example.com/a.jpg?Expires=1799999999&Signature=sig-~__&Key-Pair-Id=K2JCJMDEHXQW5F"

var addresses = cmpopts.EquateComparable(netip.Addr{})

type readTest struct {
	name, text string
	want       capture.Request
	reason     string
}

func run(t *testing.T, tests []readTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.reason == "" {
				t.Fatal("the row has no reason")
			}
			got, err := capture.Read([]byte(tt.text))
			if err != nil {
				t.Fatalf("%v: %s", err, tt.reason)
			}
			if diff := cmp.Diff(divided(tt.want), got, addresses); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func cookies(pairs ...string) []*http.Cookie {
	var all []*http.Cookie
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, &http.Cookie{Name: pairs[i], Value: pairs[i+1]})
	}
	return all
}

func url(u string, notes ...message.Text) capture.Request {
	return capture.Request{Form: capture.FormURL, URL: u, Notes: notes}
}

func TestReadURL(t *testing.T) {
	run(t, []readTest{
		{"plain", signed + "\n", url(signed), "a terminal adds the line break"},
		{"carriage return", "\r\n " + signed + " \r\n", url(signed), "a clipboard adds white space"},
		{"byte order mark", "\ufeff" + signed, url(signed), "Windows writes it"},
		{"UTF-16", "\xff\xfeh\x00t\x00t\x00p\x00:\x00/\x00/\x00h\x00/\x00\r\x00\n\x00", url("http://h/"), "PowerShell writes it"},
		{"UTF-16 big endian", "\xfe\xff\x00h\x00t\x00t\x00p\x00:\x00/\x00/\x00h\x00/", url("http://h/"), "the other order"},
		{"double quotes", `"` + signed + `"`, url(signed), "copied from a program"},
		{"single quotes", "'" + signed + "'", url(signed), "copied from a command"},
		{"angle brackets", "<" + signed + ">", url(signed), "RFC 3986, appendix C"},
		{"junk within quotes", `"` + signed + `, "`, url(signed + ", "), "the client sent everything within"},
		{"one quote", `"` + signed, url(`"` + signed), "only a pair is removed"},
		{"quote within", `"https://h/a"b"`, url(`"https://h/a"b"`), "these do not enclose it"},
		{"HTML", "https://h/a?x=1&amp;Expires=2", url("https://h/a?x=1&amp;Expires=2"), "the damage can be the cause"},
		{"percent", "https://h/a%20b%zz", url("https://h/a%20b%zz"), "not decoded"},
		{"space", "https://h/my file.jpg?Expires=1", url("https://h/my file.jpg?Expires=1"), "the damage can be the cause"},
		{"JSON escapes", `https://h/a?x=1\u0026Expires=2`, url(`https://h/a?x=1\u0026Expires=2`), "the damage can be the cause"},
		{"zero-width space", "https://h/a\u200b", url("https://h/a\u200b"), "invisible damage"},
		{"zero-width space before", "\u200bhttps://h/a", url("\u200bhttps://h/a"), "invisible damage"},
		{"typographic quotes", "“https://h/a”", url("“https://h/a”", capture.FaultTypographic), "letters to every program"},
		{"no scheme", "cdn.example.com/a?Expires=1", url("cdn.example.com/a?Expires=1"), "verify explains it"},
		{"no scheme, port", "localhost:8080/a", url("localhost:8080/a"), "a local edge"},
		{"host alone", "cdn.example.com", url("cdn.example.com"), "a name with a dot"},
		{"path alone", "/a.jpg?Signature=x", url("/a.jpg?Signature=x"), "from a log"},
		{"query alone", "?Signature=x", url("?Signature=x"), "a part of one"},
		{"curl in the fragment", "https://h/a#curl x", url("https://h/a#curl x"), "not a command"},
		{"other scheme", "s3://bucket/key", url("s3://bucket/key"), "verify explains it"},
		{"invalid UTF-8", "https://h/\xff", url("https://h/\xff"), "kept"},
		{"wrapped", "https://h/a?Policy=abc\ndef&Signature=g\r\nhi\n", url("https://h/a?Policy=abcdef&Signature=ghi", capture.NoteWrapped), "mail programs wrap lines"},
		{
			"with a cookie header", "https://h/a\nCookie: a=b; CloudFront-Policy=p\n",
			capture.Request{Form: capture.FormURLHeaders, URL: "https://h/a", Cookies: cookies("a", "b", "CloudFront-Policy", "p")},
			"both are needed to explain cookies",
		},
		{
			"with cookies", "'https://h/a' \nCloudFront-Policy=p; CloudFront-Signature=s",
			capture.Request{Form: capture.FormURLHeaders, URL: "https://h/a", Cookies: cookies("CloudFront-Policy", "p", "CloudFront-Signature", "s")},
			"without the name of the header",
		},
		{
			"with the error", "https://h/a\n<?xml version=\"1.0\"?>\n<Error><Code>MissingKey</Code></Error>",
			capture.Request{
				Form: capture.FormURLHeaders, URL: "https://h/a",
				Response: &response.Response{Body: []byte("<?xml version=\"1.0\"?>\n<Error><Code>MissingKey</Code></Error>")},
			},
			"what a browser shows",
		},
	})
}

func TestReadCookies(t *testing.T) {
	form := func(f capture.Form, notes []message.Text, pairs ...string) capture.Request {
		return capture.Request{Form: f, Cookies: cookies(pairs...), Notes: notes}
	}
	run(t, []readTest{
		{"header", "Cookie: a=b; c=d\n", form(capture.FormCookies, nil, "a", "b", "c", "d"), "as a client sends it"},
		{"lower case", "cookie: a=b", form(capture.FormCookies, nil, "a", "b"), "as in HTTP/2"},
		{"two lines", "cookie: a=b\r\ncookie: c=d\r\n", form(capture.FormCookies, nil, "a", "b", "c", "d"), "as HTTP/2 allows"},
		{"empty lines", "Cookie: a=b\r\n\r\n\nCookie: c=d", form(capture.FormCookies, nil, "a", "b", "c", "d"), "for reading"},
		{"value alone", "CloudFront-Policy=p; x=y", form(capture.FormCookies, nil, "CloudFront-Policy", "p", "x", "y"), "as in document.cookie"},
		{"in quotes", `"CloudFront-Policy=p; x=y"`, form(capture.FormCookies, nil, "CloudFront-Policy", "p", "x", "y"), "as a console prints it"},
		{"lines", "CloudFront-Policy=p;\nCloudFront-Signature=s", form(capture.FormCookies, nil, "CloudFront-Policy", "p", "CloudFront-Signature", "s"), "for reading"},
		{"twice", "Cookie: a=1; a=2", form(capture.FormCookies, nil, "a", "1", "a", "2"), "can cause a refusal"},
	})
}

func TestReadHead(t *testing.T) {
	run(t, []readTest{
		{
			"HTTP/1.1", "GET /a?x=1 HTTP/1.1\r\nHost: cdn.example.com\r\nCookie: a=b\r\nOrigin: https://o\r\n\r\n",
			capture.Request{
				Form: capture.FormRequest, URL: "https://cdn.example.com/a?x=1", Method: "GET",
				Header:  http.Header{"Host": {"cdn.example.com"}, "Origin": {"https://o"}},
				Cookies: cookies("a", "b"), Notes: []message.Text{capture.NoteHTTPAssumed},
			},
			"https is assumed, with a note",
		},
		{
			"HTTP/2", "GET /my file HTTP/2\nhost: h\n",
			capture.Request{Form: capture.FormRequest, URL: "https://h/my file", Method: "GET", Header: http.Header{"Host": {"h"}}},
			"as Firefox copies it; the client sent the space",
		},
		{
			"other lines", "GET / HTTP/2\nhost: h\nnot a field\ncookie: a=b\n\nHTTP/2 403\n\nno",
			capture.Request{
				Form: capture.FormRequest, URL: "https://h/", Method: "GET", Header: http.Header{"Host": {"h"}}, Cookies: cookies("a", "b"),
				Notes: []message.Text{capture.NoteUnreadHeader}, Response: &response.Response{Status: 403, Header: http.Header{}, Body: []byte("no")},
			},
			"the fields below are read too",
		},
		{
			"port 80", "HEAD / HTTP/1.1\nHost: h:80",
			capture.Request{Form: capture.FormRequest, URL: "http://h:80/", Method: "HEAD", Header: http.Header{"Host": {"h:80"}}, Notes: []message.Text{capture.NoteHTTPAssumed}},
			"the port of http",
		},
		{
			"whole URL", "GET http://h/a HTTP/1.1\nHost: h",
			capture.Request{Form: capture.FormRequest, URL: "http://h/a", Method: "GET", Header: http.Header{"Host": {"h"}}},
			"as in a request to a proxy",
		},
		{
			"no host", "GET /a HTTP/1.0\n",
			capture.Request{Form: capture.FormRequest, URL: "/a", Method: "GET", Notes: []message.Text{capture.NoteHTTPAssumed, capture.NoteNoHost}},
			"the known part of the URL",
		},
		{
			"with the response", "GET /a HTTP/2\nHost: h\n\nHTTP/2 403\nDate: Mon, 23 Nov 2026 10:00:00 GMT\n\nno\n",
			capture.Request{
				Form: capture.FormRequest, URL: "https://h/a", Method: "GET", Header: http.Header{"Host": {"h"}},
				Time:     time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
				Response: &response.Response{Status: 403, Header: http.Header{"Date": {"Mon, 23 Nov 2026 10:00:00 GMT"}}, Body: []byte("no\n")},
			},
			"as API clients export it",
		},
		{
			"pseudo-headers", ":authority: h\n:method: GET\n:path: /a?x\n:scheme: https\ncookie: a=b",
			capture.Request{Form: capture.FormHeaders, URL: "https://h/a?x", Method: "GET", Cookies: cookies("a", "b")},
			"as Chrome shows them",
		},
		{
			"table", ":authority\nh\n:method\nGET\n:path\n/a\n:scheme\nhttps\ncookie\na=b",
			capture.Request{Form: capture.FormHeaders, URL: "https://h/a", Method: "GET", Cookies: cookies("a", "b")},
			"as Chrome copies them",
		},
		{
			"headers alone", "Host: h\nCookie: a=b",
			capture.Request{Form: capture.FormHeaders, Header: http.Header{"Host": {"h"}}, Cookies: cookies("a", "b")},
			"no path, so no URL",
		},
		{
			"curl -i", "HTTP/1.1 403 Forbidden\r\nServer: CloudFront\r\n\r\n<Error>\n",
			capture.Request{Form: capture.FormResponse, Response: &response.Response{Status: 403, Header: http.Header{"Server": {"CloudFront"}}, Body: []byte("<Error>\n")}},
			"a response without a request",
		},
		{
			"redirect", "HTTP/1.1 301 Moved\nLocation: /\n\nHTTP/2 403 \n\n",
			capture.Request{Form: capture.FormResponse, Response: &response.Response{Status: 403, Header: http.Header{}}},
			"curl -iL: the last one counts",
		},
		{
			"response headers", "server: CloudFront\nx-amz-cf-id: x",
			capture.Request{Form: capture.FormResponse, Response: &response.Response{Header: http.Header{"Server": {"CloudFront"}, "X-Amz-Cf-Id": {"x"}}}},
			"from the browser",
		},
		{
			"body", "<Error><Code>AccessDenied</Code></Error>\n",
			capture.Request{Form: capture.FormBody, Response: &response.Response{Body: []byte("<Error><Code>AccessDenied</Code></Error>\n")}},
			"everything that a browser shows",
		},
	})
}

func TestReadRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		want       error
		reason     string
	}{
		{"nothing", "", capture.ErrEmpty, "no input"},
		{"white space", " \r\n\t", capture.ErrEmpty, "no input"},
		{"byte order mark", "\ufeff", capture.ErrEmpty, "no input"},
		{"long", strings.Repeat("a", 1<<20+1), capture.ErrTooLong, "no request is as long"},
		{"very long", strings.Repeat("{", 64<<20+1), capture.ErrTooLong, "no HAR file is as long"},
		{"empty header", "Cookie: ;", capture.ErrForm, "says nothing"},
		{"word", "correct-horse-battery", capture.ErrForm, "can be a password"},
		{"secret with a slash", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", capture.ErrForm, "not a URL without a scheme"},
		{"prose", "I get a 403 from cdn.example.com", capture.ErrForm, "not a request"},
		{"two URLs", "https://h/a\nhttps://h/b", capture.ErrLines, "not clear which one is meant"},
		{"URL and prose", "https://h/a\nis what I sent", capture.ErrLines, "damage or a remark"},
		{"cookie file", "# Netscape HTTP Cookie File\n", capture.ErrJarText, "has no cookies"},
		{"cookie file of another site", "h\tFALSE\t/\tTRUE\t0\tsession\tp", capture.ErrJarText, "says nothing about CloudFront"},
		{"damaged cookie file", "# Netscape HTTP Cookie File\nh FALSE / TRUE 0 CloudFront-Policy p", capture.ErrJarText, "spaces instead of tabs"},
		{"JSON with two URLs", `["https://h/a?Signature=b", "https://h/c?Signature=d"]`, capture.ErrSeveralURLs, "not clear which one is meant"},
		{"a name of a cookie in prose", "My CloudFront-Policy: does not work", capture.ErrForm, "a value would be made up"},
		{"the JSON of other cookies", `{"cookies": {"session": "1"}}`, capture.ErrNoHAR, "says nothing about CloudFront"},
		{"fetch", `fetch("https://h/a", {"headers": {}})`, capture.ErrFetch, "has no cookies"},
		{"wget", "wget 'https://h/a'", capture.ErrWget, "another tool"},
		{"PowerShell", "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\nInvoke-WebRequest", capture.ErrPowerShell, "browsers offer curl too"},
		{"PowerShell alone", "Invoke-WebRequest -Uri \"https://h/a\"", capture.ErrPowerShell, "browsers offer curl too"},
		{"PEM", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", capture.ErrKey, "a secret"},
		{"PEM in a command", "curl https://h/ -d '-----BEGIN RSA PRIVATE KEY-----'", capture.ErrKey, "a secret"},
		{"base64 of PEM", "KEY=LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1J", capture.ErrKey, "as in environment variables"},
		{"key of SSH", "ssh-rsa AAAAB3NzaC1yc2E= me@example.com", capture.ErrKey, "the public file"},
		{"XML key", "<RSAKeyValue><Modulus>x</Modulus></RSAKeyValue>", capture.ErrKey, "as in .NET"},
		{"bare base64", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDmR1Sc\n" + strings.Repeat("A", 64), capture.ErrKey, "PEM without its first line"},
		{"secret in JSON", `{"keyPairId": "K1", "privateKey": "x"}`, capture.ErrKey, "as in secret managers"},
		{"PEM in JSON", `{"a": "-----BEGIN PRIVATE KEY-----"}`, capture.ErrKey, "as in secret managers"},
		{"broken secret in JSON", `{"private_key": "x"`, capture.ErrKey, "not complete, but a secret"},
		{"other JSON", `{"a": 1}`, capture.ErrNoHAR, "not a HAR file"},
		{"broken JSON", `{"log": {"entries": [`, capture.ErrJSON, "not complete"},
		{"no entries", `{"log": {"entries": []}}`, capture.ErrNoEntry, "nothing in it"},
		{"no URL", `{"request": {}}`, capture.ErrNoHARURL, "nothing in it"},
		{"null", `[null]`, capture.ErrNoHARURL, "nothing in it"},
		{"no 403", `[{"request": {"url": "https://h/a"}}, {"request": {"url": "https://h/b"}}]`, capture.ErrWhich, "not clear which one is meant"},
		{"deep JSON", `{"log":` + strings.Repeat("[", 1<<20), capture.ErrJSON, "a recursive parser must not exhaust the stack"},
		{"deep command", "curl x" + strings.Repeat("$(", 30<<10), capture.ErrDeep, "a recursive parser must not exhaust the stack"},
		{"deep arithmetic", "curl " + strings.Repeat("((", 15<<10), capture.ErrShell, "a recursive parser must not exhaust the stack"},
		{"long command", "curl https://h/ -d '" + strings.Repeat("a", 33<<10), capture.ErrDeep, "too long to be nested safely"},
		{"variable", `curl "$URL"`, capture.ErrVariable, "the value is unknown"},
		{"variable in the URL", `curl https://h/a?x=${X}`, capture.ErrVariable, "the value is unknown"},
		{"command in the URL", "curl https://h/`date`", capture.ErrVariable, "commands are not run"},
		{"arithmetic", `curl https://h/$((1+1))`, capture.ErrVariable, "arithmetic is not computed"},
		{"variable as options", `curl $OPTS https://h/`, capture.ErrVariable, "two URLs, and the first is unknown"},
		{"variable in a cookie", `curl -b "a=$A" https://h/`, capture.ErrVariable, "the value is unknown"},
		{"variable as cookies", `curl -b "$A" https://h/`, capture.ErrVariable, "the value is unknown"},
		{"variable in a cookie header", `curl -H "Cookie: a=$A" https://h/`, capture.ErrVariable, "the value is unknown"},
		{"variable in an option", `curl --$X https://h/`, capture.ErrVariable, "which option is it?"},
		{"open quote", `curl 'https://h/`, capture.ErrQuote, "not complete"},
		{"open quote for cmd", `curl ^"https://h/^" -H "x`, capture.ErrQuote, "not complete"},
		{"parenthesis", `curl https://h/a(1).jpg`, capture.ErrShell, "a shell rejects it too"},
		{"no URL in the command", `curl -b a=b`, capture.ErrNoURL, "nothing to request"},
		{"only an option's argument", `curl -o https://h/a`, capture.ErrNoURL, "the name of a file"},
		{"unknown option", `curl --new https://h/a https://h/b`, capture.ErrOption, "which one is the URL?"},
		{"query in a file", `curl -G -d @f https://h/`, capture.ErrFile, "files are not opened"},
		{"query in an encoded file", `curl -G --data-urlencode x@f https://h/`, capture.ErrFile, "files are not opened"},
		{"variable in the query", `curl -G -d "x=$X" https://h/`, capture.ErrVariable, "the value is unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := capture.Read([]byte(tt.text))
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v: %s", err, tt.want, tt.reason)
			}
			if diff := cmp.Diff(capture.Request{}, got, addresses); diff != "" {
				t.Errorf("with an error (-want +got):\n%s", diff)
			}
		})
	}
}

// divided moves the faults among the notes of a row to the faults.
func divided(r capture.Request) capture.Request {
	all := r.Notes
	r.Notes = nil
	for _, text := range all {
		if slices.Contains(capture.AllFaults, text) {
			r.Faults = append(r.Faults, text)
		} else {
			r.Notes = append(r.Notes, text)
		}
	}
	return r
}
