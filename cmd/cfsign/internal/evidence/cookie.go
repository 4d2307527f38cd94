// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net/http"
	"strings"
)

// white is the white space of header fields.
const white = " \t\r\n"

// CookieHeader returns the cookies in the value of a Cookie header, with or without
// the name of the header before it.
//
// It drops nothing: other readers skip a cookie with a character that no cookie may
// have, but a refused cookie is what is looked for here. Names and values keep their
// bytes, with the white space behind them. Quotation marks around a value are not
// part of it and set Quoted, as in net/http. A part without = is a cookie with that name.
func CookieHeader(value string) []*http.Cookie {
	if f, ok := parseField(strings.TrimLeft(value, white)); ok && strings.EqualFold(f.name, "Cookie") {
		value = f.value
	}
	var cookies []*http.Cookie
	for part := range strings.SplitSeq(strings.Trim(value, white), ";") {
		part = strings.TrimLeft(part, white)
		if part == "" {
			continue
		}
		cookies = append(cookies, newCookie(part))
	}
	return cookies
}

func newCookie(part string) *http.Cookie {
	name, value, _ := strings.Cut(part, "=")
	cookie := &http.Cookie{Name: name, Value: value}
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		cookie.Value, cookie.Quoted = value[1:len(value)-1], true
	}
	return cookie
}

// setCookie returns the cookie in the value of a Set-Cookie header, without its
// attributes.
func setCookie(value string) *http.Cookie {
	pair, _, _ := strings.Cut(value, ";")
	return newCookie(strings.Trim(pair, white))
}

// areCookies reports whether text is the value of a Cookie header with a cookie of
// CloudFront in it.
func areCookies(text string) bool {
	for _, cookie := range CookieHeader(text) {
		if strings.ContainsAny(cookie.Name, white+"/?:<>{}") {
			return false
		}
	}
	for _, cookie := range CookieHeader(text) {
		if isCloudFront(cookie.Name) {
			return true
		}
	}
	return false
}

// isCloudFront reports whether a cookie of that name is for CloudFront itself.
func isCloudFront(name string) bool { return strings.HasPrefix(name, "CloudFront-") }
