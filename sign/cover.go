// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"net/http"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/policy"
)

// maxAttribute is the longest attribute, in bytes, that browsers do not ignore
// (RFC 6265bis, section 5.6).
const maxAttribute = 1024

// checkDomain refuses what net/http or a browser would drop or rewrite.
func checkDomain(domain string) error {
	if domain == "" {
		return nil
	}
	if strings.HasPrefix(domain, ".") {
		return refuse(ErrDomain, "browsers ignore the leading dot: write %q", strings.TrimLeft(domain, "."))
	}
	_, urlErr := policy.URL("https://" + domain + "/")
	if urlErr != nil || strings.ContainsAny(domain, ":/?") || (&http.Cookie{Name: "name", Domain: domain}).Valid() != nil {
		return refuse(ErrDomain, "write a DNS name in lower case, without scheme, port, path or wildcard, such as example.com")
	}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain && !isAddress(domain) {
		return refuse(ErrDomain, "%q is a public suffix, whose hosts belong to many owners; browsers drop such cookies: write a domain of your own, or leave Domain empty", domain)
	}
	return nil
}

// checkPath refuses what net/http or a browser would drop, and what no request
// would ever match.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return refuse(ErrPath, "begin it with a slash, or leave it empty for all paths")
	}
	if strings.Contains(path, "*") {
		return refuse(ErrPath, "browsers have no wildcards here and take * literally: write /images/ to cover all below it")
	}
	if len(path) > maxAttribute {
		return refuse(ErrPath, "browsers ignore attributes of more than %d bytes: write a path further up", maxAttribute)
	}
	if _, err := policy.URL("https://host" + path); err != nil || strings.ContainsAny(path, "?;") {
		return refuse(ErrPath, "write it as in a URL, percent-encoded and without query, such as /users/j%%C3%%BCrgen/")
	}
	return nil
}

// checkCover refuses attributes with which the cookies would not be sent to
// all that the resource covers.
func (a CookieAttributes) checkCover(r policy.Resource) error {
	scheme, rest, _ := strings.Cut(r.String(), "://")
	if scheme != "https" && scheme != "http" {
		return refuse(ErrCookieScheme, "CloudFront's pages allow *:// in signed URLs only: make the resource begin with https://")
	}
	if scheme == "http" && !a.Insecure {
		return refuse(ErrCookieScheme, "the resource begins with http://, where browsers do not send Secure cookies: sign https://, or set Insecure")
	}
	if a.Domain != "" && !domainCovers(a.Domain, r.Host()) {
		return refuse(ErrDomain, "%q does not cover the policy's host %q: write that host or a domain above it", a.Domain, r.Host())
	}
	if !pathCovers(a.path(), rest) {
		return refuse(ErrPath, "%q does not cover the policy's %s: write a path above it, or leave Path empty", a.path(), literalPath(rest))
	}
	return nil
}

// domainCovers reports whether a browser sends cookies with the Domain to all
// hosts that host, which may have wildcards, stands for.
func domainCovers(domain, host string) bool {
	if domain == host {
		return true
	}
	return strings.HasSuffix(host, "."+domain) && !isAddress(host)
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// pathCovers reports whether a browser sends cookies with the Path to every
// URL that a resource, given without its scheme, covers.
func pathCovers(path, resource string) bool {
	covered := literalPath(resource)
	if path == "/" || path == covered && !strings.Contains(resource, "*") {
		return true
	}
	return strings.HasPrefix(covered, strings.TrimSuffix(path, "/")+"/")
}

// literalPath returns the path of a resource up to its first wildcard.
func literalPath(resource string) string {
	i := strings.Index(resource, "/")
	if i < 0 {
		return ""
	}
	path := resource[i:]
	if i := strings.IndexAny(path, "*?"); i >= 0 {
		path = path[:i]
	}
	return path
}
