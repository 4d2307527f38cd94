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

// A Request is what a viewer sent, and from where. The zero Request is not signed.
//
// Its fields contain the viewer's credential. fmt, encoding/json, encoding/xml and log/slog
// print String, which has neither the query nor a cookie, and encoding/gob returns an
// error. But if a Request is in an unexported field of another type, fmt cannot call its
// methods and prints its fields: do not log such a value.
type Request struct {
	// URL is the URL as the viewer sent it, byte for byte, with scheme, host
	// and query: https://cdn.example.com/a.jpg?Expires=…. If you build it yourself,
	// you must refuse a host that contains a slash or a question mark: HTTP/2 lets
	// viewers send one, and it would move the beginning of the path.
	URL string
	// Cookies are the viewer's cookies. All but the signed cookies are ignored.
	Cookies []*http.Cookie
	// ViewerIP is the address of the viewer's connection. Zero: unknown, so it is in no
	// address range.
	ViewerIP netip.Addr
	// Header is the header of the request, for [Verifier.Explain] alone: it shows why a
	// browser sent no cookies, for example. No check reads it, so it never changes a
	// decision. Nil: unknown.
	Header http.Header
}

// String names the URL without its query, the number of cookies and the address, such as
// "request for https://cdn.example.com/a with 3 cookies from 192.0.2.10".
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

// Format writes String for every verb.
func (r Request) Format(f fmt.State, verb rune) { wire.Format(f, verb, r.String()) }

// MarshalText returns String.
func (r Request) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// GobEncode returns an error, because encoding/gob would write the credential.
func (r Request) GobEncode() ([]byte, error) {
	return nil, errors.New("verify: a Request cannot be encoded: it holds a credential")
}

// hostCharacters are the characters of a host and a port as clients send them.
const hostCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-._:"

// RequestFrom returns the Request of an HTTP request that a server received.
//
// It builds the URL from the Host header and the request line as they were sent, never
// from r.URL, which is decoded. The scheme is https if the connection has TLS, and http
// otherwise. The viewer's address is the address of the connection. RequestFrom does not
// read headers such as X-Forwarded-For, because anyone can send them. Behind a proxy that
// ends TLS or adds a path, you should build the Request yourself.
//
// It returns a [*DeniedError] with [ErrAmbiguous]
//
//   - for a request line that is neither a path nor a URL of the same scheme and host, such
//     as a request to a proxy, or OPTIONS *;
//   - for a request that was not received by a server;
//   - for a host that is more than a lower-case name and a port;
//   - for signed cookies that r.Cookies would drop or change, unless the URL is signed.
func RequestFrom(r *http.Request) (Request, error) {
	if r == nil {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "the request is nil")
	}
	path, ok := requestline.Path(r)
	if !ok {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "the request line has no path: pass requests as a server gets them")
	}
	// net/http checks the Host of HTTP/1 only.
	if r.Host == "" || strings.Trim(r.Host, hostCharacters) != "" {
		return Request{}, deny(CodeAccessDenied, ErrAmbiguous, "the host is more than a lower-case name and a port")
	}
	request := Request{
		URL:      requestline.Scheme(r) + r.Host + path,
		Cookies:  r.Cookies(),
		ViewerIP: viewerIP(r.RemoteAddr),
		Header:   r.Header,
	}
	if err := checkCookieHeaders(r.Header["Cookie"], request.Cookies); err != nil && request.cookiesCount() {
		return Request{}, err
	}
	return request, nil
}

// cookiesCount reports whether the URL has no signing parameter, so that the cookies count.
func (r Request) cookiesCount() bool {
	c, err := fromURL(r.URL)
	return err == nil && c.values.isEmpty()
}

// viewerIP returns the address in addr, which is an address and a port.
func viewerIP(addr string) netip.Addr {
	parsed, err := netip.ParseAddrPort(addr)
	if err != nil {
		return netip.Addr{}
	}
	return parsed.Addr().WithZone("")
}
