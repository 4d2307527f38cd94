// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestFormatTime(t *testing.T) {
	for nanoseconds, want := range map[float64]string{
		0.25:   "0.250 ns",
		42:     "42.0 ns",
		999.4:  "999 ns",
		999.9:  "1.00 µs", // not 1000 ns
		1234:   "1.23 µs",
		9996:   "10.0 µs",
		1.25e6: "1.25 ms",
		4e9:    "4.00 s",
		6e12:   "6,000 s",
	} {
		if got := formatTime(nanoseconds); got != want {
			t.Errorf("formatTime(%v) = %q, want %q", nanoseconds, got, want)
		}
	}
}

func TestFormatSpread(t *testing.T) {
	tests := []struct {
		spread spread
		want   string
	}{
		{spread{median: 1.2e6, lower: 0.98e6, upper: 1.5e6}, "1.20 ms (0.980–1.50)"},
		{spread{median: 950, lower: 900, upper: 1100}, "950 ns (900–1,100)"},
	}
	for _, tt := range tests {
		if got := formatSpread(tt.spread); got != tt.want {
			t.Errorf("formatSpread(%v) = %q, want %q", tt.spread, got, tt.want)
		}
	}
}

func TestFormatCount(t *testing.T) {
	for count, want := range map[float64]string{0: "0", 2: "2", 1.02: "1", 1.1: "1.1", 12.4: "12", 4096: "4,096", 1234567: "1,234,567"} {
		if got := formatCount(count); got != want {
			t.Errorf("formatCount(%v) = %q, want %q", count, got, want)
		}
	}
}

func TestFormatRatio(t *testing.T) {
	for ratio, want := range map[float64]string{0.39: "0.390×", 1.04: "1.04×", 12.34: "12.3×", 2345.6: "2,346×"} {
		if got := formatRatio(ratio); got != want {
			t.Errorf("formatRatio(%v) = %q, want %q", ratio, got, want)
		}
	}
}
