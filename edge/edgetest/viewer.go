// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// A Viewer is an HTTP client with a cookie jar and an address, like a user with a browser.
// Create one with [Server.NewViewer]. The zero Viewer panics. A Viewer is safe for
// concurrent use.
type Viewer struct {
	// Client connects to the server for every host name: without TLS on port 80, with TLS on
	// all other ports. It follows redirects. Its cookies expire according to Server.Clock, and
	// it drops the cookies that browsers drop.
	Client *http.Client

	server  *Server
	jar     *jar
	history *history
}

// NewViewer returns another viewer. Its requests come from the address ip.
func (s *Server) NewViewer(ip netip.Addr) *Viewer {
	jar := newJar(s.Clock.Now)
	transport := &transport{jar: jar, Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: s.authority.Pool()},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.dial(ctx, ip, network, address)
		},
	}}
	return &Viewer{server: s, jar: jar, history: &transport.history, Client: &http.Client{Jar: jar, Transport: transport}}
}

// Get fetches a URL from the distribution, or from a host that was passed to Handle. If
// there is no response, the test fails. You can read the body. You do not have to close
// it. For other methods and headers, use Client.
func (v *Viewer) Get(t testing.TB, rawURL string) *http.Response {
	t.Helper()
	return v.do(t, http.MethodGet, rawURL, nil)
}

// PostForm posts a form, such as a login, and is otherwise like Get. Nil is an empty form.
func (v *Viewer) PostForm(t testing.TB, rawURL string, form url.Values) *http.Response {
	t.Helper()
	return v.do(t, http.MethodPost, rawURL, strings.NewReader(form.Encode()))
}

// do sends a request. A body is a form.
func (v *Viewer) do(t testing.TB, method, rawURL string, body io.Reader) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(noteSent(t.Context()), method, rawURL, body)
	if err != nil {
		t.Fatal("edgetest: the URL cannot be requested") // err contains the URL
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.Client.Do(request)
	if err != nil {
		t.Fatalf("edgetest: %s", wire.Redact(errors.Unwrap(err).Error()))
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("edgetest: %v", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	return response
}

// Allowed fetches a URL. The distribution must allow the request, and the origin must
// answer with a status below 400. Otherwise the test fails, prints the explanation, also of
// cookies that the viewer has not sent, and goes on, as after t.Error. For other responses of
// the origin, use Get and [Server.Decision].
func (v *Viewer) Allowed(t testing.TB, rawURL string) *http.Response {
	t.Helper()
	response := v.Get(t, rawURL)
	d := v.server.Decision(t, response)
	switch {
	case !d.Allowed:
		t.Errorf("edgetest: got %s, want the request to be allowed\n%s", response.Status, v.describe(d, response))
	case response.StatusCode >= http.StatusBadRequest:
		t.Errorf("edgetest: the distribution allowed the request, but the origin refused it: %s\n%s%s\n%s", response.Status, beginning(response), d.Reason, v.jar.dropped(response.Request.URL))
	}
	return response
}

// beginning returns the beginning of a response as a line. The response can still be read.
func beginning(response *http.Response) string {
	const most = 200 // bytes
	content, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(content))
	if err != nil || len(content) == 0 {
		return ""
	}
	return fmt.Sprintf("response: %q\n", wire.Redact(string(content[:min(len(content), most)])))
}

// Denied fetches a URL. The distribution must deny the credential for this reason, an error of
// package verify. Otherwise the test fails, prints the explanation, and goes on. The usual
// reasons are:
//
//   - verify.ErrMissing: the viewer sends no credential, such as because its cookies have another
//     path.
//   - verify.ErrWrongResource: the credential is for other files.
//   - verify.ErrExpired and verify.ErrNotYetValid: it is too late, or too early.
//   - verify.ErrUnknownKey: the distribution does not trust the key.
//   - verify.ErrBadSignature: the URL was changed after it was signed.
func (v *Viewer) Denied(t testing.TB, rawURL string, reason error) *http.Response {
	t.Helper()
	if reason == nil {
		t.Fatal("edgetest: Denied needs a reason: pass an error of package verify, such as verify.ErrExpired")
	}
	response := v.Get(t, rawURL)
	d := v.server.Decision(t, response)
	if d.Allowed || d.Report == nil || !errors.Is(d.Report.Err, reason) {
		t.Errorf("edgetest: got %s, want the credential to be denied: %v\n%s", response.Status, reason, v.describe(d, response))
	}
	return response
}

// describe explains a decision. For a request without a credential, it adds why the viewer has
// not sent its cookies, or what the viewer did without getting any. For other requests, it adds which
// responses have set the cookies, and which cookies browsers drop, such as those of a renewal or a logout.
func (v *Viewer) describe(d edge.Decision, response *http.Response) string {
	switch {
	case d.Report == nil:
		return d.Reason
	case errors.Is(d.Report.Err, verify.ErrMissing):
		text := d.Report.String() + v.jar.unsent(response.Request.URL)
		if !v.jar.sawSigned() {
			text += v.history.before()
		}
		return text
	}
	return d.Report.String() + sentWith(response) + v.jar.dropped(response.Request.URL)
}
