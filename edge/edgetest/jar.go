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
// send a cookie. It drops what browsers drop, and compares the path of a request as the request
// writes it, as they do. It is safe for concurrent use.
type jar struct {
	now func() time.Time

	mu   sync.Mutex
	jar  *cookiejar.Jar // has every cookie until the end of the session
	seen map[cookieID]*seenCookie
}

// A cookieID is what makes a cookie another cookie.
type cookieID struct {
	domain, path, name string
	dropped            string // the host whose cookie a browser drops; empty: a browser keeps it
}

func (id cookieID) isSigned() bool { return strings.HasPrefix(id.name, "CloudFront-") }

// A seenCookie is a cookie that a response has set.
type seenCookie struct {
	cookieID
	from     *url.URL
	cookie   *http.Cookie // without a value, and with the Domain as the response wrote it
	size     int          // of the name and the value
	hostOnly bool         // no other host gets it
	expires  time.Time    // zero: at the end of the session
	gone     string       // why it is not in the jar any more; empty: it is
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
		j.remove(s, "a response from "+u.Host+u.Path+" removed them")
		return
	}
	kept := *c
	kept.Domain, kept.MaxAge, kept.Expires = s.standardDomain(), 0, time.Time{}
	j.jar.SetCookies(u, []*http.Cookie{&kept})
	j.seen[s.cookieID] = s
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
	id.dropped = hostname(s.from.Host)
	return id
}

// standardDomain returns the Domain for net/http/cookiejar, which reads some in another way than
// browsers do.
func (s *seenCookie) standardDomain() string {
	if s.hostOnly {
		return ""
	}
	return s.domain
}

// newSeenCookie returns a cookie of a response from u.
func newSeenCookie(u *url.URL, c *http.Cookie, now time.Time) *seenCookie {
	s := &seenCookie{from: u, size: len(c.Name) + len(c.Value), cookie: &http.Cookie{
		Name: c.Name, Domain: domainOf(c), Path: c.Path, Secure: c.Secure, SameSite: c.SameSite, Partitioned: c.Partitioned,
	}, expires: c.Expires}
	if c.Quoted {
		s.size += len(`""`)
	}
	switch {
	case c.MaxAge > 0:
		const most = 400 * 24 * 60 * 60 // browsers keep no cookie for longer
		s.expires = now.Add(time.Duration(min(c.MaxAge, most)) * time.Second)
	case c.MaxAge < 0:
		s.expires = now
	}
	host := hostname(u.Host)
	s.cookieID, s.hostOnly = cookieID{domain: host, path: c.Path, name: c.Name}, true
	if domain := s.cookie.Domain; domain != "" {
		s.domain = strings.Trim(strings.ToLower(strings.TrimPrefix(domain, ".")), "[]")
		s.hostOnly = isAddress(host) || isPublicSuffix(s.domain)
	}
	if !strings.HasPrefix(c.Path, "/") {
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

// remove removes a cookie. gone says why.
func (j *jar) remove(s *seenCookie, gone string) {
	removal := *s.cookie
	removal.Domain, removal.MaxAge = s.standardDomain(), -1
	j.jar.SetCookies(s.from, []*http.Cookie{&removal})
	if known := j.seen[s.cookieID]; known != nil {
		known.gone = gone
	}
}

// Cookies returns the cookies for a request for u.
func (j *jar) Cookies(u *url.URL) []*http.Cookie {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	return j.jar.Cookies(u)
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

// unsent says which signed cookies the jar does not send to u, and why, and which cookies of any
// kind browsers drop. If there are no signed cookies at all, it says that.
func (j *jar) unsent(u *url.URL) string {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire()
	names := map[string][]string{} // by what is to be said of them
	for id, s := range j.seen {
		if why := s.unsent(u); why != "" && (id.isSigned() || id.dropped != "") {
			about := fmt.Sprintf("for %s on %s: %s", s.path, s.hosts(), why)
			names[about] = append(names[about], s.name)
		}
	}
	var text strings.Builder
	switch {
	case len(j.seen) == 0:
		text.WriteString("not sent: no response has set a cookie\n")
	case !slices.ContainsFunc(slices.Collect(maps.Keys(j.seen)), cookieID.isSigned):
		text.WriteString("not sent: no response has set signed cookies\n")
	}
	for _, about := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&text, "not sent: %s %s\n", strings.Join(slices.Sorted(slices.Values(names[about])), ", "), about)
	}
	return text.String()
}

// sent says which signed cookies the jar sends to u, and which responses have set them.
func (j *jar) sent(u *url.URL) string {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	names := map[string][]string{} // by response
	for id, s := range j.seen {
		if id.isSigned() && s.unsent(u) == "" {
			names[location(s.from)] = append(names[location(s.from)], s.name)
		}
	}
	var text strings.Builder
	for _, from := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&text, "sent: %s, set by a response from %s\n", strings.Join(slices.Sorted(slices.Values(names[from])), ", "), from)
	}
	return text.String()
}

// sawSigned reports whether a response has set signed cookies.
func (j *jar) sawSigned() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.ContainsFunc(slices.Collect(maps.Keys(j.seen)), cookieID.isSigned)
}

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
