// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"net/http"
	"net/netip"
	"strings"
)

// A Request is what decides about access: what a viewer sent, and from where.
type Request struct {
	// URL is the URL as the viewer sent it, byte for byte, with scheme, host
	// and query: https://cdn.example.com/a.jpg?Expires=….
	URL string
	// Cookies are the viewer's cookies; those of other names are ignored.
	Cookies []*http.Cookie
	// ViewerIP is the address of the viewer's connection. The zero Addr is in
	// no range.
	ViewerIP netip.Addr
}

// RequestFrom returns the Request of an HTTP request that a server received.
//
// The URL is put together from the request line as it was sent, never from
// r.URL, which is decoded: https if the connection has TLS, else http, and the
// Host header. Behind a proxy that ends TLS or adds a path, build the Request
// yourself. The viewer's address is that of the connection; headers such as
// X-Forwarded-For, which anybody can send, are not read.
//
// It returns [ErrAmbiguous] for a request line that is not a path, as proxies
// and OPTIONS * have it, and for a request that no server received.
func RequestFrom(r *http.Request) (Request, error) {
	if r == nil || !strings.HasPrefix(r.RequestURI, "/") {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "the request line has no path: hand over requests as a server gets them")
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return Request{
		URL:      scheme + r.Host + r.RequestURI,
		Cookies:  r.Cookies(),
		ViewerIP: viewerIP(r.RemoteAddr),
	}, nil
}

// viewerIP returns the address in addr, which a server has as address and port.
func viewerIP(addr string) netip.Addr {
	parsed, err := netip.ParseAddrPort(addr)
	if err != nil {
		return netip.Addr{}
	}
	return parsed.Addr().WithZone("")
}
