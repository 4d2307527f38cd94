// SPDX-License-Identifier: Apache-2.0

package token

import (
	"net/http"
	"regexp"
	"strings"
)

// bearer is what may follow the scheme (RFC 6750, section 2.1).
var bearer = regexp.MustCompile(`^ +([A-Za-z0-9._~+/-]+=*)$`)

// FromRequest returns the token in the request's only Authorization header, whose scheme
// is Bearer in any case. Cookies, forms and the query are not looked at: what a browser
// adds by itself, or what ends up in logs, shall not be enough. Nothing is checked yet.
//
// Without such a header, or with another scheme, the error is [ErrMissing]; with several,
// or something else than one token behind the scheme, [ErrMalformed].
func FromRequest(r *http.Request) (raw string, err error) {
	values := r.Header.Values("Authorization")
	switch len(values) {
	case 0:
		return "", refuse(ErrMissing, "send the header Authorization: Bearer TOKEN")
	case 1:
	default:
		return "", refuse(ErrMalformed, "there are several Authorization headers: send one")
	}
	scheme, rest := values[0], ""
	if space := strings.IndexByte(scheme, ' '); space >= 0 {
		scheme, rest = scheme[:space], scheme[space:]
	}
	if !strings.EqualFold(scheme, "Bearer") {
		return "", refuse(ErrMissing, "the Authorization header has another scheme: send Authorization: Bearer TOKEN")
	}
	match := bearer.FindStringSubmatch(rest)
	if match == nil {
		return "", refuse(ErrMalformed, "the Authorization header is not Bearer, a space, and a token")
	}
	return match[1], nil
}
