// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

const (
	// maxAge is how long browsers keep a cookie at most (RFC 6265bis, section 5.5).
	maxAge = 400 * 24 * time.Hour
	// maxAttribute is the longest attribute, in bytes, that browsers do not ignore (RFC
	// 6265bis, section 5.6).
	maxAttribute = 1024
)

// CookieAttributes are the attributes of a set of signed cookies. The zero value is the
// safest. Cookies are always HttpOnly.
//
// Keep the value that you set cookies with: [ClearCookies] needs the same.
//
// Source, on the attributes: "Set signed cookies using a custom policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
type CookieAttributes struct {
	// Domain is the domain whose hosts get the cookies. For example, app.example.com
	// sets cookies with the Domain example.com, and cdn.example.com gets them. Domain
	// must be the host of the policy's resource or a domain above it, without a leading
	// dot, and not a public suffix such as co.uk or cloudfront.net. Empty: only the host
	// that sets the cookies gets them, so the CDN itself must set them.
	Domain string
	// Path is the path below which browsers send the cookies, percent-encoded as in
	// URLs. Everything that the policy covers must be below it. Browsers have no
	// wildcards here: write /images/ and not /images/*. For the folder of a user, pass the
	// first result of [policy.Resource.PathPrefix]. Empty: "/".
	Path string
	// SameSite says whether browsers send the cookies with requests from other sites.
	// Use http.SameSiteNoneMode, which needs Secure, if the CDN and the page belong to
	// different sites. Zero: http.SameSiteLaxMode.
	SameSite http.SameSite
	// MaxAge is how long the browser keeps the cookies, in whole seconds and at most 400
	// days. Zero: until the browser is closed, as AWS recommends.
	MaxAge time.Duration
	// Partitioned keeps separate cookies for each top-level site (CHIPS). It needs
	// Secure.
	Partitioned bool
	// Insecure leaves out Secure. Browsers then send the cookies over http as well, and
	// anyone on the way can read and use them.
	Insecure bool
	// AllowWider allows cookies for a pattern with an asterisk before its last character,
	// or with a query. With cookies, such a pattern may open more URLs than in a signed
	// URL: policy.Resource.Wider returns an example. Set AllowWider only if that URL, and
	// all URLs like it, need no protection. False: such a pattern is an error.
	AllowWider bool
}

// check returns an error for attributes that do not work with any policy.
func (a CookieAttributes) check() error {
	if err := checkDomain(a.Domain); err != nil {
		return err
	}
	if err := checkPath(a.path()); err != nil {
		return err
	}
	if err := a.checkSameSite(); err != nil {
		return err
	}
	if a.Partitioned && a.Insecure {
		return &CookieError{"Partitioned", "browsers drop partitioned cookies that are not Secure", "leave Insecure false"}
	}
	return a.checkMaxAge()
}

// checkDomain returns an error for domains that net/http or a browser would drop or
// rewrite.
func checkDomain(domain string) error {
	const own = "write a domain of your own, or leave Domain empty"
	if domain == "" {
		return nil
	}
	if strings.HasPrefix(domain, ".") {
		return &CookieError{"Domain", "browsers ignore the leading dot", fmt.Sprintf("write %q", strings.TrimLeft(domain, "."))}
	}
	_, urlErr := policy.URL("https://" + domain + "/")
	if urlErr != nil || strings.ContainsAny(domain, ":/?") || (&http.Cookie{Name: "name", Domain: domain}).Valid() != nil {
		return &CookieError{"Domain", "not a DNS name in lower case, without scheme, port, path or wildcard", "write a domain such as example.com"}
	}
	if isAddress(domain) {
		return nil
	}
	if !strings.Contains(domain, ".") {
		return &CookieError{"Domain", fmt.Sprintf("%q has one label, and browsers drop such cookies", domain), own}
	}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain || wire.IsDistributionParent(domain) {
		return &CookieError{"Domain", fmt.Sprintf("%q is a public suffix, so its hosts belong to many owners and browsers drop such cookies", domain), own}
	}
	return nil
}

// checkPath returns an error for paths that net/http or a browser would drop, or that no
// request can match.
func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") {
		return &CookieError{"Path", "it does not begin with a slash", "write /, or leave Path empty for all paths"}
	}
	if strings.Contains(path, "*") {
		return &CookieError{"Path", "browsers have no wildcards here and take * literally", "write /images/ to cover all below it"}
	}
	if len(path) > maxAttribute {
		return &CookieError{"Path", fmt.Sprintf("browsers ignore attributes of more than %d bytes", maxAttribute), "write a path further up"}
	}
	if _, err := policy.URL("https://host" + path); err != nil || strings.ContainsAny(path, "?;") {
		return &CookieError{"Path", "it is not percent-encoded as in a URL, or has a query", "write it without query, such as /users/j%C3%BCrgen/"}
	}
	return nil
}

func (a CookieAttributes) checkSameSite() error {
	switch a.SameSite {
	case 0, http.SameSiteLaxMode, http.SameSiteStrictMode:
		return nil
	case http.SameSiteNoneMode:
		if a.Insecure {
			return &CookieError{"SameSite", "browsers drop cookies with SameSite=None that are not Secure", "leave Insecure false"}
		}
		return nil
	}
	return &CookieError{"SameSite", "net/http would leave it out", "use http.SameSiteLaxMode, http.SameSiteStrictMode or http.SameSiteNoneMode"}
}

func (a CookieAttributes) checkMaxAge() error {
	switch {
	case a.MaxAge < 0:
		return &CookieError{"MaxAge", "it is negative", "use ClearCookies to remove cookies"}
	case a.MaxAge%time.Second != 0:
		return &CookieError{"MaxAge", fmt.Sprintf("%v is not in whole seconds", a.MaxAge), "use a multiple of time.Second"}
	case a.MaxAge > maxAge:
		return &CookieError{"MaxAge", "browsers keep cookies for at most 400 days", "use less, and sign again"}
	}
	return nil
}

// checkPolicy returns an error if browsers would not send the cookies for everything that
// the policy covers, or if the cookies could give access to more.
func (a CookieAttributes) checkPolicy(p policy.Policy) error {
	r := p.Resource()
	scheme := r.Scheme()
	if scheme != "https" && scheme != "http" {
		return &CookieError{"", "CloudFront's guide allows *:// in signed URLs only", "make the resource begin with https://"}
	}
	if scheme == "http" && !a.Insecure {
		return &CookieError{"Insecure", "the resource begins with http://, and browsers do not send Secure cookies there", "sign https://, or set Insecure"}
	}
	if a.Domain != "" && !domainCovers(a.Domain, r.Host()) {
		return &CookieError{"Domain", fmt.Sprintf("%q does not cover the policy's host %q", a.Domain, r.Host()), "write that host or a domain above it"}
	}
	if a.Domain != "" && !isOwn(a.Domain, r.Host()) {
		problem := fmt.Sprintf("%q is above a public suffix of the policy's host %q, so its hosts belong to many owners and browsers drop such cookies", a.Domain, r.Host())
		return &CookieError{"Domain", problem, "write a domain of your own, or leave Domain empty"}
	}
	if covered, whole := r.PathPrefix(); !pathCovers(a.path(), covered, whole) {
		return &CookieError{"Path", fmt.Sprintf("%q does not cover all of the policy's %s", a.path(), covered), "write a path above it, or leave Path empty"}
	}
	return a.checkWider(p)
}

// checkWider returns an error for a policy that may open more URLs in cookies. CloudFront
// compares the URL of a canned policy, and does not match it.
func (a CookieAttributes) checkWider(p policy.Policy) error {
	wider := p.Resource().Wider()
	if wider == "" || a.AllowWider || p.IsCanned() {
		return nil
	}
	if strings.Contains(p.Resource().String(), "?") { // A query can be a secret.
		wider = "URLs with another character for the question mark"
	}
	return &CookieError{"AllowWider", "CloudFront may also let through " + wider, "sign a directory, or set AllowWider if such URLs need no protection"}
}

// domainCovers reports whether a browser sends cookies with this Domain to all hosts that
// host stands for. host can have wildcards.
func domainCovers(domain, host string) bool {
	if domain == host {
		return true
	}
	return strings.HasSuffix(host, "."+domain) && !isAddress(host)
}

// isOwn reports whether domain is at or below the domain that the owner of host has
// registered. A domain above a public suffix need not be a public suffix itself:
// s3.amazonaws.com is one, and amazonaws.com is not.
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

// pathCovers reports whether a browser sends cookies with this Path to every URL of a
// resource whose path is covered, if that is the whole path, or begins with covered.
func pathCovers(path, covered string, whole bool) bool {
	if path == "/" || whole && path == covered {
		return true
	}
	return strings.HasPrefix(covered, strings.TrimSuffix(path, "/")+"/")
}

func (a CookieAttributes) path() string {
	if a.Path == "" {
		return "/"
	}
	return a.Path
}

func (a CookieAttributes) sameSite() http.SameSite {
	if a.SameSite == 0 {
		return http.SameSiteLaxMode
	}
	return a.SameSite
}

func (a CookieAttributes) seconds() int { return int(a.MaxAge / time.Second) }

// cookie returns one cookie with the attributes. maxAge is as in net/http: 0 for none,
// and negative to remove the cookie.
func (a CookieAttributes) cookie(name, value string, maxAge int) http.Cookie {
	return http.Cookie{
		Name:        name,
		Value:       value,
		Domain:      a.Domain,
		Path:        a.path(),
		SameSite:    a.sameSite(),
		Partitioned: a.Partitioned,
		Secure:      !a.Insecure,
		HttpOnly:    true,
		MaxAge:      maxAge,
	}
}

func checkSize(cookie *http.Cookie) error {
	if n := len(cookie.String()); n > wire.MaxCookie {
		problem := fmt.Sprintf("%s has %d bytes with its attributes, and browsers may drop cookies of more than %d", cookie.Name, n, wire.MaxCookie)
		return &CookieError{"", problem, "shorten the policy's resource"}
	}
	return nil
}
