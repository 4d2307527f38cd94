// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// refusal says why browsers drop the cookie. It is empty if they keep it.
//
// Sources: https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-storage-model
// and https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie.
// TestJarIsChromium compares it with Chromium.
func (s *seenCookie) refusal() string {
	c, name := s.cookie, strings.ToLower(s.name)
	isHost, isSecure := strings.HasPrefix(name, "__host-"), strings.HasPrefix(name, "__secure-")
	isHTTP, isHostHTTP := strings.HasPrefix(name, "__http-"), strings.HasPrefix(name, "__host-http-")
	const most = 4096 // bytes of the name and the value
	rule := s.domainRule()
	switch {
	case rule != "":
	case s.size() > most:
		rule = fmt.Sprintf("the name and the value have %d bytes, and %d are the most", s.size(), most)
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
	case isHTTP && !c.Secure:
		rule = "__Http- needs Secure"
	case isHTTP && !c.HttpOnly:
		rule = "__Http- needs HttpOnly"
	case isHostHTTP && !c.HttpOnly:
		rule = "__Host-Http- needs HttpOnly"
	case c.SameSite == http.SameSiteNoneMode && !c.Secure:
		rule = "SameSite=None needs Secure"
	case c.Partitioned && !c.Secure:
		rule = "Partitioned needs Secure"
	default:
		return ""
	}
	return "browsers drop these cookies of " + location(s.from) + ", because " + rule
}

// size is the length of the name and the value in bytes.
func (s *seenCookie) size() int {
	size := len(s.name) + len(s.cookie.Value)
	if s.cookie.Quoted {
		size += len(`""`)
	}
	return size
}

// domainRule says which rule about Domain the cookie breaks. It is empty if the host of the response
// can set the cookie.
//
// Source: RFC 6265, section 5.3, steps 5 and 6.
func (s *seenCookie) domainRule() string {
	host, domain := hostname(s.from.Host), s.domain
	switch {
	case domain == host, strings.HasSuffix(host, "."+domain) && !s.hostOnly:
		return ""
	case isAddress(host), isAddress(domain):
		return "an IP address is the Domain of its own cookies only"
	case strings.Contains(domain, "://"):
		return "a Domain has no scheme"
	case strings.Contains(domain, "/"):
		return "a Domain has no path"
	case strings.Contains(domain, ":"):
		return "a Domain has no port"
	case strings.Contains(domain, "*"):
		return "a Domain has no wildcard: it covers the hosts below it without one"
	case strings.HasPrefix(domain, "."), strings.HasSuffix(domain, "."), domain == "":
		return "a Domain has no dot at its end, and at most one at its beginning"
	case strings.ContainsFunc(domain, func(r rune) bool { return r > '~' }):
		return "a Domain is ASCII: write it as Punycode"
	case !strings.Contains(domain, "."):
		return "a Domain has a dot in it"
	case isPublicSuffix(domain):
		return "this Domain is a public suffix, so its hosts belong to many owners"
	}
	return host + " is not below this Domain"
}

func isAddress(domain string) bool {
	_, err := netip.ParseAddr(domain)
	return err == nil
}

func isPublicSuffix(domain string) bool { return publicsuffix.List.PublicSuffix(domain) == domain }

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

// dropUnreadable remembers the cookies of a response from u that net/http does not return, because it
// cannot parse their lines.
func (j *jar) dropUnreadable(u *url.URL, lines []string) {
	u = asWritten(u)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range lines {
		if _, err := http.ParseSetCookie(line); err == nil {
			continue
		}
		pair, attributes, _ := strings.Cut(line, ";")
		name, _, named := strings.Cut(pair, "=")
		why := "Go cannot read the value of these cookies of " + location(u) + ", although browsers can: encode it, such as in base64"
		c, err := http.ParseSetCookie(name + "=;" + attributes)
		if err != nil || !named { // what looks like a name can be a secret
			c, _ = http.ParseSetCookie("unnamed=;" + attributes)
			why = "Go cannot read the name of these cookies of " + location(u)
		}
		j.drop(newSeenCookie(u, c, j.now()), why)
	}
}
