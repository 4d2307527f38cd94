// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
)

// FuzzRead: no text makes Read panic; errors and notes are constants, so they cannot
// contain a credential; and everything in the request comes from the text.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"http2.txt", "redirect.txt", "proxy.txt"} {
		f.Add([]byte(file(f, name)))
	}
	for _, seed := range []string{
		signed, "\ufeff'" + signed + "'\r\n", "https://h/a?x\ny", "https://h/a\nCookie: a=b", "h.example/a",
		"Cookie: a=b; c=\"d\"", "CloudFront-Policy=p; x", "Set-Cookie: a=b; Path=/",
		"curl 'https://h/a' -b x=y -H 'A: b'", "curl https://h/a?b&c", `curl $'https://h/\u0021\x00'`, "$ curl -G -d a=b h/x",
		"curl ^\"https://h/^&a^\" ^\n -b ^\"a=b^\"", "curl -H 'Host: a' https://h/ \\ \n -b x", "curl -H 'Host: a' :///", "curl -i https://h/\nHTTP/2 403\n\nx",
		"GET /a HTTP/1.1\nHost: h\nCookie: a=b\n\nHTTP/1.1 403\n\nx", ":path\n/\n:authority\nh", "HTTP/2 403\na: b\n\nx",
		`{"log":{"entries":[{"request":{"url":"https://h/","cookies":[{"name":"a","value":"b"}]},"response":{"status":403}}]}}`,
		"-----BEGIN PRIVATE KEY-----", "<RSAKeyValue>", "\xff\xfeh\x00", "< h.exa\n< mple/a", "# Netscape HTTP Cookie File\nh\tTRUE\t/\tTRUE\t0\ta\tb",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := capture.Read(text)
		if err != nil {
			if !slices.Contains(capture.AllErrors, err) {
				t.Fatalf("an error that can contain a part of the text: %v", err)
			}
			return
		}
		for _, note := range slices.Concat(r.Notes, r.Faults) {
			if !slices.Contains(capture.AllNotes, note) && !slices.Contains(capture.AllFaults, note) {
				t.Fatalf("a note that can contain a part of the text: %q", note)
			}
		}
		if r.Form == "" || r.URL == "" && r.Cookies == nil && r.Header == nil && r.Response == nil && r.Policy == nil && r.Faults == nil && r.Form != capture.FormTranscript {
			t.Fatalf("nothing was read: %+v", r)
		}
		in := newSource(text, r.Form)
		in.checkURL(t, r.URL)
		in.checkCookies(t, r.Cookies)
	})
}

// A source is a text without the characters that readers remove. It contains everything
// that they return.
type source struct {
	form capture.Form
	text string
	// strings are the strings of a JSON text.
	strings []string
	// made reports whether escapes can create characters that are not in the text.
	made bool
}

// removed are the characters that shells and readers remove, and the marks of lines in the output of curl -v.
var removed = strings.NewReplacer("\n< ", "", `\`, "", "\x00", "", "'", "", `"`, "", "^", "", "\n", "", "\r", "", "$", "")

func newSource(text []byte, form capture.Form) source {
	s := source{form: form, text: removed.Replace(string(text))}
	s.made = strings.HasPrefix(string(text), "\xff\xfe") || strings.HasPrefix(string(text), "\xfe\xff")
	switch form {
	case capture.FormCurl:
		s.made = s.made || strings.Contains(string(text), "$'") || strings.Contains(string(text), "urlencode") || strings.Contains(string(text), "url-query")
	case capture.FormJSON, capture.FormElement, capture.FormCookieText:
		s.made = true // escapes, and the names of variables
	case capture.FormHAR, capture.FormSetCookies:
		var v any
		trimmed := strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), ", \t\r\n")
		if json.Unmarshal([]byte(trimmed), &v) == nil {
			s.collect(v)
		}
	}
	return s
}

func (s *source) collect(v any) {
	switch v := v.(type) {
	case string:
		s.strings = append(s.strings, v)
	case []any:
		for _, e := range v {
			s.collect(e)
		}
	case map[string]any:
		for _, e := range v {
			s.collect(e)
		}
	}
}

// has reports whether part is in the source.
func (s *source) has(part string) bool {
	if s.made || strings.Contains(s.text, removed.Replace(part)) {
		return true
	}
	return slices.ContainsFunc(s.strings, func(text string) bool { return strings.Contains(text, part) })
}

// checkURL checks that the text contains the URL, or its parts.
func (s *source) checkURL(t *testing.T, url string) {
	if s.has(url) {
		return
	}
	scheme, rest, found := strings.Cut(url, "://")
	if !found {
		scheme, rest = "", url
	}
	if scheme != "https" && scheme != "http" && !s.has(scheme) {
		t.Fatalf("the scheme of %q is not in the text", url)
	}
	for _, part := range strings.FieldsFunc(rest, func(r rune) bool { return r == '/' || r == '?' || r == '&' }) {
		if utf8.ValidString(part) && !s.has(part) {
			t.Fatalf("%q of %q is not in the text", part, url)
		}
	}
}

// checkCookies checks that the text contains every name and value.
func (s *source) checkCookies(t *testing.T, cookies []*http.Cookie) {
	for _, c := range cookies {
		if c == nil || !s.has(c.Name) || !s.has(c.Value) {
			t.Fatalf("the cookie %v is not in the text", c)
		}
	}
}

// FuzzCookieHeader: the cookies are the header without white space and empty parts.
func FuzzCookieHeader(f *testing.F) {
	f.Add("Cookie: a=b; c=\"d\"")
	f.Add("a=;=b;;\xff\x00")
	f.Fuzz(func(t *testing.T, value string) {
		var parts []string
		for _, c := range capture.CookieHeader(value) {
			part := c.Value
			if c.Quoted {
				part = `"` + part + `"`
			}
			if c.Name+part == "" && !strings.Contains(value, "=") {
				t.Fatal("a cookie of nothing")
			}
			if !strings.Contains(value, c.Name+"="+part) && !(part == "" && strings.Contains(value, c.Name)) {
				t.Fatalf("%q=%q is not in %q", c.Name, part, value)
			}
			parts = append(parts, c.Name+"="+part)
		}
		again := capture.CookieHeader(strings.Join(parts, "; "))
		if len(again) != len(parts) && !strings.EqualFold(strings.TrimSpace(value)[:min(7, len(strings.TrimSpace(value)))], "cookie:") {
			t.Fatalf("%d cookies become %d", len(parts), len(again))
		}
	})
}

// FuzzCookieJar: no file makes CookieJar panic, and each line gives at most one cookie.
func FuzzCookieJar(f *testing.F) {
	f.Add("#HttpOnly_.example.com\tTRUE\t/\tTRUE\t0\tCloudFront-Policy\tp", "https://cdn.example.com/a")
	f.Add("h\tFALSE\t/a\tFALSE\t1\tCloudFront-Policy\tp", "http://[::1]:80/?")
	f.Fuzz(func(t *testing.T, jar, url string) {
		sent, unsent, err := capture.CookieJar([]byte(jar), url, now)
		if err != nil && (sent != nil || unsent != nil) {
			t.Fatal("cookies and an error")
		}
		if len(sent)+len(unsent) > strings.Count(jar, "\n")+1 {
			t.Fatalf("%d cookies of %d lines", len(sent)+len(unsent), strings.Count(jar, "\n")+1)
		}
		for _, k := range unsent {
			if k.Reason == "" || !strings.HasPrefix(k.Name, "CloudFront-") {
				t.Fatalf("unsent: %+v", k)
			}
		}
	})
}
