// SPDX-License-Identifier: Apache-2.0

// Package timeflag parses times in the formats of "aws cloudfront sign", times relative to now,
// and durations:
//
//	expires, err := timeflag.Parse("+2h", time.Now())
//	keep, err := timeflag.ParseDuration("7d")
package timeflag

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// An error begins with the text of one of these.
var (
	errTime     = errors.New("invalid time")
	errDuration = errors.New("invalid duration")
)

// formats ends the text of most errors.
const formats = "write +2h, 2026-01-31, 2026-01-31T18:30:00, 2026-01-31T18:30:00+01:00 or seconds since 1970"

// layouts are the formats of dates and times. Without a zone they are in UTC, as in the
// AWS CLI.
var layouts = []string{
	time.DateOnly,
	"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
	"2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02 15:04",
}

// Parse returns the time of text in whole seconds:
//
//   - a date, which means its midnight in UTC;
//   - a date and time, in UTC unless it has a zone;
//   - seconds since 1970;
//   - "now", or a duration from now: +2h, +90m, +7d, -5m.
//
// It cuts off fractions of a second.
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
	if plus := withSign(text); plus != "" {
		return time.Time{}, fmt.Errorf("%w: %q can be a duration or a time of day: write %s for a time from now", errTime, text, plus)
	}
	return time.Time{}, fmt.Errorf("%w: %q: %s", errTime, text, formats)
}

var (
	amountPattern = regexp.MustCompile(`^\+?(?:([0-9]{1,6}) ?([A-Za-z]+)|([0-9.hms]*[0-9][hms]))$`)
	unitPattern   = regexp.MustCompile(`^(?i:(s|sec|seconds?)|(m|min|minutes?)|(h|hrs?|hours?)|(d|days?)|(w|weeks?))$`)
)

// withSign returns the duration from now that a text without a sign, or with the name of a
// unit, stands for, or "". It is only a suggestion: for the AWS CLI, 2h is a time of this
// day.
func withSign(text string) string {
	m := amountPattern.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	duration := m[3]
	if duration == "" {
		duration = inUnits(m[1], m[2])
	}
	if parsed, ok := parseDuration(duration); !ok || parsed <= 0 {
		return ""
	}
	return "+" + duration
}

// inUnits returns an amount of a unit as a duration, or "".
func inUnits(amount, unit string) string {
	m := unitPattern.FindStringSubmatch(unit)
	if m == nil {
		return ""
	}
	for i, short := range []string{"s", "m", "h", "d"} {
		if m[i+1] != "" {
			return amount + short
		}
	}
	const week = 7
	n, _ := strconv.Atoi(amount) // at most six digits
	return fmt.Sprintf("%dd", week*n)
}

// days matches the part of a duration that [time.ParseDuration] does not support.
var days = regexp.MustCompile(`^([0-9]{1,5})d`)

// relative returns the time that a duration with a sign is from now.
func relative(text string, now time.Time) (time.Time, error) {
	duration, ok := parseDuration(text[1:])
	switch {
	case !ok && withSign(text) != "":
		return time.Time{}, fmt.Errorf("%w: %q is not a duration: write %s", errTime, text, withSign(text))
	case !ok:
		return time.Time{}, fmt.Errorf("%w: %q is not a duration: write +30m, +2h, +1h30m or +7d", errTime, text)
	case duration < 0:
		return time.Time{}, fmt.Errorf("%w: %q is too long: write a shorter duration, such as +7d", errTime, text)
	case text[0] == '-':
		duration = -duration
	}
	return now.Add(duration).Truncate(time.Second), nil
}

// ParseDuration returns the duration of text, such as 25h, 1h30m or 7d. It is not negative.
func ParseDuration(text string) (time.Duration, error) {
	duration, ok := parseDuration(text)
	switch plus := withSign(text); {
	case ok && duration < 0:
		return 0, fmt.Errorf("%w: %q is too long: write a shorter one, such as 30d", errDuration, text)
	case ok:
		return duration, nil
	case plus != "":
		return 0, fmt.Errorf("%w: %q: write %s", errDuration, text, plus[1:])
	case text != "" && strings.Trim(text, "0123456789") == "":
		return 0, fmt.Errorf("%w: %q has no unit: write %sm, %sh or %sd", errDuration, text, text, text, text)
	}
	return 0, fmt.Errorf("%w: %q: write 30m, 25h, 1h30m or 7d", errDuration, text)
}

// parseDuration parses a duration without a sign. A duration that is too long is negative.
func parseDuration(text string) (time.Duration, bool) {
	var duration time.Duration
	rest := text
	if match := days.FindStringSubmatch(rest); match != nil {
		n, _ := strconv.Atoi(match[1]) // five digits
		duration = time.Duration(n) * 24 * time.Hour
		rest = rest[len(match[0]):]
	}
	if rest == "" && text != "" {
		return duration, true
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || strings.HasPrefix(rest, "+") {
		return 0, false
	}
	return duration + more, true
}

func epoch(text string) (time.Time, error) {
	const latest = 9223372036 // the last second in CloudFront's documentation
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || seconds > latest && len(text) != len("1767290400000"):
		return time.Time{}, fmt.Errorf("%w: %s seconds are beyond 2262-04-11, the last day that CloudFront accepts: %s", errTime, text, formats)
	case seconds > latest:
		return time.Time{}, fmt.Errorf("%w: %s is in milliseconds: leave out the last three digits, %s", errTime, text, text[:len(text)-3])
	case looksLikeDate(text):
		return time.Time{}, fmt.Errorf("%w: %s would be seconds since 1970: write the date as %s-%s-%s", errTime, text, text[:4], text[4:6], text[6:])
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// looksLikeDate reports whether text is a date without dashes. As seconds it would be a
// day in 1970, which is never meant.
func looksLikeDate(text string) bool {
	_, err := time.Parse("20060102", text)
	return err == nil && text >= "19700101"
}
