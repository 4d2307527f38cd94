// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// A jar is a cookie jar whose cookies expire according to a clock. It also knows why it does not
// send a cookie. It compares the path of a request as the request writes it, as browsers do. It is
// safe for concurrent use.
type jar struct {
	now func() time.Time

	mu   sync.Mutex
	jar  *cookiejar.Jar // has every cookie until the end of the session
	seen map[cookieID]*seenCookie
}

// A cookieID is what makes a cookie another cookie.
type cookieID struct{ domain, path, name string }

// A seenCookie is a cookie that a response has set.
type seenCookie struct {
	cookieID
	from    *url.URL
	cookie  *http.Cookie // without a value
	expires time.Time    // zero: at the end of the session
	gone    string       // why it is not in the jar any more; empty: it is
}

func newJar(now func() time.Time) *jar {
	inner, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // it never fails
	return &jar{now: now, jar: inner, seen: map[cookieID]*seenCookie{}}
}

// asWritten returns u with the path as the request line has it. net/http/cookiejar takes Path,
// which is decoded: a cookie for /users/A%40example.com/ would never be sent.
func asWritten(u *url.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: cmp.Or(u.EscapedPath(), "/")}
}

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
	switch {
	case !s.isAllowed():
		s.gone = "a response from " + hostname(u.Host) + " cannot set cookies for this Domain"
		id := s.cookieID
		id.domain += " from " + hostname(u.Host) // another host can have set this cookie
		j.seen[id] = s
	case !s.expires.IsZero() && !s.expires.After(now):
		j.remove(s, "a response from "+u.Host+u.Path+" removed them")
	default:
		kept := *c
		kept.MaxAge, kept.Expires = 0, time.Time{}
		j.jar.SetCookies(u, []*http.Cookie{&kept})
		j.seen[s.cookieID] = s
	}
}

// newSeenCookie returns a cookie of a response from u.
func newSeenCookie(u *url.URL, c *http.Cookie, now time.Time) *seenCookie {
	s := &seenCookie{from: u, cookie: &http.Cookie{Name: c.Name, Domain: c.Domain, Path: c.Path, Secure: c.Secure}, expires: c.Expires}
	switch {
	case c.MaxAge > 0:
		const most = 400 * 24 * 60 * 60 // browsers keep no cookie for longer
		s.expires = now.Add(time.Duration(min(c.MaxAge, most)) * time.Second)
	case c.MaxAge < 0:
		s.expires = now
	}
	s.cookieID = cookieID{cmp.Or(hostname(strings.TrimPrefix(c.Domain, ".")), hostname(u.Host)), c.Path, c.Name}
	if !strings.HasPrefix(c.Path, "/") {
		s.path = defaultPath(u.Path)
	}
	return s
}

// defaultPath is the Path of a cookie without one, from a response with this path.
//
// Source: RFC 6265, section 5.1.4.
func defaultPath(path string) string {
	if end := strings.LastIndexByte(path, '/'); end > 0 && path[0] == '/' {
		return path[:end]
	}
	return "/"
}

// isAllowed reports whether the host of the response can set the cookie.
//
// Source: RFC 6265, section 5.3, steps 5 and 6.
func (s *seenCookie) isAllowed() bool {
	host := hostname(s.from.Host)
	if s.domain == host {
		return true
	}
	return strings.HasSuffix(host, "."+s.domain) && publicsuffix.List.PublicSuffix(s.domain) != s.domain
}

// remove removes a cookie. gone says why.
func (j *jar) remove(s *seenCookie, gone string) {
	removal := *s.cookie
	removal.MaxAge = -1
	j.jar.SetCookies(s.from, []*http.Cookie{&removal})
	if known := j.seen[s.cookieID]; known != nil && known.gone == "" {
		known.gone = gone
	}
}

// Cookies returns the cookies for a request for u.
func (j *jar) Cookies(u *url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	return j.jar.Cookies(asWritten(u))
}

// expire removes the cookies that have expired.
func (j *jar) expire() {
	now := j.now()
	for _, s := range j.seen {
		if s.gone == "" && !s.expires.IsZero() && !s.expires.After(now) {
			j.remove(s, "they expired at "+s.expires.UTC().Format(time.RFC3339)+" on Server.Clock")
		}
	}
}

// unsent says which signed cookies the jar does not send to u, and why. It is empty if it sends
// them all, and if no response has set cookies.
func (j *jar) unsent(u *url.URL) string {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	names := map[string][]string{} // by what is to be said of them
	isSigned := func(id cookieID) bool { return strings.HasPrefix(id.name, "CloudFront-") }
	for id, s := range j.seen {
		if why := s.unsent(u); why != "" && isSigned(id) {
			about := fmt.Sprintf("for %s on %s: %s", s.path, s.hosts(), why)
			names[about] = append(names[about], s.name)
		}
	}
	if len(j.seen) > 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(j.seen)), isSigned) {
		return "not sent: no response has set signed cookies\n"
	}
	var text strings.Builder
	for _, about := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&text, "not sent: %s %s\n", strings.Join(slices.Sorted(slices.Values(names[about])), ", "), about)
	}
	return text.String()
}

// hosts names the hosts that get the cookie.
func (s *seenCookie) hosts() string {
	if s.cookie.Domain == "" {
		return s.domain + ", without a Domain"
	}
	return s.domain
}

// unsent says why a request for u does not have the cookie. It is empty if the request has it.
func (s *seenCookie) unsent(u *url.URL) string {
	host, isBelow := hostname(u.Host), s.cookie.Domain != ""
	switch {
	case s.gone != "":
		return s.gone
	case host != s.domain && !(isBelow && strings.HasSuffix(host, "."+s.domain)):
		return "the host of the request is " + host
	case !coversPath(s.path, u.Path):
		return "the path of the request is " + u.Path
	case s.cookie.Secure && u.Scheme != "https":
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
