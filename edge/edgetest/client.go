// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"

	"golang.org/x/net/publicsuffix"
)

// NewClient returns another viewer, with a cookie jar of its own, whose requests
// come from the address ip. Whatever host name it is asked for, it connects to the
// server: without TLS on port 80, with TLS on all others. It follows redirects.
func (s *Server) NewClient(ip netip.Addr) *http.Client {
	jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // which never fails
	return &http.Client{Jar: jar, Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: s.authority.pool()},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.dial(ctx, ip, network, address)
		},
	}}
}

func (s *Server) dial(ctx context.Context, ip netip.Addr, network, address string) (net.Conn, error) {
	server := s.tls
	if _, port, _ := net.SplitHostPort(address); port == "80" {
		server = s.plain
	}
	// Nothing is sent before dial returns, so the server knows the address in time.
	connection, err := (&net.Dialer{}).DialContext(ctx, network, server)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers[connection.LocalAddr().String()] = ip
	return connection, nil
}
