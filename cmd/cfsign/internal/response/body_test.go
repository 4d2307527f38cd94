// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// Bodies of the largest size, made to cost time or memory.
func TestClassifyHostileBodies(t *testing.T) {
	tests := []struct {
		name string
		why  string
		unit string
		head string
	}{
		{"deep", "elements in elements", "<a>", "<Error>"},
		{"deep errors", "the known element in itself", "<Error>", ""},
		{"wide", "many elements", "<Code/>", "<Error>"},
		{"long", "one text", "a", "<Error><Code>"},
		{"long message", "one text", "Signature=", "<Error><Code>AccessDenied</Code><Message>"},
		{"many texts", "which are put together", "a<!---->", "<Error><Code>AccessDenied</Code><Message>"},
		{"attributes", "many on one element", ` a="b"`, "<Error"},
		{"entities", "which are not declared", "&a;", "<Error><Code>"},
		{"declaration", "which has no end", "<!ENTITY a 'b'>", "<!DOCTYPE Error ["},
		{"tags", "of a page", "<b>", "<html>"},
		{"open tags", "without an end", "<", "<html>"},
		{"scripts", "without an end", "<script>", "<html>"},
		{"comments", "without an end", "<!--", "<html>"},
		{"titles", "without an end", "<title>", "<html>"},
		{"list", "of a website endpoint", "<li>Code: A</li>", "<html>"},
		{"arrays", "of JSON", "[", `{"message":`},
		{"objects", "of JSON", `{"message":`, ""},
		{"spaces", "nothing else", " ", "a"},
		{"quotation marks", "after a name that counts", `Signature"`, ""},
		{"percent signs", "of encodings", "%25", "Signature"},
		{"heads", "response after response", "HTTP/1.1 100 a\r\n\r\n", ""},
		{"fields", "one name", "a:\n", "HTTP/1.1 403 no\n"},
		{"verbose", "head after head", "< HTTP/1.1 100 a\n", "* a\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data := test.head + strings.Repeat(test.unit, (response.MaxSize-len(test.head))/len(test.unit))
			r, err := capture.ParseResponse([]byte(data))
			if err != nil {
				t.Fatalf("%s: %v", test.why, err)
			}
			check(t, response.Classify(r))
		})
	}
}

// Classify ignores what follows the first MaxSize bytes.
func TestClassifyLongBody(t *testing.T) {
	body := strings.Repeat(" ", response.MaxSize) + string(read(t, "cloudfront-missing-key.xml"))
	if got := response.Classify(response.Response{Status: 403, Body: []byte(body)}); got.Source != response.Unknown {
		t.Errorf("Classify read more than the first %d bytes: %+v", response.MaxSize, got)
	}
}
