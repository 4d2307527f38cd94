// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// isSigned reports whether name is that of a signed cookie.
func isSigned(name string) bool {
	names := wire.CookieNames()
	return slices.Contains(names[:], name)
}

// fromCookies returns the values of the signed cookies by the names of the
// parameters that they stand for.
func fromCookies(cookies []*http.Cookie) (values, error) {
	var all values
	for _, cookie := range cookies {
		if cookie == nil || !isSigned(cookie.Name) {
			continue
		}
		if !all.add(wire.ParamName(cookie.Name), cookie.Value) {
			return nil, deny(CodeAccessDenied, ErrAmbiguous, "the cookie %s was sent twice: was it set with two Domains or Paths?", cookie.Name)
		}
		if cookie.Quoted {
			return nil, deny(CodeAccessDenied, ErrAmbiguous, "the cookie %s is in quotation marks, which some readers take for a part of it", cookie.Name)
		}
	}
	return all, nil
}

// checkCookieHeaders refuses signed cookies of which net/http makes less or
// something else: it drops values that it does not like, which another reader
// may count, and trims names and values.
func checkCookieHeaders(headers []string, parsed []*http.Cookie) error {
	sent := 0
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ";") {
			name, value, _ := strings.Cut(strings.TrimLeft(part, " \t"), "=")
			trimmed := strings.TrimSpace(name)
			if !isSigned(trimmed) {
				continue
			}
			if name != trimmed || value != strings.TrimSpace(value) {
				return deny(CodeAccessDenied, ErrAmbiguous, "white space around the name or value of the cookie %s", trimmed)
			}
			sent++
		}
	}
	for _, cookie := range parsed {
		if isSigned(cookie.Name) {
			sent--
		}
	}
	if sent != 0 {
		return deny(CodeAccessDenied, ErrAmbiguous, "a signed cookie has characters that no cookie may have")
	}
	return nil
}
