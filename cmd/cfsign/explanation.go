// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/verify"
)

// An explanation is what cfsign explain prints.
type explanation struct {
	// ReadAs is the form of what was read, in words.
	ReadAs string `json:"readAs,omitempty"`
	// At is the time as at which the checks were made.
	At time.Time `json:"at"`
	// Response is what the response says. Nil: there is none.
	Response *responseReport `json:"response,omitempty"`
	// Report is that on the request. Nil: there is a response only.
	Report *verify.Report `json:"report,omitempty"`
	// Document is the policy as it was sent. Empty: none was.
	Document string `json:"document,omitempty"`
	// Causes are the likely ones, each with its fix, the likeliest first.
	Causes []string `json:"causes,omitempty"`
	// PossibleCauses are what may be wrong with a signature that was not checked.
	PossibleCauses []string `json:"suspects,omitempty"`
	// Notes are what is to be known about how the text was read.
	Notes []string `json:"notes,omitempty"`
}

// responseReport are those about a response.
type responseReport struct {
	Source    response.Source `json:"source"`
	Signature string          `json:"signature"`
	Code      string          `json:"code,omitempty"`
	Message   string          `json:"message,omitempty"`
	Meaning   string          `json:"meaning"`
	Fix       string          `json:"fix,omitempty"`
	// Explanation is that of a local edge. Empty: it was none.
	Explanation string `json:"explanation,omitempty"`
}

// explain finds out what can be found out about a request.
func explain(i incident, verifier *verify.Verifier) explanation {
	e := explanation{ReadAs: string(i.request.Form), At: i.request.Time.UTC(), Notes: i.request.Notes}
	if i.request.Response != nil {
		i.finding = response.Classify(*i.request.Response)
		e.Response = &responseReport{
			Source: i.finding.Source, Signature: i.finding.Signature.String(),
			Code: i.finding.Code, Message: i.finding.Message, Meaning: i.finding.Meaning, Fix: i.finding.Fix,
			Explanation: i.finding.Explanation,
		}
		if i.finding.Source == response.Unknown {
			e.Notes = append(e.Notes, i.finding.Meaning+" "+i.finding.Fix)
		}
	}
	if i.request.URL != "" || len(i.request.Cookies) > 0 || i.request.Response == nil {
		if i.request.URL == "" && len(verifier.Keys.IDs()) > 0 {
			verifier = &verify.Verifier{Clock: verifier.Clock}
			e.Notes = append(e.Notes, "without the URL the signature is not checked: give the URL as an argument, and the cookies with --"+flagCookie+" -")
		}
		i.report = verifier.Explain(verify.Request{URL: i.request.URL, Cookies: i.request.Cookies, ViewerIP: i.request.ViewerIP})
		e.Report, e.Document = &i.report, i.document()
	}
	e.Causes, e.PossibleCauses = i.causes(), i.possibleCauses()
	return e
}

func (e explanation) write(w io.Writer) error {
	p := newPalette(w)
	if e.Response != nil {
		if err := e.Response.write(w, p); err != nil {
			return err
		}
	}
	if e.Report != nil {
		if err := writeChecks(w, *e.Report); err != nil {
			return err
		}
	}
	var b strings.Builder
	if e.Document != "" {
		fmt.Fprintf(&b, "%s %s\n", p.bold("as sent:"), e.Document)
	}
	label := "likely:"
	for _, cause := range e.Causes {
		fmt.Fprintf(&b, "%s %s\n", p.bold(label), sentence(cause))
		label = "or:    "
	}
	if len(e.PossibleCauses) > 0 {
		fmt.Fprintf(&b, "%s\n", p.bold("what may be wrong with the signature:"))
	}
	for _, cause := range e.PossibleCauses {
		fmt.Fprintf(&b, "  - %s\n", cause)
	}
	for _, note := range e.Notes {
		fmt.Fprintf(&b, "%s %s\n", p.bold("note:"), sentence(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *responseReport) write(w io.Writer, p palette) error {
	if r.Source == response.Success { // what was delivered is private
		_, err := fmt.Fprintln(w, p.bold("the response is no refusal"))
		return err
	}
	said := strings.TrimSpace(r.Code + " " + quoted(r.Message))
	if said != "" {
		said = ": " + said
	}
	_, err := fmt.Fprintf(w, "%s%s\n", p.bold("the response is from "+r.Source.Describe()), said)
	if err == nil && r.Explanation != "" {
		_, err = fmt.Fprintf(w, "%s %s\n", p.bold("a local edge explains:"), r.Explanation)
	}
	return err
}

// sentence returns a text as a sentence.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// quoted returns a text in quotation marks, unless it is empty.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return `"` + text + `"`
}
