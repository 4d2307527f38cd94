// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"context"
	"crypto"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/internal/localca"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// KeyPairID is the key pair ID of every server. Each server has its own key.
const KeyPairID = "K2EDGETEST"

// A Server is a distribution that listens on loopback, with a signer, a clock and a viewer for
// your test. The embedded Viewer has the address 192.0.2.1. Create a Server with [New] or
// [NewDistribution]: the zero Server panics. A Server is safe for concurrent use.
type Server struct {
	*Viewer
	// Distribution decides about requests. Change its configuration with Server.Update.
	Distribution *edge.Distribution
	// Signer signs with the key that the distribution trusts, and uses the same clock.
	Signer *sign.Signer
	// Keys is the trusted key group, with the signer's public key.
	Keys keys.Set
	// Clock is the clock of the distribution, the signer and the cookie jars of viewers. It
	// starts at the current time.
	Clock *Clock

	network
	log decisions
}

// New starts a server in front of origin, such as an edge.Bucket with the files of a test. The
// distribution allows only requests that are signed with the server's key. The server stops at
// the end of the test.
func New(t testing.TB, origin http.Handler) *Server {
	t.Helper()
	return NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: origin}})
}

// NewDistribution starts a server with the configuration c. A behavior that is not public
// and has no key group trusts Server.Keys. If c has no Clock, the distribution uses
// Server.Clock. If c is invalid, the test fails.
func NewDistribution(t testing.TB, c edge.Config) *Server {
	t.Helper()
	s := &Server{Clock: &Clock{}}
	s.hosts, s.viewers = map[string]http.Handler{}, map[string]netip.Addr{}
	if err := s.makeKeys(); err != nil {
		t.Fatal(err)
	}
	s.fillIn(&c)
	var err error
	if s.Distribution, err = edge.New(c); err != nil {
		t.Fatal(err)
	}
	s.others = s.Distribution
	s.start(t)
	s.Viewer = s.NewViewer(netip.MustParseAddr("192.0.2.1"))
	return s
}

// Update replaces the configuration of the distribution with c, and adds the defaults of
// [NewDistribution]. If c is invalid, the test fails.
func (s *Server) Update(t testing.TB, c edge.Config) {
	t.Helper()
	s.fillIn(&c)
	if err := s.Distribution.Update(c); err != nil {
		t.Fatal(err)
	}
}

// Handle passes the requests for a host name, on any port, to h instead of the distribution.
// Use it for the application that sets the cookies. The host must be ASCII, as it is in policies:
// otherwise, Handle panics.
func (s *Server) Handle(host string, h http.Handler) { s.handle(host, h) }

// Address returns the address of the listener with TLS, for clients other than
// [Viewer].Client. They get every host name there, and must trust the server: see
// "Other clients" in the package comment.
func (s *Server) Address() string { return s.secure }

// ProxyURL returns the URL of a proxy that leads every host name to the server, for clients
// that cannot map host names to [Server.Address]: Firefox, a browser that a driver starts, or a
// program that reads HTTPS_PROXY. Browsers do not use a proxy for localhost and the hosts below.
func (s *Server) ProxyURL() string { return "http://" + s.proxy }

// AuthorityPEM returns the certificate of the authority that issues the server's certificates
// for all host names, in PEM. Another Go client can add it to an x509.CertPool. The
// authority's key is only in memory, and the certificate is valid for 24 hours.
func (s *Server) AuthorityPEM() []byte {
	return s.authority.PEM()
}

// AuthorityFile writes [Server.AuthorityPEM] to a new file and returns its path. The file is
// removed at the end of the test.
func (s *Server) AuthorityFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "edgetest-ca.pem")
	if err := os.WriteFile(path, s.AuthorityPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// AuthorityKeyHash returns the hash of the authority's public key, for Chromium's
// --ignore-certificate-errors-spki-list.
func (s *Server) AuthorityKeyHash() string { return s.authority.KeyHash() }

// SignedURL returns rawURL, signed with a canned policy. The signed URL expires after
// lifetime, according to the server's clock. If rawURL cannot be signed, the test fails.
func (s *Server) SignedURL(t testing.TB, rawURL string, lifetime time.Duration) string {
	t.Helper()
	signedURL, err := s.Signer.URL(t.Context(), rawURL, s.Clock.Now().Add(lifetime))
	if err != nil {
		t.Fatal(err)
	}
	return signedURL
}

// Decision returns the decision about the request of a response. If the client followed
// redirects, this is the last request. The test fails if the response did not come from the
// distribution, or if the distribution has decided about 10,000 requests since.
func (s *Server) Decision(t testing.TB, response *http.Response) edge.Decision {
	t.Helper()
	d, ok := s.log.get(response.Header.Get("X-Amz-Cf-Id"))
	if !ok {
		t.Fatalf("edgetest: no decision is known about this response with the status %s: did it come from a host that was passed to Handle?", response.Status)
	}
	return d
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
	s.authority, err = localca.New("edgetest", 24*time.Hour)
	return err
}

// fillIn sets the server's defaults in c, and records the decisions.
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
	c.Observe = func(ctx context.Context, d edge.Decision) {
		if observe != nil {
			observe(ctx, d)
		}
		d.Request = nil // it would keep its body and its connection in memory
		s.log.add(d)
	}
}

func (s *Server) trust(b *edge.Behavior) {
	if !b.Public && len(b.TrustedKeyGroups) == 0 {
		b.TrustedKeyGroups = []keys.Set{s.Keys}
	}
}

// decisions are the latest decisions, by request ID.
type decisions struct {
	mu    sync.Mutex
	all   map[string]edge.Decision
	order []string
}

func (l *decisions) add(d edge.Decision) {
	const most = 10_000
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[string]edge.Decision{}
	}
	if len(l.order) == most {
		delete(l.all, l.order[0])
		l.order = l.order[1:]
	}
	l.all[d.RequestID] = d
	l.order = append(l.order, d.RequestID)
}

func (l *decisions) get(requestID string) (edge.Decision, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, ok := l.all[requestID]
	return d, ok
}

// A Clock is a running clock that you can move. The zero value shows the current time. It is
// safe for concurrent use.
type Clock struct {
	offset atomic.Int64 // nanoseconds
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// Advance moves the clock forward by d, or back if d is negative.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Set sets the clock to t. The clock runs on from there.
func (c *Clock) Set(t time.Time) { c.offset.Store(int64(time.Until(t))) }
