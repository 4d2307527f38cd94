// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"crypto"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// KeyPairID is the ID of the key of every server. The keys differ.
const KeyPairID = "K2EDGETEST"

// A Server is a distribution that listens on loopback, with what a test needs to
// use it. It is safe for concurrent use.
type Server struct {
	// Distribution decides. Change its configuration with Server.Update.
	Distribution *edge.Distribution
	// Signer signs what the distribution accepts, by the same clock.
	Signer *sign.Signer
	// Keys is the trusted key group with the signer's public key.
	Keys keys.Set
	// Clock is that of the distribution and the signer. It begins with the
	// current time. Cookie jars have the real one.
	Clock *Clock
	// Client is a viewer, at 192.0.2.1; see NewClient.
	Client *http.Client

	authority  *authority
	plain, tls string // addresses

	mu      sync.Mutex
	hosts   map[string]http.Handler
	viewers map[string]netip.Addr // by the client's end of the connection
	log     decisions
}

// New starts a server whose distribution serves origin to those alone who carry a
// credential of the server's key. It stops at the end of the test.
func New(t testing.TB, origin http.Handler) *Server {
	t.Helper()
	return NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: origin}})
}

// NewDistribution starts a server with the configuration c. Behaviors that are
// not public and trust no key group trust that of the server, and a nil Clock is
// that of the server. A fault in c fails the test.
func NewDistribution(t testing.TB, c edge.Config) *Server {
	t.Helper()
	s := &Server{Clock: &Clock{}, hosts: map[string]http.Handler{}, viewers: map[string]netip.Addr{}}
	if err := s.makeKeys(); err != nil {
		t.Fatal(err)
	}
	s.fillIn(&c)
	var err error
	if s.Distribution, err = edge.New(c); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	s.Client = s.NewClient(netip.MustParseAddr("192.0.2.1"))
	return s
}

// Update changes the configuration of the distribution, as NewDistribution makes
// it of c. A fault in c fails the test.
func (s *Server) Update(t testing.TB, c edge.Config) {
	t.Helper()
	s.fillIn(&c)
	if err := s.Distribution.Update(c); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) makeKeys() error {
	key, err := keys.GenerateECDSA()
	if err != nil {
		return err
	}
	if s.Signer, err = sign.New(KeyPairID, key, sign.Options{Clock: s.Clock.Now}); err != nil {
		return err
	}
	if s.Keys, err = keys.NewSet(map[string]crypto.PublicKey{KeyPairID: key.Public()}); err != nil {
		return err
	}
	s.authority, err = newAuthority()
	return err
}

// fillIn adds to c what it leaves to the server, and listens to the decisions.
func (s *Server) fillIn(c *edge.Config) {
	if c.Clock == nil {
		c.Clock = s.Clock.Now
	}
	c.Behaviors = slices.Clone(c.Behaviors)
	for i := range c.Behaviors {
		s.trust(&c.Behaviors[i])
	}
	s.trust(&c.Default)
	observe := c.Observe
	c.Observe = func(r *http.Request, d edge.Decision) {
		s.log.add(d)
		if observe != nil {
			observe(r, d)
		}
	}
}

func (s *Server) trust(b *edge.Behavior) {
	if !b.Public && len(b.TrustedKeyGroups) == 0 {
		b.TrustedKeyGroups = []keys.Set{s.Keys}
	}
}

// start listens with and without TLS until the end of the test.
func (s *Server) start(t testing.TB) {
	plain := httptest.NewServer(http.HandlerFunc(s.serve))
	secure := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	secure.TLS = &tls.Config{GetCertificate: s.authority.certificateFor}
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	s.plain, s.tls = plain.Listener.Addr().String(), secure.Listener.Addr().String()
}

// Handle has another handler than the distribution answer the requests for a host
// name, such as the application's that issues the cookies.
func (s *Server) Handle(host string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[host] = h
}

// serve hands a request to its host, with the address of the viewer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	s.mu.Lock()
	handler, ok := s.hosts[host]
	if viewer, known := s.viewers[r.RemoteAddr]; known {
		r.RemoteAddr = netip.AddrPortFrom(viewer, 50000).String()
	}
	s.mu.Unlock()
	if !ok {
		handler = s.Distribution
	}
	handler.ServeHTTP(w, r)
}
