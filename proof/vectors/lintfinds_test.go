// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"strings"
	"testing"
)

// TestLintFinds: the linter finds what it is for.
func TestLintFinds(t *testing.T) {
	tests := []struct{ name, file, old, replacement, want, why string }{
		{"cut off", "urls", "\n ]\n}\n", "\n ]", "unexpected EOF", "damaged"},
		{"unknown field", "urls", `"url":`, `"ulr":`, "url", "a typing error would be read as empty"},
		{"field too many", "matches", `"url":`, `"x": 1, "url":`, "x", "nobody knows what it means"},
		{"valid with a cause", "urls", `"result": "valid"`, `"result": "valid", "cause": "host"`, "cause", "one of them is wrong"},
		{"invalid without a cause", "documents", `"cause": "syntax"`, `"comment": "x"`, "cause", "nobody could judge it"},
		{"invalid without a code", "verify", `"code": "MissingKey",`, ``, "code", "what CloudFront answers is the point"},
		{"unknown code", "verify", `"code": "MissingKey"`, `"code": "Missing"`, "code", "CloudFront does not have it"},
		{"valid without output", "sign", `"output":`, `"out":`, "output", "nothing to compare with"},
		{"other alphabet", "sign", `"signature": "`, `"signature": "+`, "signature", "it is not base64"},
		{"no flags", "urls", "\"flags\": [\n    \"Normal\"\n   ]", `"flags": []`, "flags", "nobody could choose"},
		{"no comment", "urls", `"comment": "the ordinary case"`, `"comment": ""`, "comment", "nobody could judge it"},
		{"other licence", "sign", `"CC0-1.0"`, `"MIT"`, "license", "the folder has one"},
		{"real key", "sign", `"TEST KEY`, `"KEY`, "note", "a private key has to say what it is"},
		{"wrong count", "urls", `"tests": 121`, `"tests": 120`, "says", "a lost test must be noticed"},
		{"duplicate id", "urls", `"id": "http"`, `"id": "plain"`, `the id "plain" appears twice`, "one would hide the other"},
		{"unexplained flag", "urls", `"Limits": {`, `"Limit": {`, "the flag Limits is not explained", "nobody knows what it means"},
		{"unused flag", "urls", `"Limits": {`, `"Limit": {`, "no test has the flag Limit", "it is left over"},
		{"unexplained cause", "verify", `"expired":`, `"gone":`, "the cause expired is not explained", "nobody knows what it means"},
		{"flags out of order", "urls", "\"ClientRewrites\",\n    \"Strict\"", "\"Strict\",\n    \"ClientRewrites\"", "not in order", "one way to write a thing"},
		{"other form", "urls", `"license": `, `"license":  `, "indented", "one way to write a thing"},
		{"not ASCII", "urls", "the ordinary case", "the ordin\u00e4ry case", "ASCII", "tools in between may change it"},
		{"path of a machine", "urls", "the ordinary case", "see /home/me/a", "path of a machine", "it is nobody's business"},
		{"name of Go", "urls", "the ordinary case", "no ErrHost", "name of Go", "other languages do not have it"},
		{"somebody's host", "urls", "https://cdn.example.com/a.jpg", "https://cdn.customer.io/a.jpg", "cdn.customer.io", "it may be somebody's"},
		{"other schema", "urls", "schemas/urls.", "schemas/sign.", "its schema is", "editors would check against it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			good := string(read(t, tt.file+".json"))
			damaged := strings.Replace(good, tt.old, tt.replacement, 1)
			if damaged == good {
				t.Fatalf("%q is not in the file", tt.old)
			}
			problems := strings.Join(lint(t, tt.file, []byte(damaged), 0.5), "\n")
			if !strings.Contains(problems, tt.want) {
				t.Errorf("found %q, want something with %q: %s", problems, tt.want, tt.why)
			}
		})
	}
	few := lintedFile{Tests: []head{{Result: valid}, {Result: invalid}}, Count: counts{2, 1, 1}}
	if len(few.lintCounts(0.6)) != 1 || len(few.lintCounts(0.5)) != 0 {
		t.Error("the share of invalid tests is not checked")
	}
}
