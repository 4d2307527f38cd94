// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/verify"
)

// An Explanation is what is known about a refused request.
type Explanation struct {
	// ReadAs is the form of the input, in words.
	ReadAs string `json:"readAs,omitempty"`
	// At is the time of the checks. Zero: there was nothing to check but a key.
	At time.Time `json:"at,omitzero"`
	// Response is what the response says. Nil: there is no response.
	Response *ResponseReport `json:"response,omitempty"`
	// Report is about the request. Nil: there is only a response.
	Report *verify.Report `json:"report,omitempty"`
	// Policy says in words what a policy document without a signature allows. Empty: the
	// input is a request.
	Policy string `json:"policy,omitempty"`
	// Document is the policy as it was sent. Empty: no policy was sent.
	Document string `json:"document,omitempty"`
	// Causes are the likely causes with their fixes, the most likely first.
	Causes []string `json:"causes,omitempty"`
	// PossibleCauses are what can be wrong with a signature that was not checked.
	PossibleCauses []string `json:"suspects,omitempty"`
	// Key is about a key. Nil: the input is a request.
	Key *KeyReport `json:"key,omitempty"`
	// Notes say how the input was read.
	Notes []string `json:"notes,omitempty"`
}

// A ResponseReport is what a response says.
type ResponseReport struct {
	Source    response.Source `json:"source"`
	Signature string          `json:"signature"`
	Code      string          `json:"code,omitempty"`
	Message   string          `json:"message,omitempty"`
	Meaning   string          `json:"meaning"`
	Fix       string          `json:"fix,omitempty"`
	// Explanation is the explanation of a local edge. Empty: another server answered.
	Explanation string `json:"explanation,omitempty"`
}

// explain finds out what it can about an incident.
func explain(i incident, trusted keys.Set) Explanation {
	e := Explanation{ReadAs: string(i.request.Form), At: i.request.Time.UTC(), Notes: i.words.SayAll(i.request.Notes)}
	if i.request.Response != nil {
		i.finding = response.Classify(*i.request.Response)
		e.Response = &ResponseReport{
			Source: i.finding.Source, Signature: i.finding.Signature.String(),
			Code: i.finding.Code, Message: i.finding.Message, Meaning: i.finding.Meaning, Fix: i.finding.Fix,
			Explanation: i.finding.Explanation,
		}
		if i.finding.Source == response.Unknown {
			e.Notes = append(e.Notes, i.found())
		}
	}
	if i.request.URL != "" || len(i.request.Cookies) > 0 || i.request.Response == nil {
		i.report = Report(i.request, trusted)
		e.Report, e.Document = &i.report, i.document()
	}
	e.Causes, e.PossibleCauses = i.causes(), i.possibleCauses()
	return e
}

// Sentence turns a text into a sentence.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
