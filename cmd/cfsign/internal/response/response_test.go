// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// Every source has its own description, and other values have one too.
func TestDescribe(t *testing.T) {
	seen := map[string]response.Source{}
	for _, source := range sources {
		if other, again := seen[source.Describe()]; again {
			t.Errorf("%q and %q have the same description", source, other)
		}
		seen[source.Describe()] = source
	}
	if got := response.Source("").Describe(); got != "an unknown server" {
		t.Errorf("the zero value is %q", got)
	}
}

func TestVerdict(t *testing.T) {
	for v, want := range map[response.Verdict]string{response.NotVisible: "not visible", response.Passed: "passed", response.Failed: "failed", 7: "not visible"} {
		if got := v.String(); got != want {
			t.Errorf("%d is %q, want %q", int(v), got, want)
		}
	}
}

// The length of a missing body identifies it.
func TestLengthTellsTheCode(t *testing.T) {
	for file, code := range map[string]string{
		"cloudfront-missing-key.xml":         "MissingKey",
		"cloudfront-invalid-key.xml":         "InvalidKey",
		"cloudfront-malformed-policy.xml":    "MalformedPolicy",
		"cloudfront-malformed-signature.xml": "MalformedSignature",
		"cloudfront-access-denied.xml":       "AccessDenied",
	} {
		length := strconv.Itoa(len(read(t, file)))
		h := with(byCloudFront, "Content-Type: text/xml", "Content-Length: "+length)
		if got := response.Classify(response.Response{Status: 403, Header: h}); !strings.Contains(got.Meaning, "likely "+code+".") {
			t.Errorf("%s bytes: %s, want %s", length, got.Meaning, code)
		}
	}
}
