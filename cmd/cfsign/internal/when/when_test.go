// SPDX-License-Identifier: Apache-2.0

package when_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/when"
)

func TestParse(t *testing.T) {
	now := time.Date(2026, 1, 1, 18, 0, 0, 5e8, time.UTC)
	for _, tt := range []struct{ text, want, why string }{
		{"2026-01-31", "2026-01-31T00:00:00Z", "a date is its midnight in UTC, as the AWS CLI has it"},
		{"2026-01-31T18:30:00", "2026-01-31T18:30:00Z", "without a zone it is UTC, not local time"},
		{"2026-01-31 18:30:00", "2026-01-31T18:30:00Z", "a space, as databases write it"},
		{"2026-01-31T18:30", "2026-01-31T18:30:00Z", "nobody types seconds"},
		{"2026-01-31T18:30:00Z", "2026-01-31T18:30:00Z", "RFC 3339"},
		{"2026-01-31T18:30:00+01:00", "2026-01-31T17:30:00Z", "east of Greenwich"},
		{"2026-01-31T18:30:00-0530", "2026-02-01T00:00:00Z", "a zone without a colon"},
		{"2026-01-31T18:30:00.999Z", "2026-01-31T18:30:00Z", "a part of a second is cut off, never rounded up"},
		{"1767290400", "2026-01-01T18:00:00Z", "seconds since 1970"},
		{"0", "1970-01-01T00:00:00Z", "what it means is for the policy to refuse"},
		{"3600", "1970-01-01T01:00:00Z", "short numbers are seconds too"},
		{"9223372036", "2262-04-11T23:47:16Z", "the last second that CloudFront's pages name"},
		{"now", "2026-01-01T18:00:00Z", "whole seconds"},
		{"+2h", "2026-01-01T20:00:00Z", "the usual case"},
		{"+1h30m", "2026-01-01T19:30:00Z", "two units"},
		{"+7d", "2026-01-08T18:00:00Z", "days, which Go's durations have not"},
		{"+1d12h", "2026-01-03T06:00:00Z", "days and hours"},
		{"-5m", "2026-01-01T17:55:00Z", "before now, for a start"},
		{"-1d", "2025-12-31T18:00:00Z", "a day before"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := when.Parse(tt.text, now)
			if err != nil || got.Format(time.RFC3339Nano) != tt.want {
				t.Errorf("%v, %v, want %s: %s", got, err, tt.want, tt.why)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ text, says, why string }{
		{"", "no time that is known here", "empty"},
		{"tomorrow", "no time that is known here", "words are read differently by everybody"},
		{"1767290400000", "leave out the last three digits, 1767290400", "milliseconds, the classic"},
		{"9223372037", "beyond 2262-04-11", "later than CloudFront knows"},
		{"99999999999999999999999", "beyond 2262-04-11", "no number"},
		{"20260131", "write the date as 2026-01-31", "the AWS CLI takes it for a day in 1970, and warns of it"},
		{"2026-02-30", "no time that is known here", "no such day"},
		{"01/02/2026", "no time that is known here", "nobody knows which is the month"},
		{"1767290400.5", "no time that is known here", "CloudFront takes whole seconds"},
		{"+", "no distance", "nothing behind the sign"},
		{"+2", "no distance", "no unit"},
		{"+-2h", "no distance", "two signs"},
		{"++2h", "no distance", "two signs"},
		{"+2h3d", "no distance", "days come first"},
		{"+100000d", "no distance", "more than CloudFront knows"},
		{"+99999d2562047h", "longer than", "more than Go's durations have room for"},
		{"+2h\x1b[2J", "no distance", "what moves a cursor is quoted"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			got, err := when.Parse(tt.text, time.Now())
			if !errors.Is(err, when.ErrTime) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%v, %v, want an error that says %q: %s", got, err, tt.says, tt.why)
			}
		})
	}
}

// FuzzParse: no text panics, and what is read is in whole seconds.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"+1d12h", "2026-01-31T18:30:00+01:00", "1767290400", "-99999d", "now"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := when.Parse(text, time.Unix(1767290400, 1))
		if err == nil && got.Nanosecond() != 0 {
			t.Errorf("%q is %v", text, got)
		}
	})
}
