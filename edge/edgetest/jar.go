// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
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
	dropped := s.cookieID
	dropped.dropped = hostname(u.Host) // the jar can have such a cookie of another response
	if why := s.refusal(); why != "" {
		s.gone = why
		j.seen[dropped] = s
		return
	}
	delete(j.seen, dropped)
	if !s.expires.IsZero() && !s.expires.After(now) {
		j.remove(s, "a response from "+u.Host+u.Path+" removed them")
		return
	}
	kept := *c
	kept.MaxAge, kept.Expires = 0, time.Time{}
	j.jar.SetCookies(u, []*http.Cookie{&kept})
	j.seen[s.cookieID] = s
}

// newSeenCookie returns a cookie of a response from u.
func newSeenCookie(u *url.URL, c *http.Cookie, now time.Time) *seenCookie {
	s := &seenCookie{from: u, cookie: &http.Cookie{
		Name: c.Name, Domain: c.Domain, Path: c.Path, Secure: c.Secure, SameSite: c.SameSite, Partitioned: c.Partitioned,
	}, expires: c.Expires}
	switch {
	case c.MaxAge > 0:
		const most = 400 * 24 * 60 * 60 // browsers keep no cookie for longer
		s.expires = now.Add(time.Duration(min(c.MaxAge, most)) * time.Second)
	case c.MaxAge < 0:
		s.expires = now
	}
	s.cookieID = cookieID{cmp.Or(hostname(strings.TrimPrefix(c.Domain, ".")), hostname(u.Host)), c.Path, c.Name, ""}
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

// refusal says why browsers drop the cookie. It is empty if they keep it.
//
// Sources: https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-storage-model
// and https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie.
// TestJarIsChromium compares it with Chromium.
func (s *seenCookie) refusal() string {
	c, name := s.cookie, strings.ToLower(s.name)
	isHost, isSecure := strings.HasPrefix(name, "__host-"), strings.HasPrefix(name, "__secure-")
	rule := ""
	switch {
	case !s.isAllowed():
		return "a response from " + hostname(s.from.Host) + " cannot set cookies for this Domain"
	case c.Secure && !isTrustworthy(s.from):
		rule = "Secure needs https"
	case isHost && !c.Secure:
		rule = "__Host- needs Secure"
	case isHost && c.Domain != "":
		rule = "__Host- allows no Domain"
	case isHost && c.Path != "/":
		rule = "__Host- needs Path=/"
	case isSecure && !c.Secure:
		rule = "__Secure- needs Secure"
	case c.SameSite == http.SameSiteNoneMode && !c.Secure:
		rule = "SameSite=None needs Secure"
	case c.Partitioned && !c.Secure:
		rule = "Partitioned needs Secure"
	default:
		return ""
	}
	return "browsers drop these cookies of " + location(s.from) + ", because " + rule
}

// isTrustworthy reports whether Secure cookies can be set and sent: with TLS, and without it on
// the browser's own machine.
//
// Source: https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy
func isTrustworthy(u *url.URL) bool {
	host := hostname(u.Host)
	ip, err := netip.ParseAddr(host)
	isLoopback := err == nil && ip.IsLoopback()
	return u.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost") || isLoopback
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

// sawSigned reports whether a response has set signed cookies.
func (j *jar) sawSigned() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.ContainsFunc(slices.Collect(maps.Keys(j.seen)), cookieID.isSigned)
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
