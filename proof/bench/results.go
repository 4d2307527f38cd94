// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// A cell names one measurement: BenchmarkCannedURL/cfsign/RSA is
// {"CannedURL", "cfsign", "RSA"}.
type cell struct{ work, signer, algorithm string }

// A figure is what one operation needed in one round.
type figure struct {
	seconds, bytes, allocs float64
	memory                 bool // whether bytes and allocs were counted, as in this process only
}

// results are the figures of each cell in the order of the rounds, and the machine and
// the versions by benchfmt's keys.
type results struct {
	figures       map[cell][]figure
	configuration map[string]string
}

// parseResults reads what Go benchmarks print.
func parseResults(text []byte) (results, error) {
	r := results{map[cell][]figure{}, map[string]string{}}
	reader := benchfmt.NewReader(bytes.NewReader(text), "benchmarks")
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		for _, c := range result.Config {
			r.configuration[c.Key] = string(c.Value)
		}
		work, parts := result.Name.Parts()
		if len(parts) < 2 {
			continue
		}
		c := cell{string(work), strings.TrimPrefix(string(parts[0]), "/"), strings.TrimPrefix(string(parts[1]), "/")}
		var f figure
		f.seconds, _ = result.Value("sec/op")
		f.bytes, _ = result.Value("B/op")
		f.allocs, f.memory = result.Value("allocs/op")
		r.figures[c] = append(r.figures[c], f)
	}
	if err := reader.Err(); err != nil {
		return results{}, err
	}
	if len(r.figures) == 0 {
		return results{}, errors.New("no benchmark matches -only")
	}
	return r, nil
}

// seconds returns the times of a cell.
func (r results) seconds(c cell) []float64 {
	var all []float64
	for _, f := range r.figures[c] {
		all = append(all, f.seconds)
	}
	return all
}

// ratios returns how many times as long as other c takes, round by round: what was
// measured in the same round was slowed down together.
func (r results) ratios(c, other cell) []float64 {
	numerators, denominators := r.seconds(c), r.seconds(other)
	if len(numerators) != len(denominators) {
		return nil
	}
	for i := range numerators {
		numerators[i] /= denominators[i]
	}
	return numerators
}

// summary returns the median and, if there are enough figures, the bounds between which
// it is with a confidence of 95 %.
func summary(figures []float64) benchmath.Summary {
	const confidence = 0.95
	return benchmath.AssumeNothing.Summary(benchmath.NewSample(figures, &benchmath.DefaultThresholds), confidence)
}
