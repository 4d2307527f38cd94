// SPDX-License-Identifier: Apache-2.0

package timeflag_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/timeflag"
)

func TestParse(t *testing.T) {
	now := time.Date(2026, 1, 1, 18, 0, 0, 5e8, time.UTC)
	for _, tt := range []struct{ text, want, why string }{
		{"2026-01-31", "2026-01-31T00:00:00Z", "a date is its midnight in UTC, as the AWS CLI has it"},
		{"2026-01-31T18:30:00", "2026-01-31T18:30:00Z", "without a zone it is UTC, not local time"},
		{"2026-01-31 18:30:00", "2026-01-31T18:30:00Z", "a space, as databases write it"},
		{"2026-01-31T18:30", "2026-01-31T18:30:00Z", "seconds are optional"},
		{"2026-01-31T18:30:00Z", "2026-01-31T18:30:00Z", "RFC 3339"},
		{"2026-01-31T18:30:00+01:00", "2026-01-31T17:30:00Z", "east of Greenwich"},
		{"2026-01-31T18:30:00-0530", "2026-02-01T00:00:00Z", "a zone without a colon"},
		{"2026-01-31T18:30:00.999Z", "2026-01-31T18:30:00Z", "a part of a second is cut off, never rounded up"},
		{"1767290400", "2026-01-01T18:00:00Z", "seconds since 1970"},
		{"0", "1970-01-01T00:00:00Z", "refusing it is up to the policy"},
		{"3600", "1970-01-01T01:00:00Z", "short numbers are seconds too"},
		{"9223372036", "2262-04-11T23:47:16Z", "the last second in CloudFront's documentation"},
		{"now", "2026-01-01T18:00:00Z", "whole seconds"},
		{"+2h", "2026-01-01T20:00:00Z", "the usual case"},
		{"+1h30m", "2026-01-01T19:30:00Z", "two units"},
		{"+7d", "2026-01-08T18:00:00Z", "days, which Go's durations do not support"},
		{"+1d12h", "2026-01-03T06:00:00Z", "days and hours"},
		{"-5m", "2026-01-01T17:55:00Z", "before now, for a start"},
		{"-1d", "2025-12-31T18:00:00Z", "a day before"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := timeflag.Parse(tt.text, now)
			if err != nil || got.Format(time.RFC3339Nano) != tt.want {
				t.Errorf("%v, %v, want %s: %s", got, err, tt.want, tt.why)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, says, why string }{
		{"", `invalid time: "`, "empty"},
		{"tomorrow", `invalid time: "`, "words are ambiguous"},
		{"1767290400000", "leave out the last three digits, 1767290400", "milliseconds, the classic"},
		{"9223372037", "beyond 2262-04-11", "later than CloudFront accepts"},
		{"99999999999999999999999", "beyond 2262-04-11", "no number"},
		{"20260131", "write the date as 2026-01-31", "the AWS CLI reads it as a day in 1970, with a warning"},
		{"2026-02-30", `invalid time: "`, "no such day"},
		{"01/02/2026", `invalid time: "`, "the month is ambiguous"},
		{"1767290400.5", `invalid time: "`, "CloudFront takes whole seconds"},
		{"+", "not a duration", "nothing after the sign"},
		{"+2", "not a duration", "no unit"},
		{"+-2h", "not a duration", "two signs"},
		{"++2h", "not a duration", "two signs"},
		{"+2h3d", "not a duration", "days come first"},
		{"+100000d", "not a duration", "more than CloudFront accepts"},
		{"+99999d2562047h", "too long", "more than Go's durations can hold"},
		{"2h", "write +2h for a time from now", "02:00 of today for the AWS CLI"},
		{"90m", "write +90m", "the same"},
		{"1h30m", "write +1h30m", "two units"},
		{"7d", "write +7d", "days"},
		{"2 hours", "write +2h", "in words"},
		{"30min", "write +30m", "an abbreviation"},
		{"1 week", "write +7d", "a unit that Go does not have"},
		{"+2hours", "is not a duration: write +2h", "the name of a unit"},
		{"+2w", "write +14d", "a unit that Go does not have"},
		{"1.5.5h", `invalid time: "`, "two dots"},
		{"0h", `invalid time: "`, "no time"},
		{"999999 weeks", `invalid time: "`, "more than CloudFront accepts"},
		{"2 moons", `invalid time: "`, "no unit"},
		{"+2h\x1b[2J", "not a duration", "control characters are quoted"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := timeflag.Parse(tt.text, time.Now())
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%v, %v, want an error that says %q: %s", got, err, tt.says, tt.why)
			}
		})
	}
}

func TestParseDuration(t *testing.T) {
	for _, tt := range []struct {
		text, says string
		want       time.Duration
		why        string
	}{
		{"25h", "", 25 * time.Hour, "the usual case"},
		{"7d", "", 7 * 24 * time.Hour, "days, which Go's durations do not support"},
		{"1d12h", "", 36 * time.Hour, "days and hours"},
		{"0s", "", 0, "refusing it is up to the flag"},
		{"", "write 30m, 25h, 1h30m or 7d", 0, "empty"},
		{"soon", "write 30m, 25h, 1h30m or 7d", 0, "words are ambiguous"},
		{"25", `"25" has no unit: write 25m, 25h or 25d`, 0, "hours for people, seconds for scripts"},
		{"+25h", "write 25h", 0, "a time from now in other flags"},
		{"-25h", "write 30m, 25h", 0, "a time before now in other flags"},
		{"2 weeks", "write 14d", 0, "a unit that Go does not have"},
		{"30 days", "write 30d", 0, "in words"},
		{"99999d2562047h", "too long", 0, "more than Go's durations can hold"},
		{"99999d99999d", "write 30m, 25h", 0, "days come once, and first"},
		{"1h\x1b[2J", `"1h\x1b[2J"`, 0, "control characters are quoted"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := timeflag.ParseDuration(tt.text)
			switch {
			case got != tt.want:
				t.Errorf("%v, want %v: %s", got, tt.want, tt.why)
			case tt.says == "" && err != nil:
				t.Errorf("%v, want no error: %s", err, tt.why)
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("%v, want an error that says %q: %s", err, tt.says, tt.why)
			}
		})
	}
}

// FuzzParseDuration: no text panics, and no duration is negative.
func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"25h", "1d12h", "+7d", "99999d2562047h", "25"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := timeflag.ParseDuration(text); got < 0 || err != nil && got != 0 {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	})
}

// FuzzParse: no text panics, and what is read is in whole seconds.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"+1d12h", "2026-01-31T18:30:00+01:00", "1767290400", "-99999d", "now"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := timeflag.Parse(text, time.Unix(1767290400, 1))
		if err == nil && got.Nanosecond() != 0 {
			t.Errorf("%q is %v", text, got)
		}
	})
}
