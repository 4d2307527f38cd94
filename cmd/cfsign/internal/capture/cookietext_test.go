// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
)

// three are three signed cookies, as names and values.
var three = []string{"CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F", "CloudFront-Policy=eyJ-~_", "CloudFront-Signature=sig-~__"}

// TestCookieTexts: each text has the same three cookies, for Read and for ReadCookies.
func TestCookieTexts(t *testing.T) {
	const attributes = "; Path=/v/; Domain=Example.com; Expires=Thu, 01 Jan 2099 00:00:00 GMT; HttpOnly; Secure; SameSite=None"
	lines := func(format, end string) string {
		var b strings.Builder
		for i, pair := range three {
			name, value, _ := strings.Cut(pair, "=")
			if i > 0 {
				b.WriteString(end)
			}
			fmt.Fprintf(&b, strings.NewReplacer("NAME", "%[1]s", "VALUE", "%[2]s", "UPPER", "%[3]s").Replace(format), name, value, strings.ToUpper(strings.ReplaceAll(name, "-", "_")))
		}
		return b.String()
	}
	set := lines("Set-Cookie: NAME=VALUE"+attributes, "\n")
	tests := []struct {
		name, text string
		form       capture.Form
		setBy      string
		reason     string
	}{
		{"header", "Cookie: " + lines("NAME=VALUE", "; "), capture.FormCookies, "", "what a client sends"},
		{"value", lines("NAME=VALUE", "; "), capture.FormCookies, "", "cfsign cookies --format cookie"},
		{"lines", lines("NAME=VALUE", "\n"), capture.FormCookies, "", "a developer tool's list"},
		{"curl", `cookie = "` + lines("NAME=VALUE", "; ") + `"`, capture.FormCookieText, "", "cfsign cookies --format curl"},
		{"assignments", lines("UPPER='VALUE'", "\n"), capture.FormCookieText, "", "cfsign cookies --format env"},
		{"exported", lines(`export UPPER="VALUE"`, "\n"), capture.FormCookieText, "", "a file for a shell"},
		{"object", "{" + lines(`"NAME": "VALUE"`, ",\n") + "}", capture.FormJSON, "", "aws cloudfront sign-cookies"},
		{"YAML", lines("NAME: VALUE", "\n"), capture.FormCookieText, "", "aws cloudfront sign-cookies --output yaml"},
		{"table", "-----\n|  SignCookies  |\n+----+\n" + lines("|  NAME  |  VALUE  |", "\n") + "\n+----+", capture.FormCookieText, "", "aws cloudfront sign-cookies --output table"},
		{"Python", "{" + lines("'NAME': 'VALUE'", ", ") + "}", capture.FormCookieText, "", "print of a dict"},
		{"PHP", "[" + lines("'NAME' => 'VALUE'", ", ") + "]", capture.FormCookieText, "", "var_export of an array"},
		{"spaces", lines("NAME=VALUE", " "), capture.FormCookieText, "", "a line that lost its separators"},
		{"browser's list", "[" + lines(`{"name":"NAME","value":"VALUE","domain":".example.com","path":"/","secure":true,"sameSite":"None"}`, ",") + "]", capture.FormJSON, "", "test frameworks and extensions"},
		{"Go", "[" + lines(`{"Name":"NAME","Value":"VALUE","Path":"/","Domain":"example.com","Secure":true,"SameSite":0,"Raw":""}`, ",") + "]", capture.FormJSON, "", "http.Cookie in JSON"},
		{"an answer of an API", `{"statusCode":200,"body":"{\"cookies\":{` + strings.ReplaceAll(lines(`"NAME":"VALUE"`, ","), `"`, `\"`) + `}}"}`, capture.FormJSON, "", "JSON within JSON"},
		{"a function's answer", `{"multiValueHeaders":{"Set-Cookie":[` + lines(`"NAME=VALUE; Path=/"`, ",") + `]}}`, capture.FormJSON, "", "Lambda behind a gateway"},

		{"JavaScript", "{\n  " + lines("'NAME':\n   'VALUE'", ",\n  ") + "\n}", capture.FormCookieText, "", "console.log wraps long values"},
		{"Go's map", "map[" + lines("NAME:VALUE", " ") + "]", capture.FormCookieText, "", "fmt.Println of a map"},
		{"CSV", "name,value\n" + lines("NAME,VALUE", "\n"), capture.FormCookieText, "", "a table"},
		{"option of curl", "-b '" + lines("NAME=VALUE", "; ") + "'", capture.FormCookieText, "", "a part of a command"},
		{"header of curl", "-H 'Cookie: " + lines("NAME=VALUE", "; ") + "'", capture.FormCookieText, "", "a part of a command"},
		{"PowerShell", lines("$env:UPPER = 'VALUE'", "\n"), capture.FormCookieText, "", "its variables"},
		{"lines of JSON", lines(`{"name":"NAME","value":"VALUE"}`, "\n"), capture.FormJSON, "", "an export"},
		{"a browser's table", lines("NAME\tVALUE\t.example.com\t/\tSession\t99", "\n"), capture.FormCookieText, "", "the developer tools"},
		{"a browser's table, one host", lines("NAME\tVALUE\tcdn.example.com\t/v\tSession", "\n"), capture.FormCookieText, "cdn.example.com", "the developer tools"},

		{"set in Go", "[" + lines("NAME=VALUE; Path=/; HttpOnly", " ") + "]", capture.FormSetCookies, "", "fmt.Println of []*http.Cookie"},
		{"set, received", lines("< set-cookie: NAME=VALUE; Path=/", "\n"), capture.FormSetCookies, "", "some lines of curl -v"},
		{"set", set, capture.FormSetCookies, "", "cfsign cookies"},
		{"set on Windows", strings.ReplaceAll(set, "\n", "\r\n"), capture.FormSetCookies, "", "with line ends of Windows"},
		{"set in one field", "set-cookie: " + lines("NAME=VALUE"+attributes, ", "), capture.FormSetCookies, "", "HTTP libraries join fields; Expires has a comma of its own"},
		{"set, values alone", lines("NAME=VALUE"+attributes, "\n"), capture.FormSetCookies, "", "getSetCookie of fetch"},
		{"set, joined", lines("NAME=VALUE; Path=/", ","), capture.FormSetCookies, "", "headers.get of fetch"},
		{"set, a list", "['" + lines("NAME=VALUE; Path=/", "',\n'") + "']", capture.FormSetCookies, "", "a list that a program printed"},
		{"response", "HTTP/2 200\ncontent-type: text/html\n" + set + "\n\n<html>", capture.FormSetCookies, "", "curl -i of a login"},
		{"redirect", "HTTP/2 302\n" + set + "\nlocation: /\n\nHTTP/2 200\n\n<html>", capture.FormSetCookies, "", "curl -iL: the first response sets the cookies"},
		{"response headers", "server: nginx\n" + set + "\ndate: x", capture.FormSetCookies, "", "from a browser"},
		{"transcript", "> POST /login HTTP/1.1\n> Host: App.example.com:8443\n> \n< HTTP/1.1 200 OK\n" + strings.ReplaceAll("< "+set, "\n", "\n< ") + "\n< \nok", capture.FormSetCookies, "app.example.com", "curl -v of a login"},
		{"HAR entry", `{"request":{"url":"https://app.example.com/login"},"response":{"status":200,"headers":[` + lines(`{"name":"set-cookie","value":"NAME=VALUE; Path=/"}`, ",") + `]}}`, capture.FormSetCookies, "app.example.com", "the entry of a login"},
		{"login after logout", "Set-Cookie: CloudFront-Expires=; Max-Age=0\nSet-Cookie: CloudFront-Hash-Algorithm=; Expires=Thu, 01 Jan 1970 00:00:00 GMT\n" + set, capture.FormSetCookies, "", "a browser removes the other two"},
		{"cookie file", "# Netscape HTTP Cookie File\n" + lines(".example.com\tTRUE\t/\tTRUE\t4102444800\tNAME\tVALUE", "\n"), capture.FormJar, "", "cfsign cookies --format netscape"},
		{"cookie file of one host", lines("#HttpOnly_cdn.example.com\tFALSE\t/\tTRUE\t0\tNAME\tVALUE", "\n"), capture.FormJar, "cdn.example.com", "curl -c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := capture.Read([]byte(tt.text))
			if err != nil {
				t.Fatalf("%v: %s", err, tt.reason)
			}
			var pairs []string
			for _, c := range got.Cookies {
				pairs = append(pairs, c.Name+"="+c.Value)
			}
			slices.Sort(pairs)
			if diff := cmp.Diff([]any{tt.form, tt.setBy, three}, []any{got.Form, got.SetBy, pairs}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
			for _, c := range got.SetCookies {
				if c.Path != "/" && c.Path != "/v/" && c.Path != "/v" || strings.ContainsAny(c.Domain, ", ") {
					t.Errorf("%s: the Path is %q and the Domain %q", tt.reason, c.Path, c.Domain)
				}
			}
			if got.URL != "" || got.Response != nil {
				t.Errorf("%s: a URL or a response, although the login was not refused", tt.reason)
			}
			again, unsent, err := capture.ReadCookies([]byte(tt.text), "https://cdn.example.com/v/a.ts", now)
			if err != nil || len(unsent) > 0 || len(again.Cookies) != len(three) {
				t.Errorf("ReadCookies: %d cookies, %v, %v", len(again.Cookies), unsent, err)
			}
		})
	}
}

// TestReadCookiesAlone: texts that only ReadCookies takes for cookies, and texts that have
// none.
func TestReadCookiesAlone(t *testing.T) {
	tests := []struct {
		name, text string
		want       int
		err        error
		reason     string
	}{
		{"other cookies", "session=1; theme=dark", 2, nil, "a request without signed cookies"},
		{"in a command", "curl 'https://h/' -H 'Cookie: " + strings.Join(three, "; ") + "'", 3, nil, "from a browser"},
		{"nothing", " \n", 0, capture.ErrNoCookies, "an unset variable"},
		{"prose", "I have no cookies", 0, capture.ErrNoCookies, "would look like a request without cookies"},
		{"word", "eyJTdGF0ZW1lbnQiOlt7", 0, capture.ErrNoCookies, "a value without its name"},
		{"other JSON", `{"session":"1"}`, 0, capture.ErrNoCookies, "no names of cookies"},
		{"URL", signed, 0, capture.ErrNoCookies, "the arguments were exchanged"},
		{"page", "<html><a href='x=y'>", 0, capture.ErrNoCookies, "another file"},
		{"damaged table", "CloudFront-Policy,eyJ,x\nid,secret", 0, capture.ErrNoCookies, "has other words"},
		{"JSON and prose", `{"CloudFront-Policy":"eyJ"} is it`, 0, capture.ErrNoCookies, "has other words"},
		{"lines of settings", "A=1\nB=2", 0, capture.ErrNoCookies, "another file"},
		{"refusal", "HTTP/2 403\nx: y\n\n<Error/>", 0, capture.ErrNoCookies, "another file"},
		{"refusal that sets cookies", "HTTP/2 403\nset-cookie: CloudFront-Policy=p\n\n", 0, capture.ErrNoCookies, "it is about another request"},
		{"key", "-----BEGIN PRIVATE KEY-----", 0, capture.ErrKey, "a secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := capture.ReadCookies([]byte(tt.text), "https://h/", now)
			if !errors.Is(err, tt.err) || len(got.Cookies) != tt.want {
				t.Errorf("%d cookies, %v, want %d and %v: %s", len(got.Cookies), err, tt.want, tt.err, tt.reason)
			}
		})
	}
}

// TestSetCookieAttributes: what a browser makes of the attributes of a server.
func TestSetCookieAttributes(t *testing.T) {
	const url = "https://cdn.example.com/v/a.ts"
	login := func(attributes, host string) string {
		return "> GET / HTTP/1.1\n> Host: " + host + "\n> \n< HTTP/1.1 200 OK\n< Set-Cookie: CloudFront-Policy=p" + attributes + "\n< \n"
	}
	tests := []struct{ name, attributes, host, want, reason string }{
		{"sent", "; Domain=.example.com; Path=/; Secure", "app.example.com", "", "the leading dot is ignored"},
		{"path of the URL", "; Domain=example.com; Path=/v", "app.example.com", "", "a whole segment"},
		{"no path", "; Domain=example.com", "app.example.com", "", "the default is not known"},
		{"Max-Age before Expires", "; Domain=example.com; Max-Age=60; Expires=Sat, 01 Jan 2000 00:00:00 GMT", "app.example.com", "", "browsers prefer Max-Age"},
		{"other domain", "; Domain=example.org", "app.example.org", "its Domain is example.org", "not the host of the URL"},
		{"host alone", "", "app.example.com", "its Domain is app.example.com alone", "without a Domain the server's host counts"},
		{"own host", "", "cdn.example.com", "", "the CDN sets its own cookies"},
		{"other path", "; Domain=example.com; Path=/w/", "app.example.com", "its Path is /w/", "not above the URL"},
		{"expired", "; Domain=example.com; Expires=Sat, 01 Jan 2000 00:00:00 GMT", "app.example.com", "it expired at 2000-01-01T00:00:00Z", "not sent any more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := capture.Read([]byte(login(tt.attributes, tt.host)))
			if err != nil || len(r.SetCookies) != 1 {
				t.Fatalf("%d cookies, %v", len(r.SetCookies), err)
			}
			var got string
			for _, cookie := range r.Unsent(url, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
				got = cookie.Reason
			}
			if !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("%q, want %q: %s", got, tt.want, tt.reason)
			}
		})
	}
	r, err := capture.Read([]byte("Set-Cookie: CloudFront-Policy=; Max-Age=0"))
	if err != nil || len(r.Cookies) > 0 || !cmp.Equal(r.Faults, []message.Text{capture.FaultRemoved}) {
		t.Errorf("a logout: %+v, %v", r, err)
	}
}

// TestOtherTexts: a policy alone, and URLs within another text.
func TestOtherTexts(t *testing.T) {
	const document = `{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}`
	const encoded = "eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cHM6Ly9jZG4uZXhhbXBsZS5jb20vKiIsIkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOnsiQVdTOkVwb2NoVGltZSI6NDEwMjQ0NDgwMH19fV19"
	tests := []struct{ name, text, policy, url, reason string }{
		{"policy", document, document, "", "as it is signed"},
		{"policy, formatted", "{\n  \"Statement\": [{\"Condition\": {}}]\n}\n", "{\n  \"Statement\": [{\"Condition\": {}}]\n}", "", "an invalid one is explained, too"},
		{"base64", encoded, document, "", "the value of a cookie"},
		{"parameter", "Policy=" + encoded, document, "", "with its name"},
		{"lines", encoded[:76] + "\n" + encoded[76:], document, "", "as base64 prints it"},

		{"image", `<img src="https://h/a.jpg?x=1&amp;Expires=1&amp;Signature=s&amp;Key-Pair-Id=K" alt="a">`, "", "https://h/a.jpg?x=1&Expires=1&Signature=s&Key-Pair-Id=K", "a browser undoes the escapes"},
		{"link", "<a class=x href='https://h/a?Signature=s&#38;Key-Pair-Id=K'>a</a>", "", "https://h/a?Signature=s&Key-Pair-Id=K", "single quotes, and another escape"},
		{"video", "<video controls>\n<source src=\"https://h/a?Signature=s&amp;Key-Pair-Id=K\" type=x>\n</video>", "", "https://h/a?Signature=s&Key-Pair-Id=K", "an element within it"},
		{"srcset", `<img srcset="https://h/a?Signature=s&amp;Key-Pair-Id=K 2x">`, "", "https://h/a?Signature=s&Key-Pair-Id=K", "with the density"},
		{"JSON", `{"data":{"file":"https:\/\/h\/a?Signature=s\u0026Key-Pair-Id=K","page":"https://h/"}}`, "", "https://h/a?Signature=s&Key-Pair-Id=K", "an answer of an API"},
		{"JSON of a list", `["https://h/a?Signature=s"]`, "", "https://h/a?Signature=s", "the only one"},
		{"JSON string in prose", `The answer is {"url": "https://h/a?Signature=s&Key-Pair-Id=K"}.`, "", "https://h/a?Signature=s&Key-Pair-Id=K", "a log line"},
		{"assignment", "URL='https://h/a?Signature=s&Key-Pair-Id=K'", "", "https://h/a?Signature=s&Key-Pair-Id=K", "a file of settings"},
		{"style sheet", `url("https://h/a?Signature=s&Key-Pair-Id=K")`, "", "https://h/a?Signature=s&Key-Pair-Id=K", "a background"},
		{"Markdown", "![a](https://h/a?Signature=s&Key-Pair-Id=K)", "", "https://h/a?Signature=s&Key-Pair-Id=K", "an image"},
		{"quotation mark", `"https://h/a?Signature=s&Key-Pair-Id=K`, "", `"https://h/a?Signature=s&Key-Pair-Id=K`, "damage that a client sends, too"},
		{"prose", "The link (https://h/a?Signature=s&Key-Pair-Id=K) does not work.", "", "https://h/a?Signature=s&Key-Pair-Id=K", "a ticket"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := capture.Read([]byte(tt.text))
			if err != nil || string(got.Policy) != tt.policy || got.URL != tt.url {
				t.Errorf("%q %q, %v, want %q %q: %s", got.Policy, got.URL, err, tt.policy, tt.url, tt.reason)
			}
		})
	}
}
