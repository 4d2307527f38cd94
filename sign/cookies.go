// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"iter"
	"net/http"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// A CookieSet holds the names and values of the signed cookies for one policy: three, or
// four with SHA-256. CloudFront needs all of them. It is immutable and safe for
// concurrent use. The zero CookieSet is empty. Two CookieSets are equal with == if they
// come from the same call of [Signer.Sign].
//
// A CookieSet is a bearer credential. fmt and log/slog print what it covers, and not the
// part that gives access.
type CookieSet struct {
	secret
}

// Cookies returns the cookies to set on a viewer, all with the same attributes. The zero
// CookieAttributes are safe: Secure, HttpOnly, SameSite=Lax, Path=/, for the host that
// sets the cookies and for the browser's session.
//
// Cookies returns a [*CookieError], which wraps [ErrCookie], if the cookies would not
// work or would go too far: if Domain or Path excludes a part of what the policy covers,
// if net/http or a browser would drop an attribute, if the cookies would reach hosts of
// other owners, if a cookie is too long, or if the policy may open more URLs in cookies and
// a.AllowWider is not set. The zero CookieSet returns [ErrZeroValue].
//
// Without a Domain, the cookies only reach the CDN if the CDN's own host sets them. This
// method cannot check which host sets them.
//
// A browser keeps cookies with other names. When you change between canned and custom
// policies, or change the hash, send the result of [ClearCookies] first.
//
// Cookies is cheap if you call it again with the same attributes: it checks them once.
func (s CookieSet) Cookies(a CookieAttributes) ([]*http.Cookie, error) {
	if err := s.Check(a); err != nil {
		return nil, err
	}
	made := new(struct {
		cookies  [4]http.Cookie
		pointers [4]*http.Cookie
	})
	n := 0
	for name, value := range s.All() {
		made.cookies[n] = a.cookie(name, value, a.seconds())
		made.pointers[n] = &made.cookies[n]
		n++
	}
	return made.pointers[:n:n], nil
}

// Check returns the error that [CookieSet.Cookies] would return for the attributes. It is
// for code that makes its own cookies from [CookieSet.All].
func (s CookieSet) Check(a CookieAttributes) error {
	if s.isZero() {
		return errNothingSigned
	}
	held := s.reveal()
	if checked := held.attributes.Load(); checked != nil && *checked == a {
		return nil
	}
	if err := a.check(); err != nil {
		return err
	}
	if err := a.checkPolicy(held.policy); err != nil {
		return err
	}
	for name, value := range s.All() {
		cookie := a.cookie(name, value, a.seconds())
		if err := checkSize(&cookie); err != nil {
			return err
		}
	}
	kept := a
	kept.Domain, kept.Path = strings.Clone(a.Domain), strings.Clone(a.Path) // They can be part of a large buffer.
	held.attributes.Store(&kept)
	return nil
}

// All returns the names and values, in the order of AWS's own tools. It is for frameworks
// that have their own type for cookies. All cannot check the attributes that you give to
// these cookies, so pass them to [CookieSet.Check] first. If you can, use
// [CookieSet.Cookies] instead.
func (s CookieSet) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for name, value := range s.parameters() {
			if !yield(wire.CookieName(name), value) {
				return
			}
		}
	}
}

// ClearCookies returns cookies that make a browser remove the signed cookies. It removes
// all five names, so that no cookie of another kind of policy or another hash stays.
//
// Domain, Path, Partitioned and Insecure must be the same as when the cookies were set: a
// browser only removes cookies with the same Domain, Path and Partitioned, and does not
// let an insecure cookie replace a Secure one. The result has no other attributes,
// because proxies limit the size of a header. The exception is SameSite=None: without it,
// a browser ignores the cookies in a response to another site.
//
// ClearCookies returns the same [*CookieError] as [CookieSet.Cookies], except for the
// rules that depend on a policy.
func ClearCookies(a CookieAttributes) ([]*http.Cookie, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	var cookies []*http.Cookie
	for _, name := range wire.CookieNames() {
		cookie := a.cookie(name, "", -1)
		if err := checkSize(&cookie); err != nil {
			return nil, err
		}
		cookie.HttpOnly = false
		if cookie.SameSite != http.SameSiteNoneMode {
			cookie.SameSite = 0
		}
		cookies = append(cookies, &cookie)
	}
	return cookies, nil
}
