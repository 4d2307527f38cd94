// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/cfsign/cfsign/verify"
)

// writeReport writes a report for people.
func writeReport(w io.Writer, r verify.Report) error {
	if err := writeChecks(w, r); err != nil || r.Hint == "" {
		return err
	}
	_, err := fmt.Fprintf(w, "%s %s\n", newPalette(w).bold("likely:"), r.Hint)
	return err
}

// writeChecks writes a report without its hint.
func writeChecks(w io.Writer, r verify.Report) error {
	p := newPalette(w)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.verdict(r))
	var skipped []string
	for _, check := range r.Checks {
		// That another check had failed says nothing new.
		if check.Outcome == verify.NotReached && (check.Detail == "" || strings.HasPrefix(check.Detail, "the check of the ")) {
			skipped = append(skipped, string(check.Name))
			continue
		}
		fmt.Fprintf(&b, "  %s  %-16s  %s\n", p.outcome(check.Outcome), check.Name, strings.TrimSuffix(check.Detail+": "+check.Queries, ": "))
	}
	if len(skipped) > 0 {
		fmt.Fprintf(&b, "  %s\n", p.faint("not reached: "+strings.Join(skipped, ", ")))
	}
	if r.Policy != "" {
		fmt.Fprintf(&b, "%s %s\n", p.bold("policy"+unproven(r)+":"), r.Policy)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// unproven marks a policy that anybody may have written.
func unproven(r verify.Report) string {
	for _, check := range r.Checks {
		if check.Name == verify.CheckSignature && check.Outcome == verify.Passed {
			return ""
		}
	}
	return " (signature not verified)"
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
	switch o {
	case verify.Passed:
		return p.green("passed     ")
	case verify.Failed:
		return p.red("failed     ")
	}
	return p.faint("not reached")
}

// writeJSON writes anything as indented JSON.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
