// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/google/go-cmp/cmp"
)

// xmlOf returns an error document. The message must be valid XML.
func xmlOf(message string) string {
	return "<Error><Code>AccessDenied</Code><Message>" + message + "</Message></Error>"
}

func TestMessage(t *testing.T) {
	signature := strings.Repeat("Ab-_~9", 57)
	tests := []struct {
		name string
		why  string
		body string
		want string
	}{
		{"XML", "the element Message", xmlOf("Access denied"), "Access denied"},
		{"XML in lines", "browsers indent it", xmlOf("\n  Access\n\tDenied\n"), "Access Denied"},
		{"JSON", "API Gateway", string(read(t, "api-gateway.json")), "Missing Authentication Token"},
		{"CloudFront's page", "what is between the heading and the advice", string(read(t, "cloudfront-method.html")), "This distribution is not configured to allow the HTTP request method that was used for this request. The distribution supports only cachable requests."},
		{"CloudFront's page, copied", "without markup", string(read(t, "browser-page.txt")), "Request blocked."},
		{"a page", "its title", string(read(t, "site-page.html")), "Our videos & more"},
		{"words", "all of them", "Please\nlog in.", "Please log in."},
		{"long", "cut", strings.Repeat("word ", 100), strings.Repeat("word ", 47) + "word..."},
		{"nothing", "no body", "", ""},

		{"colors", "an escape sequence", xmlOf("no\x1b[31m red"), ""}, // no character of XML, so the message ends
		{"colors in words", "an escape sequence", "no\x1b[31m red\x9b2J", "no[31m red 2J"},
		{"colors in JSON", "escaped, and then decoded", `{"message":"a\u001b[2Jb\u0000\u0007\u009bc"}`, "a[2Jbc"},
		{"colors in a title", "by number", "<html><title>a&#27;[2J&#x9b;b</title>", "a[2J›b"}, // HTML reads 9b in a code page of old
		{"reversed", "characters that turn the text around", xmlOf("ab&#x202e;cd&#x2066;"), "abcd"},
		{"line ends", "of all kinds", `{"message":"a\r\nb\u2028c\u0085d\u000be"}`, "a b c d e"},
		{"not UTF-8", "bytes", "a\xff\xfeb", "a b"},
		{"other letters", "are letters", "Доступ запрещён", "Доступ запрещён"},

		{"URL", "a signed one", xmlOf("no: /a?Expires=1&amp;Signature=abc&amp;Key-Pair-Id=K1"), "no: /a?Expires=1&Signature=[...]&Key-Pair-Id=K1"},
		{"encoded URL", "twice", "no: u%253FPolicy%253Dabc", "no: u%253FPolicy%253D[...]"},
		{"cookie", "by its name", "bad CloudFront-Signature=abc; x", "bad CloudFront-Signature=[...]; x"},
		{"cookie header", "the rest of the line", "bad\nCookie: session=abc; b=c", "bad Cookie: [...]"},
		{"authorization", "the rest of the line", `{"message":"Authorization: Basic abc def"}`, "Authorization: [...]"},
		{"object", "members of JSON", `{"x":1,"Signature":"abc", "y":2}`, `{"x":1,"Signature":"[...]", "y":2}`},
		{"S3's parameters", "their values open the bucket", "X-Amz-Signature=abc&X-Amz-Credential=def&X-Amz-Security-Token=ghi&AWSAccessKeyId=jkl", "X-Amz-Signature=[...]&X-Amz-Credential=[...]&X-Amz-Security-Token=[...]&AWSAccessKeyId=[...]"},
		{"bare signature", "no name says what it is", "bad " + signature + " here", "bad [...] here"},
		{"cut signature", "taken out before the message is cut", strings.Repeat("word ", 45) + signature, strings.Repeat("word ", 45) + "[...]"},
		{"hidden name", "an invisible character within", `{"message":"Signa\u200bture=abc"}`, "Signature=[...]"},
		{"hidden signature", "invisible characters within", `{"message":"bad ` + strings.Repeat(`Ab9\u200d`, 20) + `"}`, "bad [...]"},
		{"short words", "nothing is taken out", "Policy and Signature are missing", "Policy and Signature are missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := response.Classify(response.Response{Body: []byte(test.body)}).Message
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.why, diff)
			}
		})
	}
}

func TestExplanation(t *testing.T) {
	tests := []struct {
		name string
		why  string
		text string
		want string
	}{
		{"none", "CloudFront has no such header", "", ""},
		{"one", "the local edge explains", "denied: expired 2 minutes ago", "denied: expired 2 minutes ago"},
		{"hostile", "anybody can write the header", "denied\x1b[2J: Policy=abc", "denied[2J: Policy=[...]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := with(byCloudFront)
			h.Set("Cfsign-Explanation", test.text)
			if got := response.Classify(response.Response{Status: 403, Header: h}).Explanation; got != test.want {
				t.Errorf("%s: %q, want %q", test.why, got, test.want)
			}
		})
	}
}

// The meaning contains the name of the server.
func TestServerNameIsPrintable(t *testing.T) {
	got := response.Classify(response.Response{Status: 403, Header: header("Server: ng\x1b[2Jinx Signature=abc " + strings.Repeat("x ", 100))}).Meaning
	if !strings.Contains(got, "(ng[2Jinx Signature=[...] x x") || len(got) > 300 {
		t.Errorf("meaning %q", got)
	}
}

// A code is a word or empty.
func TestCodeIsAWord(t *testing.T) {
	for _, code := range []string{"", "Access Denied", "A\tB", "Ab&#x202e;c", strings.Repeat("A", 65), "1", "Ä", "<b/>", "&lt;"} {
		body := "<Error><Code>" + code + "</Code><Message>Access Denied</Message></Error>"
		if got := response.Classify(response.Response{Body: []byte(body)}); got.Code != "" {
			t.Errorf("%q: code %q", code, got.Code)
		}
	}
}
