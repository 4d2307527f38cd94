// SPDX-License-Identifier: Apache-2.0

package session

import (
	"cmp"
	"net/http"

	"github.com/cfsign/cfsign/sign"
)

// ownCookies returns the state cookie and, if there is to be one, the hint.
func (i *Issuer) ownCookies(state, hint string, maxAge int) []*http.Cookie {
	cookies := []*http.Cookie{ownCookie(i.options.Attributes, i.options.StateCookie, state, maxAge)}
	if i.options.HintCookie != "" {
		cookie := ownCookie(i.options.Attributes, i.options.HintCookie, hint, maxAge)
		cookie.HttpOnly = false
		cookies = append(cookies, cookie)
	}
	return cookies
}

// ownCookie returns a cookie for the application's host alone.
func ownCookie(a sign.CookieAttributes, name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: !a.Insecure,
		SameSite: cmp.Or(a.SameSite, http.SameSiteLaxMode), Partitioned: a.Partitioned, HttpOnly: true,
	}
}
