// SPDX-License-Identifier: Apache-2.0

package accesslogs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
)

// TestDecode: exactly CloudFront's encoding is undone, once.
func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		why, raw, want string
		exact          bool
	}{
		{"nothing to undo", "/a/b.jpg", "/a/b.jpg", true},
		{"a percent sign of the viewer", "/a%2520b", "/a%20b", true},
		{"the characters of the table", "%3C%3E%22%23%25%7B%7D%7C%5C%5E%7E%5B%5D%60%27%20", "<>\"#%{}|\\^~[]`' ", true},
		{"control characters and bytes from 127", "%00%09%7F%C3%A9", "\x00\t\x7f\xc3\xa9", true},
		{"a slash is not encoded, so this is no code of CloudFront", "/a%2Fb", "/a%2Fb", false},
		{"CloudFront writes upper case", "%7e", "%7e", false},
		{"a percent sign at the end", "100%", "100%", false},
		{"a tilde that was not encoded", "a~b", "a~b", false},
		{"only once", "%252520", "%2520", true},
	} {
		if got, exact := accesslogs.Decode([]byte(tt.raw)); got != tt.want || exact != tt.exact {
			t.Errorf("%s: %q, %t", tt.why, got, exact)
		}
	}
}

// record returns the only record of a log.
func record(t *testing.T, names, values string, check func(*accesslogs.Record)) {
	t.Helper()
	n := 0
	text := "#Fields: sc-status " + names + "\n403\t" + strings.Join(strings.Fields(values), "\t") + "\n"
	err := accesslogs.NewReader(accesslogs.Options{Stdin: strings.NewReader(text)}).Read(t.Context(), []string{accesslogs.Stdin}, func(b *accesslogs.Batch) {
		b.Each(func(r *accesslogs.Record) { n++; check(r) }, func(_ int, _ int64, why string) { t.Error(why) })
	})
	if err != nil || n != 1 {
		t.Errorf("%s: %d records, %v", values, n, err)
	}
}

// TestReceived: a log has the end of a request, and the decision comes before it.
func TestReceived(t *testing.T) {
	for _, tt := range []struct {
		why, names, values string
		first, last        string // after 2026-01-31 18:00:00; empty: there is no time
	}{
		{"cut to the second", "date time time-taken", "2026-01-31 18:00:05 0.000", "5s", "5.999s"},
		{"a long download", "date time time-taken", "2026-01-31 18:00:05 3.500", "1.5s", "2.499s"},
		{"without time-taken", "date time", "2026-01-31 18:00:05", "5s", "5.999s"},
		{"an invalid time-taken", "date time time-taken", "2026-01-31 18:00:05 NaN", "5s", "5.999s"},
		{"a time-taken of years", "date time time-taken", "2026-01-31 18:00:05 1e99", "5s", "5.999s"},
		{"real-time", "timestamp time-taken", "1769882405.25 0.250", "5s", "5s"},
		{"milliseconds", "timestamp(ms) time-taken", "1769882405250 0.250", "5s", "5s"},
		{"a date without a time", "date", "2026-01-31", "", ""},
		{"an invalid month", "date time", "2026-13-31 18:00:05", "", ""},
		{"words", "date time", "yyyy-mm-dd hh:mm:ss", "", ""},
		{"a time after 2262", "timestamp", "99999999999", "", ""},
	} {
		start := time.Date(2026, 1, 31, 18, 0, 0, 0, time.UTC)
		record(t, tt.names, tt.values, func(r *accesslogs.Record) {
			first, last, ok := r.Received()
			if ok != (tt.first != "") {
				t.Errorf("%s: %v", tt.why, first)
			}
			if ok && (first.Sub(start).String() != tt.first || last.Sub(start).String() != tt.last) {
				t.Errorf("%s: from %v to %v", tt.why, first.Sub(start), last.Sub(start))
			}
		})
	}
}

// TestHosts: the two kinds of logs name the viewer's host differently.
func TestHosts(t *testing.T) {
	for _, tt := range []struct{ why, names, values, host, path, query string }{
		{"standard", "cs(Host) x-host-header cs-uri-stem cs-uri-query", "d1.cloudfront.net cdn.example.com /a x=1", "cdn.example.com", "/a", "x=1"},
		{"standard without the viewer's", "cs(Host) cs-uri-stem", "d1.cloudfront.net /a", "d1.cloudfront.net", "/a", ""},
		{"real-time", "cs-host x-host-header cs-uri-stem cs-uri-query", "cdn.example.com d1.cloudfront.net /a?x=1 x=1", "cdn.example.com", "/a", "x=1"},
		{"the query in the path alone", "cs-host cs-uri-stem", "cdn.example.com /a?x=1?y", "cdn.example.com", "/a", "x=1?y"},
	} {
		record(t, tt.names, tt.values, func(r *accesslogs.Record) {
			path, query := r.Target()
			if string(r.ViewerHost()) != tt.host || string(path) != tt.path || string(query) != tt.query {
				t.Errorf("%s: %s, %s, %s", tt.why, r.ViewerHost(), path, query)
			}
		})
	}
}
