// SPDX-License-Identifier: Apache-2.0

// Package playground answers the page of the playground: it explains requests as cfsign explain
// does, and signs with a key that exists only while the page is open.
//
//	answer := playground.Explain(playground.ExplainRequest{Text: pasted}, time.Now())
//
// Everything that the page shows comes from here. The package makes no network requests, and it
// never keeps a key of the user.
package playground

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/keys"
)

// An ExplainRequest has the fields of the tab that explains. Only Text is required.
type ExplainRequest struct {
	Text       string      `json:"text"`
	Response   string      `json:"response"`
	Cookies    string      `json:"cookies"`
	Address    string      `json:"address"`
	At         string      `json:"at"`
	PublicKeys []PublicKey `json:"publicKeys"`
}

// A PublicKey is a trusted key in PEM.
type PublicKey struct {
	ID  string `json:"id"`
	PEM string `json:"pem"`
}

// An Answer is what the page shows. Error is set, or one of the others.
type Answer struct {
	Explanation *explain.Explanation `json:"explanation,omitempty"`
	// Summary is the verdict of the explanation's report in one line.
	Summary string `json:"summary,omitempty"`
	// ResponseFrom is the server that the explanation's response is from.
	ResponseFrom string `json:"responseFrom,omitempty"`
	// Causes are the causes of the explanation as sentences.
	Causes []string `json:"causes,omitempty"`
	// Notes are the notes of the explanation and of its report as sentences.
	Notes []string `json:"notes,omitempty"`
	// Signed is the result of [Signer.Sign].
	Signed *Signed `json:"signed,omitempty"`
	// Error says what is wrong with a field.
	Error string `json:"error,omitempty"`
	// Field is the field that Error is about.
	Field Field `json:"field,omitempty"`
	// Forget are the fields that have a private key. The page must clear them.
	Forget []Field `json:"forget,omitempty"`
}

// A Field is the name of a field of the page.
type Field string

// The fields.
const (
	FieldText      Field = "text"
	FieldResponse  Field = "response"
	FieldCookies   Field = "cookies"
	FieldAddress   Field = "address"
	FieldAt        Field = "at"
	FieldPublicKey Field = "publicKey"
	FieldKeyPairID Field = "keyPairID"
	FieldURL       Field = "url"
	FieldPattern   Field = "pattern"
	FieldExpires   Field = "expires"
	FieldStart     Field = "start"
	FieldRange     Field = "range"
	FieldDomain    Field = "domain"
	FieldPolicy    Field = "policy"
)

const errPrivateKey = "this is a private key, and this page does not take one: never paste a private key into a web page. The field was cleared. If others can see the key, replace it"

// Explain explains a request as cfsign explain does, in the words of the page.
func Explain(r ExplainRequest, now time.Time) Answer {
	forget := withPrivateKey(map[Field]string{FieldResponse: r.Response, FieldCookies: r.Cookies, FieldAddress: r.Address, FieldAt: r.At})
	for _, key := range r.PublicKeys {
		forget = append(forget, withPrivateKey(map[Field]string{FieldPublicKey: key.PEM, FieldKeyPairID: key.ID})...)
	}
	if len(forget) > 0 {
		return Answer{Error: errPrivateKey, Field: forget[0], Forget: forget}
	}
	if strings.TrimSpace(r.Text) == "" { // the answer alone shows which server refused
		r.Text, r.Response = r.Response, ""
	}
	forget = withPrivateKey(map[Field]string{FieldText: r.Text})
	trusted, err := trustedKeys(r.PublicKeys)
	if err != nil {
		return failure(err, FieldPublicKey)
	}
	question := explain.Question{
		Text: []byte(r.Text), Response: optional(r.Response), Now: now, Words: explain.Fields,
		Additions: explain.Additions{At: strings.TrimSpace(r.At), Address: strings.TrimSpace(r.Address), Cookies: optional(r.Cookies)},
		Trusted:   func(capture.Request) (keys.Set, error) { return trusted, nil },
	}
	e, err := question.Answer()
	if err != nil {
		return refusalOf(failure(err, FieldText), forget)
	}
	if e.Key == nil {
		return refusalOf(answerOf(e), forget)
	}
	if e.Key.Private {
		forget = []Field{FieldText}
	}
	return Answer{Explanation: &e, Forget: forget}
}

// refusalOf returns the answer, unless there is a private key in the middle of the text.
func refusalOf(answer Answer, forget []Field) Answer {
	if len(forget) == 0 {
		return answer
	}
	return Answer{Error: errPrivateKey, Field: forget[0], Forget: forget}
}

// answerOf returns the answer for an explanation, with the parts that are not in its JSON.
func answerOf(e explain.Explanation) Answer {
	a := Answer{Explanation: &e}
	for _, cause := range e.Causes {
		a.Causes = append(a.Causes, explain.Sentence(cause))
	}
	if e.Report != nil {
		a.Summary = e.Report.Summary()
		a.Notes = append(a.Notes, e.Report.Notes...)
	}
	for _, note := range e.Notes {
		a.Notes = append(a.Notes, explain.Sentence(note))
	}
	if e.Response != nil && e.Response.Source != response.Success {
		a.ResponseFrom = e.Response.Source.Describe()
	}
	return a
}

// optional returns nil for an empty field.
func optional(text string) []byte {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []byte(text)
}

// withPrivateKey returns the fields that have a private key.
func withPrivateKey(fields map[Field]string) []Field {
	var found []Field
	for _, field := range []Field{
		FieldText, FieldResponse, FieldCookies, FieldAddress, FieldAt, FieldPublicKey, FieldKeyPairID,
		FieldURL, FieldPattern, FieldExpires, FieldStart, FieldRange, FieldDomain,
	} {
		if isPrivateKey(fields[field]) {
			found = append(found, field)
		}
	}
	return found
}

// isPrivateKey reports whether a text is, or has, a private key in any form, even a damaged one.
func isPrivateKey(text string) bool {
	const longest = 1 << 16 // characters, far more than a key has
	if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "PuTTY-User-Key-File") {
		return true
	}
	if text == "" || len(text) > longest {
		return false
	}
	_, err := keys.ParsePrivate([]byte(text))
	return err == nil || errors.Is(err, keys.ErrEncrypted)
}

// trustedKeys returns the keys that the user gave. Without any, it returns the zero Set.
func trustedKeys(given []PublicKey) (keys.Set, error) {
	byID := map[string]crypto.PublicKey{}
	for _, key := range given {
		id := strings.TrimSpace(key.ID)
		switch {
		case id == "" && strings.TrimSpace(key.PEM) == "":
			continue
		case id == "":
			return keys.Set{}, &fieldError{FieldKeyPairID, errors.New("the ID is missing: write the ID of the public key in CloudFront, such as K2JCJMDEHXQW5F")}
		case strings.TrimSpace(key.PEM) == "":
			return keys.Set{}, &fieldError{FieldPublicKey, errors.New("the key is missing: paste the public key with this ID, or leave the ID out")}
		}
		if err := keys.CheckID(id); err != nil {
			return keys.Set{}, &fieldError{FieldKeyPairID, err}
		}
		public, err := keys.ParsePublic([]byte(key.PEM))
		if err != nil {
			return keys.Set{}, &fieldError{FieldPublicKey, err}
		}
		byID[id] = public
	}
	if len(byID) == 0 {
		return keys.Set{}, nil
	}
	return keys.NewSet(byID)
}

// A fieldError is an error in a field.
type fieldError struct {
	field Field
	err   error
}

// Error returns the text of the error.
func (e *fieldError) Error() string { return e.err.Error() }

// Unwrap returns the error.
func (e *fieldError) Unwrap() error { return e.err }

// questionFields are the fields of a question on the page.
var questionFields = map[explain.Field]Field{
	explain.FieldAt: FieldAt, explain.FieldAddress: FieldAddress, explain.FieldCookies: FieldCookies, explain.FieldResponse: FieldResponse,
}

// failure returns an error as an answer. Unless the error names another field, it is about field.
func failure(err error, field Field) Answer {
	var ofQuestion *explain.FieldError
	var ofPage *fieldError
	if errors.As(err, &ofQuestion) {
		field = questionFields[ofQuestion.Field]
	}
	if errors.As(err, &ofPage) {
		field = ofPage.field
	}
	return Answer{Error: explain.OneLine(err), Field: field}
}

// Panicked is the answer if the program has a mistake. It contains no part of the input.
func Panicked() Answer {
	return Answer{Error: fmt.Sprintf("the page has a mistake, and could not read this: please report which kind of text you pasted, at %s", issues)}
}

const issues = "https://github.com/cfsign/cfsign/issues"
