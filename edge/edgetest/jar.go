// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A jar is a cookie jar whose cookies expire according to a clock. It also knows why it does not
// send a cookie. It drops what browsers drop, and compares the path of a request as the request
// writes it, as they do. It is safe for concurrent use.
type jar struct {
	now func() time.Time

	mu     sync.Mutex
	seen   map[cookieID]*seenCookie
	missed map[cookieID]*seenCookie // removals of cookies that the jar does not have
	number int                      // how many cookies it has got
}

// A cookieID is what makes a cookie another cookie.
type cookieID struct {
	domain, path, name string
	hostOnly           bool   // no other host gets it
	dropped            string // the host whose cookie a browser drops; empty: a browser keeps it
}

func (id cookieID) isSigned() bool { return strings.HasPrefix(id.name, "CloudFront-") }

// A seenCookie is a cookie that a response has set.
type seenCookie struct {
	cookieID
	from    *url.URL
	cookie  *http.Cookie // with the Domain as the response wrote it
	number  int          // older cookies have smaller ones
	expires time.Time    // zero: at the end of the session
	gone    string       // why it is not in the jar any more; empty: it is
}

func newJar(now func() time.Time) *jar {
	return &jar{now: now, seen: map[cookieID]*seenCookie{}, missed: map[cookieID]*seenCookie{}}
}

// asWritten returns u with the path as the request line has it. Path is decoded: with it, a cookie for
// /users/A%40example.com/ would never be sent.
func asWritten(u *url.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: cmp.Or(u.EscapedPath(), "/")}
}

// location returns a URL that asWritten has returned, for a message. The query, which can be a
// credential, is not in it.
func location(u *url.URL) string { return u.Scheme + "://" + u.Host + u.Path }

// SetCookies keeps the cookies of a response from u.
func (j *jar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		j.set(u, c)
	}
}

func (j *jar) set(u *url.URL, c *http.Cookie) {
	now := j.now()
	s := newSeenCookie(u, c, now)
	if why := s.refusal(); why != "" {
		j.drop(s, why)
		return
	}
	delete(j.seen, s.droppedID())
	if !s.expires.IsZero() && !s.expires.After(now) {
		j.remove(s)
		return
	}
	j.keep(s)
}

// keep adds a cookie to the jar. If it replaces another one, it gets the number of that cookie.
func (j *jar) keep(s *seenCookie) {
	j.number++
	s.number = j.number
	if old := j.seen[s.cookieID]; old != nil && old.gone == "" {
		s.number = old.number
	}
	j.seen[s.cookieID] = s
	maps.DeleteFunc(j.missed, func(id cookieID, _ *seenCookie) bool { return id.name == s.name })
}

// remove removes a cookie because a response says so.
func (j *jar) remove(s *seenCookie) {
	known := j.seen[s.cookieID]
	if known == nil || known.gone != "" {
		j.missed[s.cookieID] = s
		return
	}
	known.gone = "a response from " + s.from.Host + s.from.Path + " removed them"
}

// drop remembers a cookie that does not get into the jar.
func (j *jar) drop(s *seenCookie, why string) {
	s.gone = why
	j.seen[s.droppedID()] = s
}

// droppedID returns the ID of the cookie if it is dropped. The jar can have such a cookie of another
// response.
func (s *seenCookie) droppedID() cookieID {
	id := s.cookieID
	id.hostOnly = false
	id.dropped = hostname(s.from.Host)
	return id
}

// newSeenCookie returns a cookie of a response from u.
func newSeenCookie(u *url.URL, c *http.Cookie, now time.Time) *seenCookie {
	host, cookie := hostname(u.Host), *c
	cookie.Domain, cookie.Path = domainOf(c), pathOf(c)
	s := &seenCookie{from: u, cookie: &cookie, expires: expiryOf(c, now)}
	s.cookieID = cookieID{domain: host, path: cookie.Path, name: c.Name, hostOnly: true}
	if domain := cookie.Domain; domain != "" {
		s.domain = strings.Trim(strings.ToLower(strings.TrimPrefix(domain, ".")), "[]")
		s.hostOnly = isAddress(host) || isPublicSuffix(s.domain)
	}
	if !strings.HasPrefix(cookie.Path, "/") {
		s.path = defaultPath(u.Path)
	}
	return s
}

// defaultPath is the Path of a cookie without one, from a response with this path.
//
// Source: RFC 6265, section 5.1.4.
func defaultPath(path string) string {
	if end := strings.LastIndexByte(path, '/'); end > 0 {
		return path[:end]
	}
	return "/"
}

// Cookies returns the cookies for a request for u: those with a longer path first, then the older ones.
//
// Source: RFC 6265, section 5.4.
func (j *jar) Cookies(u *url.URL) []*http.Cookie {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	var sent []*seenCookie
	for _, s := range j.seen {
		if s.unsent(u) == "" {
			sent = append(sent, s)
		}
	}
	slices.SortFunc(sent, func(a, b *seenCookie) int {
		return cmp.Or(cmp.Compare(len(b.path), len(a.path)), cmp.Compare(a.number, b.number))
	})
	var cookies []*http.Cookie
	for _, s := range sent {
		cookies = append(cookies, &http.Cookie{Name: s.name, Value: s.cookie.Value, Quoted: s.cookie.Quoted})
	}
	return cookies
}

// expire removes the cookies that have expired.
func (j *jar) expire() {
	now := j.now()
	for _, s := range j.seen {
		if s.gone == "" && !s.expires.IsZero() && !s.expires.After(now) {
			s.gone = "they expired at " + s.expires.UTC().Format(time.RFC3339) + " on Server.Clock"
		}
	}
}

// unsent says which signed cookies the jar does not send to u, and why, and which cookies of any
// kind browsers drop. If there are no signed cookies at all, it says that.
func (j *jar) unsent(u *url.URL) string {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	all := slices.Collect(maps.Keys(j.seen))
	text := ""
	switch {
	case len(all) == 0:
		text = "not sent: no response has set a cookie\n"
	case !slices.ContainsFunc(all, cookieID.isSigned):
		text = "not sent: no response has set signed cookies\n"
	}
	return text + j.unsentLines(u, func(id cookieID) bool { return id.isSigned() || id.dropped != "" })
}

// dropped says which cookies of any kind browsers drop, and why.
func (j *jar) dropped(u *url.URL) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.unsentLines(asWritten(u), func(id cookieID) bool { return id.dropped != "" })
}

func (j *jar) unsentLines(u *url.URL, isMeant func(cookieID) bool) string {
	names := map[string][]string{}
	for id, s := range j.seen {
		if why := s.unsent(u); why != "" && isMeant(id) {
			about := s.place() + ": " + why
			names[about] = append(names[about], s.name)
		}
	}
	return lines("not sent", names)
}

// lines returns one line for all names with the same text.
func lines(label string, names map[string][]string) string {
	var text strings.Builder
	for _, about := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&text, "%s: %s %s\n", label, strings.Join(slices.Sorted(slices.Values(names[about])), ", "), about)
	}
	return text.String()
}

// sent says which signed cookies of the jar are in a request that is about to be sent, and which
// responses have set them. If a response has removed other cookies of these names, it says that, too.
func (j *jar) sent(r *http.Request) string {
	u := asWritten(r.URL)
	j.mu.Lock()
	defer j.mu.Unlock()
	isSent := func(s *seenCookie) bool {
		_, err := r.Cookie(s.name)
		return s.isSigned() && err == nil
	}
	sent, missed := map[string][]string{}, map[string][]string{}
	for _, s := range j.seen {
		if isSent(s) && s.unsent(u) == "" {
			about := s.place() + ", set by a response from " + location(s.from)
			sent[about] = append(sent[about], s.name)
		}
	}
	for _, s := range j.missed {
		if isSent(s) {
			about := s.place() + ", by a response from " + location(s.from) + ": the cookies that were sent have another Path or Domain"
			missed[about] = append(missed[about], s.name)
		}
	}
	return lines("sent", sent) + lines("removed", missed)
}

// sawSigned reports whether a response has set signed cookies.
func (j *jar) sawSigned() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.ContainsFunc(slices.Collect(maps.Keys(j.seen)), cookieID.isSigned)
}

// place names the paths and hosts that get the cookie.
func (s *seenCookie) place() string { return "for " + s.path + " on " + s.hosts() }

// hosts names the hosts that get the cookie.
func (s *seenCookie) hosts() string {
	switch {
	case s.cookie.Domain == "":
		return s.domain + ", without a Domain"
	case s.hostOnly && s.gone == "":
		return s.domain + " alone"
	}
	return s.domain
}

// unsent says why a request for u does not have the cookie. It is empty if the request has it.
func (s *seenCookie) unsent(u *url.URL) string {
	host := hostname(u.Host)
	switch {
	case s.gone != "":
		return s.gone
	case host != s.domain && !(!s.hostOnly && strings.HasSuffix(host, "."+s.domain)):
		return "the host of the request is " + host
	case !coversPath(s.path, u.Path):
		return "the path of the request is " + u.Path
	case s.cookie.Secure && !isTrustworthy(u):
		return "they are Secure, and the request is not"
	}
	return ""
}

// coversPath reports whether a cookie with a Path is sent to a path.
//
// Source: RFC 6265, section 5.1.4.
func coversPath(cookiePath, path string) bool {
	rest, ok := strings.CutPrefix(path, cookiePath)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(cookiePath, "/"))
}
