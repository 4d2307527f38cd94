// SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/playground"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
)

// questions and signatures are requests with a text in one field.
var (
	questions = map[playground.Field]func(text string) playground.ExplainRequest{
		playground.FieldText: func(text string) playground.ExplainRequest { return playground.ExplainRequest{Text: text} },
		playground.FieldResponse: func(text string) playground.ExplainRequest {
			return playground.ExplainRequest{Text: "https://a", Response: text}
		},
		playground.FieldCookies: func(text string) playground.ExplainRequest {
			return playground.ExplainRequest{Text: "https://a", Cookies: text}
		},
		playground.FieldAddress: func(text string) playground.ExplainRequest {
			return playground.ExplainRequest{Text: "https://a", Address: text}
		},
		playground.FieldAt: func(text string) playground.ExplainRequest {
			return playground.ExplainRequest{Text: "https://a", At: text}
		},
		playground.FieldPublicKey: func(text string) playground.ExplainRequest {
			return playground.ExplainRequest{Text: "https://a", PublicKeys: []playground.PublicKey{{PEM: text}}}
		},
		playground.FieldKeyPairID: func(text string) playground.ExplainRequest {
			return playground.ExplainRequest{Text: "https://a", PublicKeys: []playground.PublicKey{{ID: text}}}
		},
	}
	signatures = map[playground.Field]func(text string) playground.SignRequest{
		playground.FieldURL: func(text string) playground.SignRequest { return playground.SignRequest{URL: text} },
		playground.FieldPattern: func(text string) playground.SignRequest {
			return playground.SignRequest{URL: "https://a", Pattern: text}
		},
		playground.FieldExpires: func(text string) playground.SignRequest {
			return playground.SignRequest{URL: "https://a", Expires: text}
		},
		playground.FieldStart: func(text string) playground.SignRequest { return playground.SignRequest{URL: "https://a", Start: text} },
		playground.FieldRange: func(text string) playground.SignRequest { return playground.SignRequest{URL: "https://a", Range: text} },
		playground.FieldDomain: func(text string) playground.SignRequest {
			return playground.SignRequest{URL: "https://a", Domain: text}
		},
	}
)

// TestPrivateKeyFields: a private key in any form is cleared from any field, and no part of it comes
// back. Package capture tests more forms.
func TestPrivateKeyFields(t *testing.T) {
	der, err := x509.MarshalPKCS8PrivateKey(testkeys.RSA())
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	line := base64.StdEncoding.EncodeToString(der)
	number := base64.RawURLEncoding.EncodeToString(testkeys.RSA().D.Bytes())
	for form, key := range map[string]struct{ text, secret string }{
		"PEM":                   {text, line[200:240]},
		"a half":                {text[:800], line[200:240]},
		"two spaces":            {strings.ReplaceAll(text, "PRIVATE KEY", "PRIVATE  KEY"), line[200:240]},
		"base64 of PEM":         {base64.StdEncoding.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text))[200:240]},
		"the body after words":  {"my key is " + line, line[200:240]},
		"in a query":            {"https://cdn.example.com/a.jpg?key=" + line, line[200:240]},
		"hexadecimal":           {hex.EncodeToString(der), hex.EncodeToString(der)[200:240]},
		"JWK":                   {`{"kty":"RSA","n":"AQAB","d":"` + number + `"}`, number[100:140]},
		"JWK in a command":      {`curl -d '{"kty":"EC","d":"` + number + `"}' https://a/`, number[100:140]},
		"XML of .NET":           {"<RSAKeyValue><Modulus>AQAB</Modulus><D>" + number + "</D></RSAKeyValue>", number[100:140]},
		"PuTTY":                 {"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\n" + line, line[200:240]},
		"DER, read as text":     {strings.ToValidUTF8(string(der), "\ufffd"), string(der[:40])},
		"UTF-16 without a mark": {strings.Join(strings.Split(text, ""), "\x00") + "\x00", line[200:240]},
	} {
		check := func(field playground.Field, answer playground.Answer) {
			t.Helper()
			if diff := cmp.Diff([]playground.Field{field}, answer.Forget); diff != "" {
				t.Errorf("%s in %s: the fields to clear (-want +got):\n%s", form, field, diff)
			}
			if field != playground.FieldText && (answer.Error == "" || answer.Field != field) {
				t.Errorf("%s in %s: the error %q at %s", form, field, answer.Error, answer.Field)
			}
			if strings.Contains(asJSON(t, answer), key.secret) {
				t.Errorf("%s in %s: a part of the key comes back", form, field)
			}
		}
		for field, request := range questions {
			check(field, playground.Explain(request(key.text), now))
		}
		var signer playground.Signer
		for field, request := range signatures {
			check(field, signer.Sign(t.Context(), request(key.text), now))
			check(field, playground.Check(playground.CheckRequest{Field: field, Text: key.text}))
		}
		check(playground.FieldText, playground.CheckFile([]byte(key.text)))
	}
	report := playground.CheckFile(der)
	if report.Explanation == nil || !report.Explanation.Key.Works || len(report.Forget) != 1 {
		t.Errorf("a file in DER: %+v", report)
	}
}

// TestForgetAll: whatever else is wrong, each field with a private key is cleared, and the field for the
// public key unless it has one.
func TestForgetAll(t *testing.T) {
	private := string(testkeys.P256PEM())
	public, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	pair := func(id, text string) []playground.PublicKey { return []playground.PublicKey{{ID: id, PEM: text}} }
	for _, tt := range []struct {
		name    string
		request playground.ExplainRequest
		want    []playground.Field
	}{
		{"a public key without its ID", playground.ExplainRequest{Text: private, PublicKeys: pair("", string(public))}, []playground.Field{"text"}},
		{"an ID without its key", playground.ExplainRequest{Text: private, PublicKeys: pair("K2JCJMDEHXQW5F", "")}, []playground.Field{"text"}},
		{"a damaged public key", playground.ExplainRequest{Text: private, PublicKeys: pair("K2", "-----BEGIN")}, []playground.Field{"text", "publicKey"}},
		{"a wrong time", playground.ExplainRequest{Text: "x " + private, At: "tomorrow"}, []playground.Field{"text"}},
		{"two fields", playground.ExplainRequest{Text: private, Cookies: private}, []playground.Field{"text", "cookies"}},
		{"all fields", playground.ExplainRequest{Text: private, Response: private, Cookies: private, Address: private, At: private, PublicKeys: pair(private, private)}, []playground.Field{"text", "response", "cookies", "address", "at", "publicKey", "keyPairID"}},
		{"only the answer", playground.ExplainRequest{Response: private}, []playground.Field{"response"}},
		{"no public key, and no ID", playground.ExplainRequest{Text: "https://a", PublicKeys: pair("", "c2VjcmV0")}, []playground.Field{"publicKey"}},
		{"a certificate", playground.ExplainRequest{Text: "https://a", PublicKeys: pair("K2", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")}, []playground.Field{"publicKey"}},
		{"a password", playground.ExplainRequest{Text: `{"password":"x"}`}, []playground.Field{"text"}},
		{"nothing private", playground.ExplainRequest{Text: "https://a", PublicKeys: pair("K2", string(public))}, nil},
		{"a public key as the text", playground.ExplainRequest{Text: string(public)}, nil},
	} {
		if diff := cmp.Diff(tt.want, playground.Explain(tt.request, now).Forget); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestCheck: while a user types, only private keys are cleared.
func TestCheck(t *testing.T) {
	public, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		request playground.CheckRequest
		forget  bool
	}{
		{"a URL", playground.CheckRequest{Field: playground.FieldText, Text: "https://cdn.example.com/private/key.jpg", Pasted: true}, false},
		{"a public key", playground.CheckRequest{Field: playground.FieldPublicKey, Text: string(public), Pasted: true}, false},
		{"the start of a public key, typed", playground.CheckRequest{Field: playground.FieldPublicKey, Text: string(public[:60])}, false},
		{"the start of a public key, pasted", playground.CheckRequest{Field: playground.FieldPublicKey, Text: string(public[:60]), Pasted: true}, true},
		{"white space, pasted", playground.CheckRequest{Field: playground.FieldPublicKey, Text: "\n", Pasted: true}, false},
		{"a private key, typed", playground.CheckRequest{Field: playground.FieldAt, Text: string(testkeys.P256PEM())}, true},
	} {
		answer := playground.Check(tt.request)
		if slices.Contains(answer.Forget, tt.request.Field) != tt.forget || (answer.Error != "") != tt.forget {
			t.Errorf("%s: %+v", tt.name, answer)
		}
	}
	if answer := playground.CheckFile([]byte("https://cdn.example.com/a.jpg")); answer.Forget != nil || answer.Explanation != nil {
		t.Errorf("a file without a key: %+v", answer)
	}
}

// TestLimits: a text that is too long is an error at its field, and does not stop the page.
func TestLimits(t *testing.T) {
	long := strings.Repeat("a=b; ", 6<<20) // 30 MB
	for field, request := range questions {
		answer := playground.Explain(request(long), now)
		if answer.Error == "" || answer.Field != field {
			t.Errorf("%s: %.100q at %s", field, answer.Error, answer.Field)
		}
	}
	var signer playground.Signer
	for field, request := range signatures {
		if answer := signer.Sign(t.Context(), request(long), now); answer.Error == "" || answer.Field != field || len(answer.Error) > 1000 {
			t.Errorf("%s: %.100q at %s", field, answer.Error, answer.Field)
		}
	}
}

func ExampleCheck() {
	answer := playground.Check(playground.CheckRequest{Field: playground.FieldCookies, Text: "-----BEGIN PRIVATE KEY-----", Pasted: true})
	fmt.Println(answer.Forget)
	// Output: [cookies]
}

func ExampleCheckFile() {
	answer := playground.CheckFile([]byte("-----BEGIN PRIVATE KEY-----"))
	fmt.Println(answer.Forget)
	// Output: [text]
}
