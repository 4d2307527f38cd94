// SPDX-License-Identifier: Apache-2.0

// Package when reads times as "aws cloudfront sign" takes them, and relative ones.
package when

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrTime is wrapped by every error of Parse.
var ErrTime = errors.New("unusable time")

// mend is what every error says to write.
const mend = "write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970"

// layouts are those of dates and times. Without a zone they are in UTC, as the AWS CLI
// has it.
var layouts = []string{
	time.DateOnly,
	"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02 15:04",
}

// Parse returns the time that text stands for, in whole seconds:
//
//   - a date, which is its midnight in UTC;
//   - a date and time, in UTC unless it has a zone;
//   - seconds since 1970;
//   - "now", or a distance from now: +2h, +90m, +7d, -5m.
//
// A part of a second is cut off.
func Parse(text string, now time.Time) (time.Time, error) {
	if text == "now" {
		return now.Truncate(time.Second), nil
	}
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "-") {
		return relative(text, now)
	}
	if strings.Trim(text, "0123456789") == "" && text != "" {
		return epoch(text)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Second), nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: %q is no time that is known here: %s", ErrTime, text, mend)
}

// days is the part of a distance that [time.ParseDuration] does not know.
var days = regexp.MustCompile(`^([0-9]{1,5})d`)

func relative(text string, now time.Time) (time.Time, error) {
	rest := text[1:]
	var distance time.Duration
	if match := days.FindStringSubmatch(rest); match != nil {
		n, _ := strconv.Atoi(match[1]) // five digits
		distance = time.Duration(n) * 24 * time.Hour
		rest = rest[len(match[0]):]
	}
	if rest != "" || text == "+" || text == "-" {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 || strings.HasPrefix(rest, "+") {
			return time.Time{}, fmt.Errorf("%w: %q is no distance in time: write +30m, +2h, +1h30m or +7d", ErrTime, text)
		}
		distance += more
	}
	if distance < 0 {
		return time.Time{}, fmt.Errorf("%w: %q is longer than CloudFront's times: write +7d or the like", ErrTime, text)
	}
	if text[0] == '-' {
		distance = -distance
	}
	return now.Add(distance).Truncate(time.Second), nil
}

func epoch(text string) (time.Time, error) {
	const latest = 9223372036 // the last second that CloudFront's pages name
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || seconds > latest && len(text) != len("1767290400000"):
		return time.Time{}, fmt.Errorf("%w: %s seconds are beyond 2262-04-11, the last day that CloudFront knows: %s", ErrTime, text, mend)
	case seconds > latest:
		return time.Time{}, fmt.Errorf("%w: %s is in milliseconds: leave out the last three digits, %s", ErrTime, text, text[:len(text)-3])
	case looksLikeDate(text):
		return time.Time{}, fmt.Errorf("%w: %s would be seconds since 1970: write the date as %s-%s-%s", ErrTime, text, text[:4], text[4:6], text[6:])
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// looksLikeDate: as seconds these would be days in 1970, so nobody means them.
func looksLikeDate(text string) bool {
	_, err := time.Parse("20060102", text)
	return err == nil && text >= "19700101"
}
