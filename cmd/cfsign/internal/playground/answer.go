// SPDX-License-Identifier: Apache-2.0

package playground

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

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
