// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// markdown returns the report. With a chart, it shows results.svg next to it.
func (r results) markdown(chart bool) string {
	var b strings.Builder
	b.WriteString("# Results\n\n")
	b.WriteString("Written by `go run ./bench -out bench`; what follows is of one run on one machine.\n\n")
	if chart {
		b.WriteString("![Times of cfsign and other signers](results.svg)\n\n")
	}
	r.writeMachine(&b)
	for _, a := range algorithms {
		r.writeTimes(&b, a)
	}
	r.writeMemory(&b)
	b.WriteString("\n## Ratios in this run\n")
	r.writeGoals(&b)
	r.writeRatios(&b)
	r.writeNotes(&b)
	return b.String()
}

func (r results) writeMachine(b *strings.Builder) {
	fmt.Fprintf(b, "%s, %d cores in use, %s; Go %s", r.machine.cpu, r.machine.cores, r.machine.os, r.machine.goVer)
	for _, name := range slices.Sorted(maps.Keys(r.versions)) {
		fmt.Fprintf(b, "; %s %s", name, r.versions[name])
	}
	fmt.Fprintf(b, ".\n\nMedians of %d rounds of %v each, with the quartiles in parentheses; of openssl speed,\nwhich takes seconds, of every %dth round.\n", r.rounds, r.time, slowEvery)
}

func (r results) writeTimes(b *strings.Builder, a algorithm) {
	t := table{heading: []string{"time per operation"}}
	for _, c := range contestants {
		t.heading = append(t.heading, c.title())
	}
	for _, work := range rows {
		if !r.has(a, work) {
			continue
		}
		line := []string{work.title()}
		for _, c := range contestants {
			line = append(line, r.timeCell(cell{a, work, c}))
		}
		t.add(line...)
	}
	t.write(b, "\n## "+a.title()+"\n\n")
}

func (r results) timeCell(c cell) string {
	if times := r.times(c); len(times) > 0 {
		return formatSpread(spreadOf(times))
	}
	if reason := lacks(c); reason != "" {
		return reason
	}
	if missing, ok := r.missing[c.contestant]; ok {
		return "not measured: install " + missing.what
	}
	return "not measured"
}

func (r results) writeMemory(b *strings.Builder) {
	t := table{heading: []string{"allocations and bytes per operation"}}
	columns := []cell{{algorithm: rsa2048, contestant: ours}, {algorithm: rsa2048, contestant: awsGo}, {algorithm: p256, contestant: ours}, {algorithm: p256, contestant: awsGo}}
	for _, c := range columns {
		t.heading = append(t.heading, c.contestant.title()+", "+c.algorithm.title())
	}
	for _, work := range rows {
		line, counted := []string{work.title()}, false
		for _, c := range columns {
			c.row = work
			text := "–"
			if samples := r.samples[c]; len(samples) > 0 && samples[0].memory {
				allocs := spreadOf(r.each(c, func(s sample) float64 { return s.allocs })).median
				bytes := spreadOf(r.each(c, func(s sample) float64 { return s.bytes })).median
				text, counted = formatCount(allocs)+", "+formatCount(bytes)+" B", true
			}
			line = append(line, text)
		}
		if counted {
			t.add(line...)
		}
	}
	t.write(b, "\n## Memory\n\n")
}

func (r results) writeGoals(b *strings.Builder) {
	t := table{heading: []string{"goal", "wanted", "measured", ""}}
	for _, g := range goals() {
		figure, ok := g.figure(r)
		switch {
		case !ok:
			t.add(g.title, g.bound(), "not measured", "")
		case g.comparison:
			t.add(g.title, g.bound(), g.measured(figure), "")
		case g.met(figure.median):
			t.add(g.title, g.bound(), g.measured(figure), "met")
		default:
			t.add(g.title, g.bound(), g.measured(figure), "**not met**")
		}
	}
	t.write(b, "\nA ratio is one of each round, in which both were measured close to each other; below\nare the medians of those, with their quartiles.\n\n")
}

// writeRatios compares the others with cfsign, row by row.
func (r results) writeRatios(b *strings.Builder) {
	t := table{heading: []string{"how many times as long as cfsign"}}
	others := contestants[1:]
	for _, c := range others {
		t.heading = append(t.heading, c.title())
	}
	for _, a := range algorithms {
		for _, work := range rows {
			line, any := []string{a.title() + ", " + work.title()}, false
			for _, c := range others {
				text := "–"
				if s, ok := r.ratio(cell{a, work, c}, cell{a, work, ours}); ok {
					text, any = formatRatio(s.median), true
				}
				line = append(line, text)
			}
			if any {
				t.add(line...)
			}
		}
	}
	t.write(b, "\nBelow 1 the other one is faster.\n\n")
}

const notes = `
## How to read it

- The bare operation is that of the key under each contestant: of Go's
  crypto/rsa and crypto/ecdsa for the first two, of OpenSSL for the others.
  ` + "`openssl speed`" + ` is the machine's limit as far as we know it. cfsign signs with
  Go's: where OpenSSL has the faster arithmetic, the contestants on it are faster with
  that key wherever each URL is signed anew.
- cfsign and the AWS SDK for JavaScript sign SHA-256. The AWS SDK for Go knows SHA-1
  only, and botocore's URLs name no hash, so theirs is SHA-1; next to the operation of
  the key the hash does not count.
- The AWS SDK for Go hands a random source to the key, cfsign signs deterministically:
  their bare operations differ with P-256.
- The AWS SDK for JavaScript parses the key, as PEM, for every signature. Its
  documentation has no other way.
- "1,000 URLs under one policy" has the one operation of the key in it, so it cannot be
  more than 1,000 times as fast as signing. "One more URL" is without. The other
  contestants sign every URL anew.
- Before it is measured, the output of each contestant is verified; with RSA it is also
  compared, byte for byte, with what cfsign makes of the same policy and hash.
`

func (r results) writeNotes(b *strings.Builder) {
	b.WriteString(notes)
	for _, c := range contestants {
		if missing, ok := r.missing[c]; ok {
			fmt.Fprintf(b, "- %s was not measured. %s.\n", c.title(), missing)
		}
	}
}
