// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSpread(t *testing.T) {
	tests := []struct {
		name    string
		figures []float64
		want    spread
	}{
		{"one", []float64{7}, spread{7, 7, 7}},
		{"two", []float64{3, 1}, spread{2, 1.5, 2.5}},
		{"odd", []float64{5, 1, 2, 4, 3}, spread{3, 2, 4}},
		{"an outlier moves the median little", []float64{1, 2, 3, 1000}, spread{2.5, 1.75, 252.25}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, spreadOf(tt.figures), cmp.AllowUnexported(spread{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := spreadOf(nil).median; !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v", got)
	}
}

func TestSpreadLeavesItsInput(t *testing.T) {
	figures := []float64{3, 1, 2}
	spreadOf(figures)
	if diff := cmp.Diff([]float64{3, 1, 2}, figures); diff != "" {
		t.Errorf("the rounds are out of order, and ratios need them in it (-want +got):\n%s", diff)
	}
}

func TestRatios(t *testing.T) {
	slow := []sample{{round: 0, nanoseconds: 10}, {round: 5, nanoseconds: 30}}
	quick := []sample{{round: 0, nanoseconds: 5}, {round: 1, nanoseconds: 7}, {round: 5, nanoseconds: 10}}
	if diff := cmp.Diff([]float64{2, 3}, ratiosOf(slow, quick)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{0.5, 1.0 / 3}, ratiosOf(quick, slow)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
