// SPDX-License-Identifier: Apache-2.0

// Package requestline reads the request line of an HTTP request as it was sent.
package requestline

import (
	"net/http"
	"strings"
)

// Scheme returns "https://" if r came over TLS, or "http://".
func Scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https://"
	}
	return "http://"
}

// Path returns the path and the query as they were sent, and whether there are any. If the
// request line is a whole URL, as proxies get it and httptest makes it, the URL must have the
// request's own scheme and host.
func Path(r *http.Request) (string, bool) {
	path := strings.TrimPrefix(r.RequestURI, Scheme(r)+r.Host)
	return path, strings.HasPrefix(path, "/")
}
