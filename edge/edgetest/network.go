// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// A network connects viewers with handlers: it has two listeners on loopback, the handlers of
// host names, and the addresses of viewers.
type network struct {
	authority     *authority
	plain, secure string // addresses of the listeners without and with TLS

	mu      sync.Mutex
	hosts   map[string]http.Handler
	others  http.Handler
	viewers map[string]netip.Addr // by the client's end of the connection
}

// start starts the listeners. They stop at the end of the test.
func (n *network) start(t testing.TB) {
	plain := n.listener()
	plain.Start()
	secure := n.listener()
	loopback, err := n.authority.certificateFor(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	secure.TLS = &tls.Config{GetCertificate: n.authority.certificateFor, Certificates: []tls.Certificate{*loopback}}
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	n.plain, n.secure = plain.Listener.Addr().String(), secure.Listener.Addr().String()
}

func (n *network) listener() *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(n.serve))
	server.Config.ConnState = func(connection net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			n.forget(connection.RemoteAddr().String())
		}
	}
	return server
}

// serve passes a request to the handler of its host, with the address of the viewer.
func (n *network) serve(w http.ResponseWriter, r *http.Request) {
	handler := n.handler(r.Host)
	n.mu.Lock()
	viewer, ok := n.viewers[r.RemoteAddr]
	n.mu.Unlock()
	if ok {
		r.RemoteAddr = netip.AddrPortFrom(viewer, 50000).String()
	}
	handler.ServeHTTP(w, r)
}

func (n *network) handle(host string, h http.Handler) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[hostname(host)] = h
}

func (n *network) handler(host string) http.Handler {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h, ok := n.hosts[hostname(host)]; ok {
		return h
	}
	return n.others
}

// hostname returns a host without its port, in lower case and without a dot at its end.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// dial connects a viewer. The client sends nothing before dial returns, so the server knows the
// viewer's address in time.
func (n *network) dial(ctx context.Context, ip netip.Addr, protocol, address string) (net.Conn, error) {
	server := n.secure
	if _, port, _ := net.SplitHostPort(address); port == "80" {
		server = n.plain
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, protocol, server)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.viewers[connection.LocalAddr().String()] = ip
	return connection, nil
}

func (n *network) forget(client string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.viewers, client)
}

// An authority issues a certificate for each host name that a client asks for. Its key is only
// in memory.
type authority struct {
	key         crypto.Signer
	certificate *x509.Certificate

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &authority{key: key, leaves: map[string]*tls.Certificate{}}
	template := newTemplate("edgetest")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	a.certificate, err = x509.ParseCertificate(der)
	return a, err
}

func newTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
}

// pool returns the certificates that a client must trust.
func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// certificateFor returns the certificate of the host name in hello.
func (a *authority) certificateFor(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf, ok := a.leaves[hello.ServerName]; ok {
		return leaf, nil
	}
	template := newTemplate("edgetest leaf")
	template.DNSNames = []string{hello.ServerName}
	if hello.ServerName == "" { // the client uses an address as the host
		template.DNSNames, template.IPAddresses = nil, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, a.key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
	a.leaves[hello.ServerName] = leaf
	return leaf, nil
}
