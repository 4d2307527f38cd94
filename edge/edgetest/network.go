// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/cfsign/cfsign/internal/localca"
)

// A network connects viewers with handlers: it has three listeners on loopback, the handlers of
// host names, and the addresses of viewers.
type network struct {
	authority     *localca.Authority
	plain, secure string // addresses of the listeners without and with TLS
	proxy         string // address of the proxy

	mu      sync.Mutex
	hosts   map[string]http.Handler
	others  http.Handler
	viewers map[string]netip.Addr // by the client's end of the connection
}

// start starts the listeners. They stop at the end of the test.
func (n *network) start(t testing.TB) {
	plain, proxy, secure := n.listener(n.serve), n.listener(n.serveProxy), n.listener(n.serve)
	// The proxy reads these addresses, so they are set before it starts.
	n.plain, n.proxy, n.secure = plain.Listener.Addr().String(), proxy.Listener.Addr().String(), secure.Listener.Addr().String()
	plain.Start()
	proxy.Start()
	loopback, err := n.authority.Certificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	secure.TLS = &tls.Config{GetCertificate: n.authority.Certificate, Certificates: []tls.Certificate{*loopback}}
	secure.EnableHTTP2 = true
	secure.StartTLS()
	for _, server := range []*httptest.Server{plain, proxy, secure} {
		t.Cleanup(server.Close)
	}
}

func (n *network) listener(serve http.HandlerFunc) *httptest.Server {
	server := httptest.NewUnstartedServer(serve)
	server.Config.ConnState = func(connection net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			n.forget(connection.RemoteAddr().String())
		}
	}
	return server
}

// serveProxy is for clients that cannot connect like a viewer. CloudFront is no proxy, so the other
// listeners have no tunnels.
func (n *network) serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		n.tunnel(w, r)
		return
	}
	n.serve(w, r)
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
	if !isASCII(host) {
		panic("edgetest: " + onlyASCII)
	}
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

// onlyASCII refuses a host. Without IDNA, the same host would have two names.
const onlyASCII = `the host must be ASCII: write it as Punycode, such as "xn--bcher-kva.example"`

func isASCII(host string) bool {
	return !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII })
}

// hostname returns a host without its port, in lower case, without the brackets of IPv6 and without
// a dot at its end.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
}

// tunnel connects a client of the proxy with the listener for the port that it wants, whatever
// the host.
func (n *network) tunnel(w http.ResponseWriter, r *http.Request) {
	client, buffered, _ := w.(http.Hijacker).Hijack() // it never fails without TLS, which is without HTTP/2
	defer client.Close()
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", n.listenerFor(r.Host))
	if err != nil {
		return // the test has ended
	}
	defer server.Close()
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n") // the client notices a failure
	go func() {
		_, _ = io.Copy(server, buffered)
		_ = server.(*net.TCPConn).CloseWrite() // a client that has stopped sending waits for the response
	}()
	_, _ = io.Copy(client, server)
}

// listenerFor returns the address of the listener for the port of an address.
func (n *network) listenerFor(address string) string {
	if _, port, _ := net.SplitHostPort(address); port == "80" {
		return n.plain
	}
	return n.secure
}

// dial connects a viewer. The client sends nothing before dial returns, so the server knows the
// viewer's address in time.
func (n *network) dial(ctx context.Context, ip netip.Addr, protocol, address string) (net.Conn, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, protocol, n.listenerFor(address))
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
