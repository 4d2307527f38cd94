// SPDX-License-Identifier: Apache-2.0

package session

import (
	"iter"
	"net/http"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// cookieValues returns the values of the cookies of a name as they were sent.
// Request.CookiesNamed would make a copy of every cookie first.
func cookieValues(r *http.Request, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, header := range r.Header["Cookie"] {
			for part := range strings.SplitSeq(header, ";") {
				if sent, value, _ := strings.Cut(strings.Trim(part, " \t"), "="); sent == name && !yield(value) {
					return
				}
			}
		}
	}
}

func hasCookie(r *http.Request, name string) bool {
	for range cookieValues(r, name) {
		return true
	}
	return false
}

// hasSigned reports whether the application gets to see any signed cookie.
func hasSigned(r *http.Request) bool {
	for _, name := range wire.CookieNames() {
		if hasCookie(r, name) {
			return true
		}
	}
	return false
}
