// SPDX-License-Identifier: Apache-2.0

package accesslogs

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"
)

// A Record is one line of a log. It is valid until the function that gets it returns.
type Record struct {
	// Source is the number of the file: [Reader.Name] returns its name.
	Source int
	// Line is the number of the line or, in Parquet, of the row, from 1.
	Line int64

	values   [numFields][]byte // nil: the log does not have the field
	realTime bool              // the fields have the meaning of real-time logs
}

// Has reports whether the log has a field. The record itself can still have no value.
func (r *Record) Has(f Field) bool { return r.values[f] != nil }

// Raw returns a value as it is in the log, or nil if the log or the record has none.
func (r *Record) Raw(f Field) []byte {
	value := r.values[f]
	if len(value) == 0 || len(value) == 1 && value[0] == '-' {
		return nil
	}
	return value
}

// Text returns a value without CloudFront's percent-encoding. exact is whether the text is certain
// to be what the viewer sent, byte for byte.
func (r *Record) Text(f Field) (text string, exact bool) { return Decode(r.Raw(f)) }

// Code returns the status of the response, or 0 for 000: the viewer closed the connection.
func (r *Record) Code() int { return int(digits(r.values[Status])) }

// ViewerHost returns the value of the viewer's Host header, or nil. If a standard log does not
// have x-host-header, it is the domain name of the distribution.
func (r *Record) ViewerHost() []byte {
	first, second := HostHeader, Host
	if r.realTime {
		first, second = Host, HostHeader
	}
	if host := r.Raw(first); host != nil {
		return host
	}
	return r.Raw(second)
}

// Target returns the path and the query of the request line. Real-time logs have the query in
// cs-uri-stem, too.
func (r *Record) Target() (path, query []byte) {
	path, inStem, _ := bytes.Cut(r.Raw(Stem), []byte("?"))
	if query = r.Raw(Query); query == nil {
		query = inStem
	}
	return path, query
}

// HasQuery reports whether the log has queries.
func (r *Record) HasQuery() bool { return r.Has(Query) || r.realTime && r.Has(Stem) }

// CookiesCut reports whether the cookies may be cut. Real-time logs have 800 bytes of them.
func (r *Record) CookiesCut() bool {
	const longest = 800
	return r.realTime && len(r.values[Cookie]) >= longest
}

// Viewer returns the address of the viewer's connection. The zero Addr: it is not known.
func (r *Record) Viewer() netip.Addr {
	address, err := netip.ParseAddr(string(r.Raw(ClientIP)))
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}

// Finished returns the time at which CloudFront finished the response. In standard logs, it is cut
// to the second. ok is false if the record has no valid time.
func (r *Record) Finished() (t time.Time, ok bool) {
	if seconds := r.Raw(Timestamp); seconds != nil {
		return parseSeconds(seconds)
	}
	if millis := digits(r.Raw(TimestampMillis)); millis > 0 {
		return time.UnixMilli(millis).UTC(), true
	}
	date, clock := r.Raw(Date), r.Raw(Clock)
	if len(date) != len("2006-01-02") || len(clock) != len("15:04:05") || date[4] != '-' || date[7] != '-' || clock[2] != ':' || clock[5] != ':' {
		return time.Time{}, false
	}
	part := func(text []byte) int { return int(digits(text)) }
	year, month, day := part(date[:4]), part(date[5:7]), part(date[8:])
	hour, minute, second := part(clock[:2]), part(clock[3:5]), part(clock[6:])
	valid := year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), valid
}

// latest is the last time that a record can have: the year 2262, as for policies.
const latest = 9223372036

// parseSeconds parses seconds since 1970, possibly with a fraction.
func parseSeconds(text []byte) (time.Time, bool) {
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	seconds := digits(whole)
	if seconds <= 0 || seconds > latest {
		return time.Time{}, false
	}
	const precision = 3
	millis := digits(append(append(make([]byte, 0, precision), fraction[:min(len(fraction), precision)]...), "000"[:precision-min(len(fraction), precision)]...))
	return time.Unix(seconds, max(millis, 0)*int64(time.Millisecond)).UTC(), true
}

// Received returns the first and the last time at which CloudFront can have received the request,
// and decided about it: the time of the end without time-taken. They differ by a second if the
// time of the end is cut to the second.
func (r *Record) Received() (first, last time.Time, ok bool) {
	finished, ok := r.Finished()
	if !ok {
		return time.Time{}, time.Time{}, false
	}
	taken, err := strconv.ParseFloat(string(r.Raw(TimeTaken)), 64)
	const longest = 7 * 24 * 60 * 60 // seconds; a longer time is a mistake
	if err != nil || !(taken >= 0 && taken <= longest) {
		taken = 0
	}
	first = finished.Add(-time.Duration(taken * float64(time.Second)))
	last = first
	if r.values[Timestamp] == nil && r.values[TimestampMillis] == nil {
		last = first.Add(time.Second - time.Millisecond)
	}
	return first, last, true
}

// digits returns a number of decimal digits alone, or -1.
func digits(text []byte) int64 {
	const most = 18 // digits of an int64
	if len(text) == 0 || len(text) > most {
		return -1
	}
	n := int64(0)
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// check returns what makes a record useless, or "".
func (r *Record) check() string {
	if status := r.Code(); status < 0 || status > 999 {
		return "sc-status is not a status code"
	}
	return ""
}
