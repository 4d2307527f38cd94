// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// attribute returns the value of an attribute as browsers read it: the last of its name in the line. If
// the cookie was not parsed from a line, or does not have the attribute, ok is false. http.ParseSetCookie
// ignores values that browsers use or refuse.
func attribute(c *http.Cookie, name string) (value string, ok bool) {
	for _, a := range strings.Split(c.Raw, ";")[1:] { // Raw is empty if the cookie was not parsed
		if key, v, _ := strings.Cut(a, "="); strings.EqualFold(strings.TrimSpace(key), name) {
			value, ok = strings.TrimSpace(v), true
		}
	}
	return value, ok
}

// domainOf returns the Domain of a cookie.
func domainOf(c *http.Cookie) string {
	if domain, ok := attribute(c, "Domain"); ok {
		return domain
	}
	return c.Domain
}

// pathOf returns the Path of a cookie.
func pathOf(c *http.Cookie) string {
	if path, ok := attribute(c, "Path"); ok {
		return path
	}
	return c.Path
}

// longest is how long browsers keep a cookie at most.
//
// Source: https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#section-5.5
const longest = 400 * 24 * time.Hour

// expiryOf returns when a cookie expires. It returns the zero time if the cookie stays until the end of
// the session. Max-Age comes before Expires, unless it is not a number.
func expiryOf(c *http.Cookie, now time.Time) time.Time {
	seconds, isAge := maxAge(c)
	end, isDate := expiryDate(c)
	switch {
	case isAge && seconds <= 0:
		return now
	case isAge:
		return now.Add(time.Duration(min(seconds, int64(longest/time.Second))) * time.Second)
	case isDate && end.After(now.Add(longest)):
		return now.Add(longest)
	case isDate:
		return end
	}
	return time.Time{}
}

// maxAge returns the seconds of Max-Age. ok is false if it is not set, or not a number.
func maxAge(c *http.Cookie) (seconds int64, ok bool) {
	value, inLine := attribute(c, "Max-Age")
	if !inLine {
		return int64(c.MaxAge), c.MaxAge != 0
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	isHuge := errors.Is(err, strconv.ErrRange) // seconds is the limit then
	return seconds, err == nil || isHuge
}

// expiryDate returns the time of Expires. ok is false if it is not set, or not a date.
func expiryDate(c *http.Cookie) (end time.Time, ok bool) {
	if value, inLine := attribute(c, "Expires"); inLine {
		return cookieDate(value)
	}
	return c.Expires, !c.Expires.IsZero()
}

// The parts of a date, which can have any order.
var (
	clockPart = regexp.MustCompile(`^(\d{1,2}):(\d{1,2}):(\d{1,2})$`)
	dayPart   = regexp.MustCompile(`^(\d{1,2})$`)
	monthPart = regexp.MustCompile(`^(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)`)
	yearPart  = regexp.MustCompile(`^(\d{1,5})$`)
)

// cookieDate parses a date as browsers do. They read many formats, and ignore the day of the week and
// the time zone.
//
// Source: https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-dates
func cookieDate(value string) (date time.Time, ok bool) {
	var clock, day, month, year []string
	for _, token := range strings.FieldsFunc(value, isDateDelimiter) {
		for _, part := range []struct {
			found   *[]string
			pattern *regexp.Regexp
		}{{&clock, clockPart}, {&day, dayPart}, {&month, monthPart}, {&year, yearPart}} {
			if *part.found != nil {
				continue
			}
			if *part.found = part.pattern.FindStringSubmatch(token); *part.found != nil {
				break
			}
		}
	}
	if clock == nil || day == nil || month == nil || year == nil {
		return time.Time{}, false
	}
	date = time.Date(fullYear(number(year[1])), monthOf(month[1]), number(day[1]), number(clock[1]), number(clock[2]), number(clock[3]), 0, time.UTC)
	return date, date.Day() == number(day[1]) && number(clock[2]) < 60 && number(clock[3]) < 60 // 24 hours are another day
}

// isDateDelimiter reports whether r separates the parts of a date.
func isDateDelimiter(r rune) bool {
	return r == '\t' || ' ' <= r && r <= '/' || ';' <= r && r <= '@' || '[' <= r && r <= '`' || '{' <= r && r <= '~'
}

func monthOf(abbreviation string) time.Month {
	const months = "janfebmaraprmayjunjulaugsepoctnovdec"
	return time.Month(strings.Index(months, strings.ToLower(abbreviation))/3 + 1)
}

// fullYear returns the year that one with two digits stands for.
func fullYear(year int) int {
	switch {
	case year < 70:
		return year + 2000
	case year < 100:
		return year + 1900
	}
	return year
}

// number returns a number of at most five digits.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
