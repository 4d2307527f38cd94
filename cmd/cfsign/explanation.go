// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

// An explanation is the output of cfsign explain.
type explanation struct {
	// Route is the behavior that takes the request. Nil: without --config.
	Route *route `json:"route,omitempty"`
	explain.Explanation
}

func (e explanation) write(w io.Writer) error {
	p := newPalette(w)
	var b strings.Builder
	if e.Key != nil {
		writeKey(&b, e.Key)
	}
	if e.Route != nil {
		e.Route.write(&b, p)
	}
	if e.Response != nil {
		writeResponse(&b, p, e.Response)
	}
	if e.Report != nil {
		writeChecks(&b, p, *e.Report)
	}
	if e.Policy != "" {
		fmt.Fprintf(&b, "%s %s\n", p.bold("policy (without a signature):"), e.Policy)
	}
	if e.Document != "" {
		fmt.Fprintf(&b, "%s %s\n", p.bold("as sent:"), e.Document)
	}
	writeCauses(&b, p, e.Causes...)
	if len(e.PossibleCauses) > 0 {
		fmt.Fprintf(&b, "%s\n", p.bold("what may be wrong with the signature:"))
	}
	for _, cause := range e.PossibleCauses {
		fmt.Fprintf(&b, "  - %s\n", cause)
	}
	for _, note := range e.Notes {
		fmt.Fprintf(&b, "%s %s\n", p.bold("note:"), explain.Sentence(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeResponse(b *strings.Builder, p palette, r *explain.ResponseReport) {
	if r.Source == response.Success { // the content is private
		fmt.Fprintln(b, p.bold("the response is not a refusal"))
		return
	}
	said := r.Code
	if r.Message != "" {
		said = strings.TrimSpace(said + ` "` + r.Message + `"`)
	}
	if said != "" {
		said = ": " + said
	}
	fmt.Fprintf(b, "%s%s\n", p.bold("the response is from "+r.Source.Describe()), said)
	if r.Explanation != "" {
		fmt.Fprintf(b, "%s %s\n", p.bold("a local edge explains:"), r.Explanation)
	}
}

// writeKey writes whether a key works with CloudFront.
func writeKey(b *strings.Builder, k *explain.KeyReport) {
	fmt.Fprintln(b, k.Text)
	if k.Damage != "" {
		fmt.Fprintf(b, "damage: %s\n", k.Damage)
	}
	if k.Advice != "" {
		fmt.Fprintln(b, k.Advice)
	}
}
