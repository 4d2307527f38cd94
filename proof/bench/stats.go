// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"slices"
)

// A spread says where the middle of several figures is and how far they are apart.
type spread struct {
	median, lower, upper float64 // lower and upper are the quartiles
}

// spreadOf returns the spread of one figure or more. Quartiles are interpolated, so
// that they differ with few figures, too.
func spreadOf(figures []float64) spread {
	sorted := slices.Sorted(slices.Values(figures))
	return spread{median: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75)}
}

// quantile returns the figure below which a fraction of the sorted ones are. It is
// not a number if there are none.
func quantile(sorted []float64, fraction float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	position := fraction * float64(len(sorted)-1)
	below := int(position)
	above := min(below+1, len(sorted)-1)
	rest := position - float64(below)
	return sorted[below]*(1-rest) + sorted[above]*rest
}

// ratiosOf divides the times of samples of the same round: they were measured next to
// each other, so that what slowed down one slowed down the other.
func ratiosOf(numerators, denominators []sample) []float64 {
	byRound := map[int]float64{}
	for _, s := range denominators {
		byRound[s.round] = s.nanoseconds
	}
	var ratios []float64
	for _, s := range numerators {
		if denominator, ok := byRound[s.round]; ok {
			ratios = append(ratios, s.nanoseconds/denominator)
		}
	}
	return ratios
}
