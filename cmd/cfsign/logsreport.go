// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
)

// How much of a report is for people. JSON has the rest.
const (
	mostShownFixes = 4
	mostShownKeys  = 20
)

// writeLogs writes a report for people.
func writeLogs(w io.Writer, r *refusals.Report) error {
	p := newPalette(w)
	var b strings.Builder
	writeLogTotals(&b, p, r)
	for _, c := range r.Causes {
		writeLogCause(&b, p, c, r.Refused)
	}
	if r.OtherCauses > 0 {
		fmt.Fprintf(&b, "%s of more causes than are kept\n", count(int(r.OtherCauses), "403"))
	}
	writeLogKeys(&b, p, r)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "%s %s\n", p.bold("note:"), note)
	}
	writeLogProblems(&b, p, r)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeLogTotals(b *strings.Builder, p palette, r *refusals.Report) {
	if r.Interrupted {
		fmt.Fprintf(b, "%s all numbers are too low\n", p.red("interrupted:"))
	}
	fmt.Fprintf(b, "%s in %s", p.bold(count(int(r.Requests), "request")), count(r.Files, "file"))
	if !r.From.IsZero() {
		fmt.Fprintf(b, ", from %s to %s", logTime(r.From), logTime(r.To))
	}
	fmt.Fprintf(b, "\n%s%s\n", p.bold(count(int(r.Refused), "403")), percent(r.Refused, r.Requests))
}

// writeLogCause writes one cause with its fixes.
func writeLogCause(b *strings.Builder, p palette, c refusals.Cause, all int64) {
	code := ""
	if c.Code != "" {
		code = " (" + string(c.Code) + ")"
	}
	fmt.Fprintf(b, "\n%d%s  %s%s\n", c.Requests, percent(c.Requests, all), p.bold(c.Reason), code)
	if s := c.Seconds; s != nil {
		kind := "late"
		if c.Name == refusals.NotYetValid {
			kind = "early"
		}
		fmt.Fprintf(b, "  %s: half of them up to %s, 90 %% up to %s, at most %s\n", kind, duration(s.Median), duration(s.P90), duration(s.Most))
	}
	for i, f := range c.Fixes {
		if i == mostShownFixes {
			fmt.Fprintf(b, "  and %s, see --json\n", fmt.Sprintf("%d more", len(c.Fixes)-i))
			break
		}
		label := "fix:"
		if len(c.Fixes) > 1 {
			label = fmt.Sprintf("fix for %d:", f.Requests)
		}
		fmt.Fprintf(b, "  %s %s\n", label, shown(f.Fix))
		fmt.Fprintf(b, "    for example %s, line %d of %s\n", shown(f.Example.Path), f.Example.Line, shown(f.Example.File))
		if f.Example.Detail != "" {
			fmt.Fprintf(b, "    %s\n", shown(f.Example.Detail))
		}
	}
}

// writeLogKeys writes the keys in use.
func writeLogKeys(b *strings.Builder, p palette, r *refusals.Report) {
	if len(r.Keys) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", p.bold("keys in use"))
	for _, k := range r.Keys[:min(len(r.Keys), mostShownKeys)] {
		fmt.Fprintf(b, "  %s: %d allowed, %d refused", shown(k.ID), k.Allowed, k.Refused)
		if !k.First.IsZero() {
			fmt.Fprintf(b, ", from %s to %s", logTime(k.First), logTime(k.Last))
		}
		if !k.NeededUntil.IsZero() {
			fmt.Fprintf(b, "; needed until %s", logTime(k.NeededUntil))
		}
		fmt.Fprintln(b)
	}
	switch more := len(r.Keys) - mostShownKeys; {
	case r.OtherKeys:
		fmt.Fprintf(b, "  and more IDs than are kept, which are likely invented\n")
	case more > 0:
		fmt.Fprintf(b, "  and %s, see --json\n", count(more, "more ID"))
	}
	if r.InvalidKeyPairIDs > 0 {
		fmt.Fprintf(b, "  and %s with an ID that cannot be one\n", count(int(r.InvalidKeyPairIDs), "request"))
	}
}

// writeLogProblems writes what could not be read.
func writeLogProblems(b *strings.Builder, p palette, r *refusals.Report) {
	for _, f := range r.SkippedFiles {
		fmt.Fprintf(b, "%s %s: %s\n", p.yellow("skipped:"), shown(f.File), shown(f.Why))
	}
	if more := r.Skipped - len(r.SkippedFiles); more > 0 {
		fmt.Fprintf(b, "%s %s\n", p.yellow("skipped:"), count(more, "more file"))
	}
	if r.FirstDamaged != nil {
		first := r.FirstDamaged
		place := shown(first.File)
		if first.Line > 0 {
			place = fmt.Sprintf("line %d of %s", first.Line, place)
		}
		fmt.Fprintf(b, "%s %s; the first is %s: %s\n", p.yellow("damaged:"), count(int(r.Damaged), "place"), place, shown(first.Why))
	}
}

func logTime(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

// percent returns a share in parentheses, or "" if there is nothing to share.
func percent(part, all int64) string {
	if all == 0 {
		return ""
	}
	const hundred = 100
	return fmt.Sprintf(" (%.3g %%)", hundred*float64(part)/float64(all))
}

// duration returns seconds in words, rounded.
func duration(seconds int64) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	for _, unit := range []struct {
		name string
		size int64
	}{{"day", day}, {"hour", hour}, {"minute", minute}} {
		if seconds >= 2*unit.size {
			return count(int((seconds+unit.size/2)/unit.size), unit.name)
		}
	}
	return count(int(seconds), "second")
}
