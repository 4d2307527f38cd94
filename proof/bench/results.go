// SPDX-License-Identifier: Apache-2.0

package main

import "time"

// results are what one run found.
type results struct {
	machine  machine
	versions map[string]string // by name
	missing  map[contestant]*missingError
	rounds   int
	time     time.Duration
	samples  map[cell][]sample // in the order of the rounds
}

// times returns the nanoseconds per operation of each round.
func (r results) times(c cell) []float64 {
	return r.each(c, func(s sample) float64 { return s.nanoseconds })
}

func (r results) each(c cell, figure func(sample) float64) []float64 {
	var figures []float64
	for _, s := range r.samples[c] {
		figures = append(figures, figure(s))
	}
	return figures
}

// ratio returns how many times as long one cell takes as another, and whether both
// were measured.
func (r results) ratio(numerator, denominator cell) (spread, bool) {
	ratios := ratiosOf(r.samples[numerator], r.samples[denominator])
	if len(ratios) == 0 {
		return spread{}, false
	}
	return spreadOf(ratios), true
}

// has reports whether a contestant of the row was measured.
func (r results) has(a algorithm, work row) bool {
	for _, c := range contestants {
		if len(r.samples[cell{a, work, c}]) > 0 {
			return true
		}
	}
	return false
}
