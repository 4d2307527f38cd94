// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/cfsign/cfsign/internal/requestline"
	"github.com/cfsign/cfsign/internal/wire"
)

// A Request is what decides about access: what a viewer sent, and from where.
//
// Its fields hold the viewer's credential. fmt, encoding/json, encoding/xml and log/slog
// print String, which has neither the query nor a cookie, and encoding/gob returns an
// error. They cannot call a method of a Request in an unexported field of another type:
// there fmt prints the fields, so keep such a value out of logs.
type Request struct {
	// URL is the URL as the viewer sent it, byte for byte, with scheme, host
	// and query: https://cdn.example.com/a.jpg?Expires=…. Whoever puts it
	// together has to refuse a host that has a slash or question mark in it:
	// HTTP/2 lets viewers send such, and they shift the border of the path.
	URL string
	// Cookies are the viewer's cookies; those of other names are ignored.
	Cookies []*http.Cookie
	// ViewerIP is the address of the viewer's connection. The zero Addr is in
	// no range.
	ViewerIP netip.Addr
}

// String says what is asked for and from where, such as "request for
// https://cdn.example.com/a with 3 cookies from 192.0.2.10".
func (r Request) String() string {
	var b strings.Builder
	b.WriteString("request")
	if r.URL != "" {
		b.WriteString(" for " + shownURL(r.URL))
	}
	switch n := len(r.Cookies); n {
	case 0:
	case 1:
		b.WriteString(" with 1 cookie")
	default:
		fmt.Fprintf(&b, " with %d cookies", n)
	}
	if r.ViewerIP.IsValid() {
		fmt.Fprintf(&b, " from %v", r.ViewerIP)
	}
	return b.String()
}

// Format writes String, whatever the verb.
func (r Request) Format(f fmt.State, verb rune) { wire.Format(f, verb, r.String()) }

// MarshalText returns String.
func (r Request) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// GobEncode returns an error, because encoding/gob would write the credential.
func (r Request) GobEncode() ([]byte, error) {
	return nil, errors.New("verify: a Request cannot be encoded: it holds a credential")
}

// hostCharacters are those of a host and a port as clients send them.
const hostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-._:"

// RequestFrom returns the Request of an HTTP request that a server received.
//
// The URL is put together from the request line as it was sent, never from
// r.URL, which is decoded: https if the connection has TLS, else http, and the
// Host header. Behind a proxy that ends TLS or adds a path, build the Request
// yourself. The viewer's address is that of the connection; headers such as
// X-Forwarded-For, which anybody can send, are not read.
//
// It returns a [*DeniedError] with [ErrAmbiguous] for a request line that is
// neither a path nor a URL of the same scheme and host, as proxies and OPTIONS *
// have it; for a request that no server
// received; for a host that is more than a name and a port; and for signed
// cookies that r.Cookies would drop or change, unless the URL is signed.
func RequestFrom(r *http.Request) (Request, error) {
	if r == nil {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "there is no request")
	}
	path, ok := requestline.Path(r)
	if !ok {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "the request line has no path: hand over requests as a server gets them")
	}
	// net/http checks the Host of HTTP/1 only.
	if r.Host == "" || strings.Trim(r.Host, hostCharacters) != "" {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "the host is more than a lower-case name and a port")
	}
	request := Request{
		URL:      requestline.Scheme(r) + r.Host + path,
		Cookies:  r.Cookies(),
		ViewerIP: viewerIP(r.RemoteAddr),
	}
	if c, err := fromURL(request.URL); err != nil || len(c.values) > 0 {
		return request, nil // the cookies do not count
	}
	if err := checkCookieHeaders(r.Header["Cookie"], request.Cookies); err != nil {
		return Request{}, err
	}
	return request, nil
}

// viewerIP returns the address in addr, which a server has as address and port.
func viewerIP(addr string) netip.Addr {
	parsed, err := netip.ParseAddrPort(addr)
	if err != nil {
		return netip.Addr{}
	}
	return parsed.Addr().WithZone("")
}
