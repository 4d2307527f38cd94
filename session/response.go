// SPDX-License-Identifier: Apache-2.0

package session

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// A response is the http.ResponseWriter behind the middleware. It holds the cookies
// back until the header is sent: a handler may replace them, reverse proxies clear the
// header after early hints, and nothing that the handler sets may make the response
// public.
type response struct {
	http.ResponseWriter
	issuer  *Issuer
	cookies []*http.Cookie
	written bool
}

// WriteHeader sends the header, with the cookies if it is the final one.
func (x *response) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		x.finish()
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write sends the header first.
func (x *response) Write(b []byte) (int, error) {
	x.finish()
	return x.ResponseWriter.Write(b)
}

// ReadFrom lets net/http send files in its own way.
func (x *response) ReadFrom(src io.Reader) (int64, error) {
	x.finish()
	return io.Copy(x.ResponseWriter, src)
}

// Flush sends the header and what is buffered.
func (x *response) Flush() { _ = x.FlushError() }

// FlushError is for http.ResponseController.
func (x *response) FlushError() error {
	x.finish()
	return http.NewResponseController(x.ResponseWriter).Flush()
}

// Hijack hands over the connection, if the server can; there is no header any more.
func (x *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffer, err := http.NewResponseController(x.ResponseWriter).Hijack()
	x.written = x.written || err == nil
	return connection, buffer, err
}

// Unwrap is for http.ResponseController.
func (x *response) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// finish sets the cookies, once. If the header has a state already, Issue or Clear was
// called with a writer that hides this one, and theirs count: the cookies held here are
// older, and after a logout they would undo it.
func (x *response) finish() {
	if x.written {
		return
	}
	x.written = true
	cookies := x.cookies
	if x.hasState() {
		cookies = nil
	} else if len(cookies) == 0 {
		return
	}
	setAll(x.Header(), cookies)
}

// hasState reports whether the state cookie is set in the header.
func (x *response) hasState() bool {
	return slices.ContainsFunc(x.Header()["Set-Cookie"], func(line string) bool {
		return strings.HasPrefix(line, x.issuer.options.StateCookie+"=")
	})
}
