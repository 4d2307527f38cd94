// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"net/http"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
)

// maxAge is the longest life that browsers give a cookie (RFC 6265bis,
// section 5.5).
const maxAge = 400 * 24 * time.Hour

// CookieAttributes are the attributes of a set of signed cookies. The zero
// value is the safest. Cookies are always HttpOnly.
//
// Keep the value with which cookies were set: [ClearCookies] needs the same.
//
// Source: "Set signed cookies using a custom policy", on attributes.
type CookieAttributes struct {
	// Domain is the domain to whose hosts the cookies are sent, such as
	// example.com for cookies that app.example.com sets and cdn.example.com
	// gets. It must be the host of the policy's resource or a domain above
	// it, without a leading dot, and not a public suffix such as co.uk or
	// cloudfront.net. Empty: only the host that sets them gets them, so that
	// has to be the CDN's own.
	Domain string
	// Path is the path below which the cookies are sent, percent-encoded as in
	// URLs. It must be a path above all that the policy covers. Browsers have
	// no wildcards here: write /images/ and not /images/*. Empty: "/".
	Path string
	// SameSite says whether the cookies go along with requests from other
	// sites. Zero: http.SameSiteLaxMode. http.SameSiteNoneMode is for CDNs on
	// another site than the page, and needs Secure.
	SameSite http.SameSite
	// MaxAge is how long the browser keeps the cookies, in whole seconds and
	// at most 400 days. Zero: until it is closed. AWS advises that.
	MaxAge time.Duration
	// Partitioned keeps the cookies apart for every top-level site (CHIPS).
	// It needs Secure.
	Partitioned bool
	// Insecure leaves out Secure, so that the cookies are also sent over
	// http, where anyone on the way can read and use them.
	Insecure bool
	// AllowWider also allows cookies for a policy that CloudFront may read more
	// widely in cookies than in URLs: a pattern with an asterisk that is not its
	// last character, or with a query. Set it only if the URL that
	// policy.Resource.Wider returns, and all like it, are nobody's secret.
	AllowWider bool
}

// check refuses attributes that no policy could be used with.
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
		return refuse(ErrPartitioned, "browsers drop partitioned cookies that are not Secure: leave Insecure false")
	}
	return a.checkMaxAge()
}

func (a CookieAttributes) checkSameSite() error {
	switch a.SameSite {
	case 0, http.SameSiteLaxMode, http.SameSiteStrictMode:
		return nil
	case http.SameSiteNoneMode:
		if a.Insecure {
			return refuse(ErrSameSite, "browsers drop cookies with SameSite=None that are not Secure: leave Insecure false")
		}
		return nil
	}
	return refuse(ErrSameSite, "net/http would leave it out: use http.SameSiteLaxMode, http.SameSiteStrictMode or http.SameSiteNoneMode")
}

func (a CookieAttributes) checkMaxAge() error {
	switch {
	case a.MaxAge < 0:
		return refuse(ErrMaxAge, "negative: use ClearCookies to remove cookies")
	case a.MaxAge%time.Second != 0:
		return refuse(ErrMaxAge, "%v is not in whole seconds: use a multiple of time.Second", a.MaxAge)
	case a.MaxAge > maxAge:
		return refuse(ErrMaxAge, "browsers keep cookies for at most 400 days: use less, and sign anew")
	}
	return nil
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

// cookie returns one cookie with the attributes, and maxAge as net/http has it:
// 0 for none, negative for the removal of the cookie.
func (a CookieAttributes) cookie(name, value string, maxAge int) (*http.Cookie, error) {
	cookie := &http.Cookie{
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
	if n := len(cookie.String()); n > wire.MaxCookie {
		return nil, refuse(ErrCookieTooLong, "%s has %d bytes with its attributes, and browsers need not store more than %d: shorten the policy's resource", name, n, wire.MaxCookie)
	}
	return cookie, nil
}

// ClearCookies returns the cookies that make a browser remove every signed
// cookie that was set with the same Domain, Path and Partitioned: all five
// names, so that none is left over from another kind of policy or hash.
// Insecure must be as it was, too: a browser does not let an insecure cookie
// replace a Secure one. They have no other attributes, because proxies limit the
// size of a header, except SameSite=None: without it a browser would ignore them in
// the responses for which it is needed.
//
// The errors are those of [CookieSet.Cookies] that do not depend on a policy.
func ClearCookies(a CookieAttributes) ([]*http.Cookie, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	var cookies []*http.Cookie
	for _, name := range wire.CookieNames() {
		cookie, err := a.cookie(name, "", -1)
		if err != nil {
			return nil, err
		}
		cookie.HttpOnly = false
		if cookie.SameSite != http.SameSiteNoneMode {
			cookie.SameSite = 0
		}
		cookies = append(cookies, cookie)
	}
	return cookies, nil
}
