// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"iter"
	"net/http"

	"github.com/cfsign/cfsign/internal/wire"
)

// A CookieSet is the names and values of the signed cookies for one policy:
// three, or four with SHA-256. CloudFront needs all of them. It is immutable
// and safe for concurrent use; the zero CookieSet is empty. With == two sets are
// equal if they come from the same call of [Signer.Sign].
//
// It is a bearer credential. fmt and log/slog print what it is for, but not
// what gives access.
type CookieSet struct {
	secret
}

// All returns the names and values, in the order in which AWS's tools write
// them, for frameworks that have cookies of their own. It does not know the attributes
// that these will have, so pass the same ones to [CookieSet.Check] first. Prefer
// [CookieSet.Cookies], which does.
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
// A Domain or Path that misses part of what the policy covers is refused with
// [ErrDomain] or [ErrPath], and so are attributes that net/http or a browser
// would drop, or that hand the cookies to hosts of other owners: also with
// [ErrSameSite], [ErrMaxAge], [ErrPartitioned], [ErrCookieScheme] and
// [ErrCookieTooLong]. A policy that CloudFront may read more widely in cookies is
// refused with [ErrWider] unless a.AllowWider is set. Without a Domain the cookies reach the CDN only if its own
// host sets them, which is not known here. The zero CookieSet returns
// [ErrZeroValue].
//
// A browser keeps cookies of other names: where the kind of policy (canned or
// custom) or the hash changes, send those of [ClearCookies] first.
func (s CookieSet) Cookies(a CookieAttributes) ([]*http.Cookie, error) {
	if s.isZero() {
		return nil, errNothingSigned
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	if err := a.checkCover(s.reveal().policy); err != nil {
		return nil, err
	}
	var cookies []*http.Cookie
	for name, value := range s.All() {
		cookie, err := a.cookie(name, value, a.seconds())
		if err != nil {
			return nil, err
		}
		cookies = append(cookies, cookie)
	}
	return cookies, nil
}

// Check returns the error that [CookieSet.Cookies] would return for the attributes, for
// code that makes its cookies of [CookieSet.All].
func (s CookieSet) Check(a CookieAttributes) error {
	_, err := s.Cookies(a)
	return err
}
