// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/wire"
)

// A Viewer is somebody with a browser: a client with a cookie jar and an address.
// It is safe for concurrent use.
type Viewer struct {
	// Client connects to the server, whatever host name it is asked for:
	// without TLS on port 80, with TLS on all others. It follows redirects.
	Client *http.Client

	server *Server
}

// NewViewer returns another viewer, whose requests come from the address ip.
func (s *Server) NewViewer(ip netip.Addr) *Viewer {
	jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // which never fails
	return &Viewer{server: s, Client: &http.Client{Jar: jar, Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: s.authority.pool()},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.dial(ctx, ip, network, address)
		},
	}}}
}

// Get fetches a URL, of the distribution or of a host given to Handle. It fails the
// test if there is no response. The body has been read and can be read again; it
// need not be closed.
func (v *Viewer) Get(t testing.TB, rawURL string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, nil)
	if err != nil {
		t.Fatal("edgetest: the URL cannot be requested") // whose error would repeat it
	}
	response, err := v.Client.Do(request)
	if err != nil {
		t.Fatalf("edgetest: %s", wire.Redact(errors.Unwrap(err).Error()))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("edgetest: %v", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

// Allowed fetches a URL, and fails the test with the explanation unless the
// distribution lets the request through and the origin answers it with a status below
// 400. For other answers of the origin use Get and [Server.Decision].
func (v *Viewer) Allowed(t testing.TB, rawURL string) *http.Response {
	t.Helper()
	response := v.Get(t, rawURL)
	d := v.server.Decision(t, response)
	switch {
	case !d.Allowed:
		t.Errorf("edgetest: got %s, want the request to be allowed\n%s", response.Status, describe(d))
	case response.StatusCode >= http.StatusBadRequest:
		t.Errorf("edgetest: the distribution allowed the request, but the origin answered %s: is there such a file?", response.Status)
	}
	return response
}

// Denied fetches a URL, and fails the test with the explanation unless the
// distribution refuses the credential for reason, which is one of the sentinels of
// package verify.
func (v *Viewer) Denied(t testing.TB, rawURL string, reason error) *http.Response {
	t.Helper()
	if reason == nil {
		t.Fatal("edgetest: Denied needs a reason, such as verify.ErrExpired")
	}
	response := v.Get(t, rawURL)
	d := v.server.Decision(t, response)
	if d.Allowed || d.Report == nil || !errors.Is(d.Report.Err, reason) {
		t.Errorf("edgetest: got %s, want the credential to be denied: %v\n%s", response.Status, reason, describe(d))
	}
	return response
}

func describe(d edge.Decision) string {
	if d.Report != nil {
		return d.Report.String()
	}
	return d.Reason
}
