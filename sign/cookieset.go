// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"iter"
	"net/http"

	"github.com/cfsign/cfsign/internal/wire"
)

// A CookieSet is the names and values of the signed cookies for one policy:
// three, or four with SHA-256. CloudFront needs all of them. It is immutable
// and safe for concurrent use; the zero CookieSet is empty.
//
// It is a bearer credential. fmt and log/slog print what it is for, but not
// what gives access.
type CookieSet struct {
	credential
}

// All returns the names and values, in the order in which AWS's tools write
// them, for frameworks that have cookies of their own. Prefer
// [CookieSet.Cookies], which checks the attributes as well.
func (s CookieSet) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for name, value := range s.parameters() {
			if !yield(wire.CookieName(name), value) {
				return
			}
		}
	}
}

// Cookies returns the cookies to set on a viewer, all with the same attributes.
// The zero CookieAttributes are safe: Secure, HttpOnly, SameSite=Lax, Path=/,
// for the host that sets them and for the browser's session.
//
// Attributes with which the cookies would not reach everything that the policy
// covers, would be dropped by net/http or a browser, or would be sent to others
// than the owner of the domain are refused with [ErrDomain], [ErrPath],
// [ErrSameSite], [ErrMaxAge], [ErrPartitioned], [ErrCookieScheme] or
// [ErrCookieTooLong]. The zero CookieSet returns [ErrZeroValue].
func (s CookieSet) Cookies(a CookieAttributes) ([]*http.Cookie, error) {
	if s.isZero() {
		return nil, refuse(ErrZeroValue, "nothing was signed: check the error of Sign")
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	if err := a.checkCover(s.secret().policy.Resource()); err != nil {
		return nil, err
	}
	var cookies []*http.Cookie
	for name, value := range s.All() {
		cookie, err := a.cookie(name, value)
		if err != nil {
			return nil, err
		}
		cookie.MaxAge = a.seconds()
		cookies = append(cookies, cookie)
	}
	return cookies, nil
}
