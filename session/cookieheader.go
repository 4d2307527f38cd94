// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// cookieValue returns the value of a cookie as it was sent. Request.Cookie would make
// a copy of every cookie first.
func cookieValue(r *http.Request, name string) (string, bool) {
	for _, header := range r.Header["Cookie"] {
		for part := range strings.SplitSeq(header, ";") {
			if sent, value, _ := strings.Cut(strings.Trim(part, " \t"), "="); sent == name {
				return value, true
			}
		}
	}
	return "", false
}

// isSigned reports whether name is that of a signed cookie.
func isSigned(name string) bool {
	names := wire.CookieNames()
	return slices.Contains(names[:], name)
}

// hasSigned reports whether the application gets to see any signed cookie.
func hasSigned(r *http.Request) bool {
	for _, name := range wire.CookieNames() {
		if _, ok := cookieValue(r, name); ok {
			return true
		}
	}
	return false
}
