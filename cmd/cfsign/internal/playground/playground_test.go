// SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/playground"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

var now = time.Unix(1767200000, 0)

func ExampleExplain() {
	answer := playground.Explain(playground.ExplainRequest{Text: "https://cdn.example.com/a.jpg"}, now)
	fmt.Println(answer.Summary)
	cause, _, _ := strings.Cut(answer.Causes[0], ". ")
	fmt.Println(cause)
	// Output:
	// denied, MissingKey: unsigned or incompletely signed
	// The request is not signed: send the URL as the signer returned it
}

func ExampleSigner_Sign() {
	var signer playground.Signer
	signed := signer.Sign(context.Background(), playground.SignRequest{URL: "https://cdn.example.com/a.jpg"}, now).Signed
	answer := playground.Explain(playground.ExplainRequest{
		Text: signed.URL, PublicKeys: []playground.PublicKey{{ID: signed.KeyPairID, PEM: signed.PublicKey}},
	}, now)
	fmt.Println(answer.Summary, signed.Canned)
	// Output: allowed true
}

// TestMistakes: what users write into the fields, and the field with the message.
func TestMistakes(t *testing.T) {
	public, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://cdn.example.com/a.jpg"
	for _, tt := range []struct {
		name    string
		request playground.ExplainRequest
		field   playground.Field
		message string // a part of it
	}{
		{"nothing", playground.ExplainRequest{}, playground.FieldText, "there is nothing to read"},
		{"prose", playground.ExplainRequest{Text: "it is broken"}, playground.FieldText, "cannot be read as a request"},
		{"wget", playground.ExplainRequest{Text: "wget " + url}, playground.FieldText, `paste the cookie file into "Cookies"`},
		{"a port", playground.ExplainRequest{Text: url, Address: "192.0.2.7:443"}, playground.FieldAddress, "without the port"},
		{"a word as the time", playground.ExplainRequest{Text: url, At: "tomorrow"}, playground.FieldAt, "invalid time"},
		{"no ID", playground.ExplainRequest{Text: url, PublicKeys: []playground.PublicKey{{PEM: string(public)}}}, playground.FieldKeyPairID, "the ID is missing"},
		{"no key", playground.ExplainRequest{Text: url, PublicKeys: []playground.PublicKey{{ID: "K2"}}}, playground.FieldPublicKey, "the key is missing"},
		{"half a key", playground.ExplainRequest{Text: url, PublicKeys: []playground.PublicKey{{ID: "K2", PEM: string(public[:60])}}}, playground.FieldPublicKey, "key"},
		{"an ID with a dash", playground.ExplainRequest{Text: url, PublicKeys: []playground.PublicKey{{ID: "K-2", PEM: string(public)}}}, playground.FieldKeyPairID, "K"},
		{"no cookies", playground.ExplainRequest{Text: url, Cookies: "chocolate"}, playground.FieldCookies, "the cookies cannot be read"},
		{"a compressed answer", playground.ExplainRequest{Text: url, Response: "\x1f\x8b"}, playground.FieldResponse, "compressed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := playground.Explain(tt.request, now)
			if got.Field != tt.field || !strings.Contains(got.Error, tt.message) || got.Explanation != nil {
				t.Errorf("%s: %q", got.Field, got.Error)
			}
		})
	}
}

// TestSignMistakes: the same for the tab that signs.
func TestSignMistakes(t *testing.T) {
	const url = "https://cdn.example.com/a.jpg"
	for _, tt := range []struct {
		name    string
		request playground.SignRequest
		field   playground.Field
		message string
	}{
		{"no URL", playground.SignRequest{}, playground.FieldURL, "the URL is missing"},
		{"no scheme", playground.SignRequest{URL: "cdn.example.com/a.jpg"}, playground.FieldURL, "https://"},
		{"a wildcard", playground.SignRequest{URL: "https://cdn.example.com/*"}, playground.FieldURL, `write it into "Pattern for many files"`},
		{"a pattern for all hosts", playground.SignRequest{URL: url, Pattern: "https://*"}, playground.FieldPattern, "host"},
		{"a pattern for other files", playground.SignRequest{URL: url, Pattern: "https://cdn.example.com/b/*"}, playground.FieldURL, ""},
		{"the past", playground.SignRequest{URL: url, Expires: "-1h"}, playground.FieldExpires, "in the past"},
		{"a duration without a sign", playground.SignRequest{URL: url, Expires: "2h"}, playground.FieldExpires, "write +2h"},
		{"a start after the end", playground.SignRequest{URL: url, Start: "+3h"}, playground.FieldStart, ""},
		{"IPv6", playground.SignRequest{URL: url, Range: "2001:db8::/32"}, playground.FieldRange, "IPv4"},
		{"another domain", playground.SignRequest{URL: url, Domain: "example.org"}, playground.FieldDomain, "a domain of your own above it"},
		{"a canned policy with a start", playground.SignRequest{URL: url, Start: "-1h", Policy: "canned"}, playground.FieldPolicy, "choose a custom policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var signer playground.Signer
			got := signer.Sign(t.Context(), tt.request, now)
			if got.Field != tt.field || got.Error == "" || !strings.Contains(got.Error, tt.message) || got.Signed != nil {
				t.Errorf("%s: %q", got.Field, got.Error)
			}
		})
	}
}

// TestAnswerAlone: the answer alone shows which server refused. Its errors are at its field.
func TestAnswerAlone(t *testing.T) {
	for text, want := range map[string]string{
		"it is broken": "this is not an answer", "\x1f\x8b": "compressed", strings.Repeat("<a>", 1<<20): "the response is too long",
	} {
		if got := playground.Explain(playground.ExplainRequest{Response: text}, now); got.Field != playground.FieldResponse || !strings.Contains(got.Error, want) {
			t.Errorf("%.20q: %s: %q", text, got.Field, got.Error)
		}
	}
	got := playground.Explain(playground.ExplainRequest{Text: " ", Response: "<Error><Code>NoSuchKey</Code><RequestId>1</RequestId></Error>"}, now)
	if got.ResponseFrom != "S3" || got.Explanation.Report != nil {
		t.Errorf("%+v", got)
	}
}

// TestPrivateKeys: a private key in any field is refused or reported, to be cleared, and never
// comes back.
func TestPrivateKeys(t *testing.T) {
	pem := string(testkeys.P256PEM())
	var signer playground.Signer
	for field, answer := range map[playground.Field]playground.Answer{
		playground.FieldText:      playground.Explain(playground.ExplainRequest{Text: pem}, now),
		playground.FieldResponse:  playground.Explain(playground.ExplainRequest{Text: "https://a", Response: pem}, now),
		playground.FieldCookies:   playground.Explain(playground.ExplainRequest{Text: "https://a", Cookies: strings.ReplaceAll(pem, "\n", `\n`)}, now),
		playground.FieldPublicKey: playground.Explain(playground.ExplainRequest{Text: "https://a", PublicKeys: []playground.PublicKey{{ID: "K2", PEM: pem}}}, now),
		playground.FieldKeyPairID: playground.Explain(playground.ExplainRequest{Text: "https://a", PublicKeys: []playground.PublicKey{{ID: pem}}}, now),
		playground.FieldURL:       signer.Sign(t.Context(), playground.SignRequest{URL: pem}, now),
		playground.FieldPattern:   signer.Sign(t.Context(), playground.SignRequest{URL: "https://a", Pattern: pem}, now),
		playground.FieldExpires:   signer.Sign(t.Context(), playground.SignRequest{URL: "https://a", Expires: "x" + pem[:100]}, now),
	} {
		if diff := cmp.Diff([]playground.Field{field}, answer.Forget); diff != "" {
			t.Errorf("%s: the fields to clear (-want +got):\n%s", field, diff)
		}
		if body := strings.Split(pem, "\n")[1]; strings.Contains(asJSON(t, answer), body) {
			t.Errorf("%s: a part of the key comes back", field)
		}
	}
	amid := playground.Explain(playground.ExplainRequest{Text: "my PRIVATE KEY is broken"}, now)
	if len(amid.Forget) != 1 {
		t.Errorf("words about a key: %+v", amid)
	}
	inJSON := playground.Explain(playground.ExplainRequest{Text: `{"private_key":"x"}`}, now)
	if len(inJSON.Forget) != 1 {
		t.Errorf("a private key in JSON: %+v", inJSON)
	}
	whole := playground.Explain(playground.ExplainRequest{Text: pem}, now)
	if whole.Explanation == nil || whole.Explanation.Key == nil || !whole.Explanation.Key.Works || !whole.Explanation.Key.Private {
		t.Errorf("the key is not reported: %+v", whole)
	}
}

// TestSignedParts: every part is explained.
func TestSignedParts(t *testing.T) {
	var signer playground.Signer
	for _, request := range []playground.SignRequest{
		{URL: "https://cdn.example.com/a.jpg"},
		{URL: "https://cdn.example.com/a.jpg", Policy: "custom"},
		{URL: "http://cdn.example.com/a.jpg?size=1", Pattern: "http://cdn.example.com/*", Start: "-1h", Range: "192.0.2.7", Domain: "example.com"},
	} {
		signed := signer.Sign(t.Context(), request, now).Signed
		if signed == nil {
			t.Fatalf("%+v is not signed", request)
		}
		if len(signed.Query) != 4 || len(signed.Cookies) != 4 || len(signed.SetCookies) != 4 || signed.Canned != (request.Policy == "" && request.Range == "") {
			t.Errorf("%+v: %+v", request, signed)
		}
		if conditions := strings.Contains(signed.Document, `"192.0.2.7/32"`) && strings.Contains(signed.Document, "DateGreaterThan"); conditions != (request.Range != "") {
			t.Errorf("the conditions of %+v are not in %s", request, signed.Document)
		}
		for _, part := range slices.Concat(signed.Query, signed.Cookies) {
			if part.Value == "" || part.Meaning == "" {
				t.Errorf("%s is not explained", part.Name)
			}
		}
	}
}

// FuzzAnswers: whatever is pasted, the page gets an explanation or an error as valid JSON in which
// no signature is.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		"https://cdn.example.com/a.jpg?Expires=1767290400&Signature=YWJj&Key-Pair-Id=K2", "curl 'https://a/'", "Cookie: CloudFront-Signature=a",
		`{"log":{"entries":[]}}`, `{"Statement":[]}`, "HTTP/2 403\n\n", "\xff\xfeh\x00", "-----BEGIN PRIVATE KEY-----",
	} {
		f.Add(seed, "<Error><Code>AccessDenied</Code></Error>", "CloudFront-Policy=a", "192.0.2.1", "+2h", "K2", "-----BEGIN PUBLIC KEY-----")
	}
	f.Fuzz(func(t *testing.T, text, response, cookies, address, at, id, pem string) {
		answer := playground.Explain(playground.ExplainRequest{
			Text: text, Response: response, Cookies: cookies, Address: address, At: at, PublicKeys: []playground.PublicKey{{ID: id, PEM: pem}},
		}, now)
		if (answer.Explanation == nil) == (answer.Error == "") {
			t.Errorf("neither an explanation nor an error, or both: %s", asJSON(t, answer))
		}
		if answer.Error != "" && answer.Field == "" {
			t.Errorf("an error without a field: %s", answer.Error)
		}
		if !json.Valid([]byte(asJSON(t, answer))) {
			t.Error("the answer is not JSON")
		}
		var signer playground.Signer
		signed := signer.Sign(t.Context(), playground.SignRequest{URL: text, Pattern: cookies, Expires: at, Range: address, Domain: id}, now)
		if (signed.Signed == nil) == (signed.Error == "") {
			t.Errorf("neither signed nor an error, or both: %s", signed.Error)
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
