// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/policy"
)

// checkCover refuses attributes with which the cookies would not be sent to
// all that the resource covers.
func (a CookieAttributes) checkCover(p policy.Policy) error {
	r := p.Resource()
	scheme := r.Scheme()
	if scheme != "https" && scheme != "http" {
		return refuse(ErrCookieScheme, "CloudFront's pages allow *:// in signed URLs only: make the resource begin with https://")
	}
	if scheme == "http" && !a.Insecure {
		return refuse(ErrCookieScheme, "the resource begins with http://, where browsers do not send Secure cookies: sign https://, or set Insecure")
	}
	if a.Domain != "" && !domainCovers(a.Domain, r.Host()) {
		return refuse(ErrDomain, "%q does not cover the policy's host %q: write that host or a domain above it", a.Domain, r.Host())
	}
	if a.Domain != "" && !isOwn(a.Domain, r.Host()) {
		return refuse(ErrDomain, "%q is above a public suffix of the policy's host %q, so that its hosts belong to many owners; browsers drop such cookies: write a domain of your own, or leave Domain empty", a.Domain, r.Host())
	}
	if covered, whole := r.PathPrefix(); !pathCovers(a.path(), covered, whole) {
		return refuse(ErrPath, "%q does not cover all of the policy's %s: write a path above it, or leave Path empty", a.path(), covered)
	}
	return a.checkWider(p)
}

// checkWider refuses policies that CloudFront may read more widely in cookies. A canned
// policy is compared, not matched.
func (a CookieAttributes) checkWider(p policy.Policy) error {
	wider := p.Resource().Wider()
	if wider == "" || a.AllowWider || p.IsCanned() {
		return nil
	}
	if strings.Contains(p.Resource().String(), "?") { // a query may be somebody's secret
		wider = "URLs with another character for the question mark"
	}
	return refuse(ErrWider, "CloudFront may also let through %s: sign a directory, or set AllowWider if such URLs are nobody's secret", wider)
}

// domainCovers reports whether a browser sends cookies with the Domain to all
// hosts that host, which may have wildcards, stands for.
func domainCovers(domain, host string) bool {
	if domain == host {
		return true
	}
	return strings.HasSuffix(host, "."+domain) && !isAddress(host)
}

// isOwn reports whether domain, which covers host, is not above the domain that
// the owner of host has registered. Public suffixes may have others above them
// that are none: s3.amazonaws.com is one, amazonaws.com is not.
func isOwn(domain, host string) bool {
	if isAddress(host) {
		return true
	}
	registered, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimPrefix(host, "*."))
	return err == nil && (domain == registered || strings.HasSuffix(domain, "."+registered))
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// pathCovers reports whether a browser sends cookies with the Path to every URL of a resource
// whose path is covered or, unless that is the whole path, begins with it.
func pathCovers(path, covered string, whole bool) bool {
	if path == "/" || whole && path == covered {
		return true
	}
	return strings.HasPrefix(covered, strings.TrimSuffix(path, "/")+"/")
}
