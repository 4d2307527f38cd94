// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An UnsentCookie is a CloudFront cookie in a cookie file that a client does not send to
// a URL.
type UnsentCookie struct {
	// Name is the name of the cookie.
	Name string
	// Reason says why, in words for people. It can contain the cookie's domain and
	// path, never its value.
	Reason string
}

// CookieJar returns the cookies in a cookie file that a client sends to url at that
// time, in the order of sending, and the CloudFront cookies that it does not send. The
// file must have Netscape's format, as curl -c, wget and yt-dlp write it.
//
// It follows RFC 6265. A URL without a scheme counts as https. Like curl and
// browsers, CookieJar sends Secure cookies to this machine over http too.
//
// It returns an error for an empty url, for a file of more than 1 MiB or of another
// format, and for an invalid line with a CloudFront cookie.
func CookieJar(data []byte, url string, now time.Time) (sent []*http.Cookie, unsent []UnsentCookie, err error) {
	if url == "" {
		return nil, nil, errJarURL
	}
	entries, err := parseJar(data)
	if err != nil {
		return nil, nil, err
	}
	to := newTarget(url)
	for _, e := range entries {
		why := e.unsent(to, now)
		switch {
		case why == "":
			sent = append(sent, e.cookie())
		case isCloudFront(e.name):
			unsent = append(unsent, UnsentCookie{Name: e.name, Reason: why})
		}
	}
	return sent, unsent, nil
}

// A jarEntry is a line of a cookie file.
type jarEntry struct {
	domain     string // without the leading dot, in lower case
	subdomains bool
	path       string
	secure     bool
	expires    int64 // zero: a session cookie
	name       string
	value      string
}

func (e jarEntry) cookie() *http.Cookie { return newCookie(e.name + "=" + e.value) }

const httpOnlyPrefix = "#HttpOnly_"

// parseJar returns the entries in the order in which a client sends them, longer paths
// first. A later line replaces an earlier line of the same cookie.
func parseJar(data []byte) ([]jarEntry, error) {
	if len(data) > MaxText {
		return nil, errors.New("it is too long: a cookie file can have at most 1 MiB")
	}
	var entries []jarEntry
	index := map[[3]string]int{}
	content := false
	lines := bufio.NewScanner(strings.NewReader(decode(data)))
	lines.Buffer(nil, 2*MaxText) // UTF-16 can grow
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimPrefix(lines.Text(), httpOnlyPrefix)
		if strings.Trim(line, white) == "" || line[0] == '#' {
			continue
		}
		content = true
		e, ok := parseJarLine(line)
		if !ok {
			if strings.Contains(line, "CloudFront-") {
				return nil, fmt.Errorf("line %d is invalid: write domain, TRUE or FALSE, path, TRUE or FALSE, expiry, name and value, separated by tabs", number)
			}
			continue // as curl does
		}
		key := [3]string{e.domain, e.path, e.name}
		if i, ok := index[key]; ok {
			entries[i] = e
			continue
		}
		index[key] = len(entries)
		entries = append(entries, e)
	}
	if content && len(entries) == 0 {
		return nil, errors.New("this is not a cookie file: give one in Netscape's format, as curl -c writes it")
	}
	slices.SortStableFunc(entries, func(a, b jarEntry) int { return cmp.Compare(len(b.path), len(a.path)) })
	return entries, nil
}

func parseJarLine(line string) (jarEntry, bool) {
	fields := strings.Split(line, "\t")
	if len(fields) == 6 {
		fields = append(fields, "") // an empty value, as for curl
	}
	if len(fields) != 7 || fields[0] == "" || fields[5] == "" {
		return jarEntry{}, false
	}
	expires, ok := parseExpiry(fields[4])
	if !ok || !isBool(fields[1]) || !isBool(fields[3]) {
		return jarEntry{}, false
	}
	path := fields[2]
	if !strings.HasPrefix(path, "/") {
		path = "/"
	}
	return jarEntry{
		domain:     strings.ToLower(strings.TrimPrefix(fields[0], ".")),
		subdomains: strings.EqualFold(fields[1], "TRUE"),
		path:       path,
		secure:     strings.EqualFold(fields[3], "TRUE"),
		expires:    expires,
		name:       fields[5],
		value:      fields[6],
	}, true
}

func isBool(text string) bool {
	return strings.EqualFold(text, "TRUE") || strings.EqualFold(text, "FALSE")
}

// parseExpiry reads seconds since 1970. Python writes nothing for a session cookie, and
// some tools write fractions.
func parseExpiry(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	whole, _, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	return max(seconds, 0), err == nil
}

// isJar reports whether text is a cookie file.
func isJar(text string) bool {
	line, _ := cutLine(text)
	if strings.HasPrefix(line, "# ") && strings.Contains(line, "HTTP Cookie File") {
		return true
	}
	_, ok := parseJarLine(strings.TrimPrefix(line, httpOnlyPrefix))
	return ok
}

// A jarTarget is the server and path of a URL.
type jarTarget struct {
	host, path string
	secure     bool
	isIP       bool
}

func newTarget(url string) jarTarget {
	scheme, authority, path := splitURL(url)
	host := authority[strings.LastIndex(authority, "@")+1:]
	if i := strings.LastIndex(host, ":"); i > strings.LastIndex(host, "]") {
		host = host[:i]
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if path == "" {
		path = "/"
	}
	_, err := netip.ParseAddr(host)
	local := host == "localhost" || host == "127.0.0.1" || host == "::1"
	return jarTarget{host: host, path: path, secure: scheme == "" || scheme == "https" || local, isIP: err == nil}
}

// unsent returns all reasons why a client does not send e, or "".
func (e jarEntry) unsent(to jarTarget, now time.Time) string {
	var reasons []string
	if !e.hasHost(to) {
		only := ""
		if !e.subdomains {
			only = " alone, without its subdomains"
		}
		reasons = append(reasons, "its Domain is "+printable(e.domain)+only)
	}
	if !e.hasPath(to.path) {
		reasons = append(reasons, "its Path is "+printable(e.path)+", which does not cover the path of the URL")
	}
	if e.secure && !to.secure {
		reasons = append(reasons, "it is Secure and the URL is http://")
	}
	if e.expires != 0 && e.expires < now.Unix() {
		reasons = append(reasons, "it expired at "+printableTime(e.expires))
	}
	return strings.Join(reasons, ", and ")
}

func (e jarEntry) hasHost(to jarTarget) bool {
	return e.domain == to.host || e.subdomains && !to.isIP && strings.HasSuffix(to.host, "."+e.domain)
}

// hasPath is the path-match of RFC 6265, section 5.1.4.
func (e jarEntry) hasPath(path string) bool {
	rest, ok := strings.CutPrefix(path, e.path)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(e.path, "/"))
}

// printable returns text unchanged if a terminal can show it.
func printable(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most] + "..."
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return strconv.QuoteToASCII(text)
	}
	return text
}

func printableTime(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}
