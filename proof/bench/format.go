// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"strconv"
	"strings"
)

// formatTime writes nanoseconds with three digits and a unit that suits them.
func formatTime(nanoseconds float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if nanoseconds >= 0.9995*unit.size {
			return digits(nanoseconds/unit.size) + " " + unit.name
		}
	}
	return digits(nanoseconds) + " ns"
}

// formatSpread writes the median and, in parentheses, the quartiles in the same unit.
func formatSpread(s spread) string {
	text := formatTime(s.median)
	unit, scale := text[strings.LastIndexByte(text, ' '):], 1.0
	switch unit {
	case " s":
		scale = 1e9
	case " ms":
		scale = 1e6
	case " µs":
		scale = 1e3
	}
	return text + " (" + digits(s.lower/scale) + "–" + digits(s.upper/scale) + ")"
}

// digits writes a figure with three digits, or with all before the point.
func digits(figure float64) string {
	decimals := 0
	if figure > 0 {
		decimals = max(0, 2-int(math.Floor(math.Log10(figure*1.0005))))
	}
	return group(strconv.FormatFloat(figure, 'f', min(decimals, 3), 64))
}

// group puts commas between thousands.
func group(text string) string {
	whole, _, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// formatCount writes allocations or bytes per operation, which are fractions where
// one operation of several allocates.
func formatCount(figure float64) string {
	if figure < 10 && math.Abs(figure-math.Round(figure)) > 0.05 {
		return strconv.FormatFloat(figure, 'f', 1, 64)
	}
	return group(strconv.FormatFloat(math.Round(figure), 'f', 0, 64))
}

// formatTick writes a power of ten of nanoseconds as on an axis.
func formatTick(nanoseconds float64) string {
	switch {
	case nanoseconds >= 0.9e9:
		return strconv.FormatFloat(math.Round(nanoseconds/1e9), 'f', -1, 64) + " s"
	case nanoseconds >= 0.9e6:
		return strconv.FormatFloat(math.Round(nanoseconds/1e6), 'f', -1, 64) + " ms"
	case nanoseconds >= 0.9e3:
		return strconv.FormatFloat(math.Round(nanoseconds/1e3), 'f', -1, 64) + " µs"
	}
	return strconv.FormatFloat(math.Round(nanoseconds), 'f', -1, 64) + " ns"
}
