// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/explain"
	"github.com/cfsign/cfsign/verify"
)

// writeReport writes a report for people. A certain cause comes before the likely one of the
// report; "" stands for no certain cause.
func writeReport(w io.Writer, r verify.Report, certain string) error {
	p := newPalette(w)
	var b strings.Builder
	writeChecks(&b, p, r)
	writeCauses(&b, p, certain, r.Hint)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeCauses writes causes, the most likely first. It skips empty ones.
func writeCauses(b *strings.Builder, p palette, causes ...string) {
	label := "likely:"
	for _, cause := range causes {
		if cause == "" {
			continue
		}
		fmt.Fprintf(b, "%s %s\n", p.bold(label), explain.Sentence(cause))
		label = "or:    "
	}
}

// writeChecks writes a report without its hint.
func writeChecks(b *strings.Builder, p palette, r verify.Report) {
	fmt.Fprintf(b, "%s\n", p.verdict(r))
	var skipped []string
	for _, check := range r.Checks {
		if check.Needs != "" { // Another check failed, and the report says so.
			skipped = append(skipped, string(check.Name))
			continue
		}
		fmt.Fprintf(b, "  %s  %-16s  %s\n", p.outcome(check.Outcome), check.Name, strings.TrimSuffix(check.Detail+": "+check.Queries, ": "))
	}
	if len(skipped) > 0 {
		fmt.Fprintf(b, "  %s\n", p.faint("not reached: "+strings.Join(skipped, ", ")))
	}
	if r.Policy != "" {
		label := "policy:"
		if r.Check(verify.CheckSignature).Outcome != verify.Passed {
			label = "policy (signature not verified):"
		}
		fmt.Fprintf(b, "%s %s\n", p.bold(label), r.Policy)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(b, "%s %s\n", p.bold("note:"), note)
	}
}

func (p palette) verdict(r verify.Report) string {
	switch r.Verdict {
	case verify.Allowed:
		return p.bold(p.green(r.Summary()))
	case verify.Undecided:
		return p.bold(p.yellow(r.Summary()))
	}
	return p.bold(p.red(r.Summary()))
}

func (p palette) outcome(o verify.Outcome) string {
	text := fmt.Sprintf("%-11s", o)
	switch o {
	case verify.Passed:
		return p.green(text)
	case verify.Failed:
		return p.red(text)
	}
	return p.faint(text)
}

// writeJSON writes v as indented JSON.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
