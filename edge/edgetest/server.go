// SPDX-License-Identifier: Apache-2.0

package edgetest

import (
	"context"
	"crypto"
	"net/http"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// KeyPairID is the ID of the key of every server. The keys differ.
const KeyPairID = "K2EDGETEST"

// A Server is a distribution that listens on loopback, with what a test needs to
// use it. It is a Viewer itself, at 192.0.2.1. It is safe for concurrent use.
type Server struct {
	*Viewer
	// Distribution decides. Change its configuration with Server.Update.
	Distribution *edge.Distribution
	// Signer signs what the distribution accepts, by the same clock.
	Signer *sign.Signer
	// Keys is the trusted key group with the signer's public key.
	Keys keys.Set
	// Clock is that of the distribution and the signer. It begins with the
	// current time. Cookie jars have the real one.
	Clock *Clock

	network
	log decisions
}

// New starts a server whose distribution lets only requests that are signed with the
// server's key through to origin. It stops at the end of the test.
func New(t testing.TB, origin http.Handler) *Server {
	t.Helper()
	return NewDistribution(t, edge.Config{Default: edge.Behavior{Origin: origin}})
}

// NewDistribution starts a server with the configuration c. Behaviors that are
// not public and name no key group trust that of the server, and a nil Clock is
// that of the server. A fault in c fails the test.
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

// Update changes the configuration of the distribution, as NewDistribution makes
// it of c. A fault in c fails the test.
func (s *Server) Update(t testing.TB, c edge.Config) {
	t.Helper()
	s.fillIn(&c)
	if err := s.Distribution.Update(c); err != nil {
		t.Fatal(err)
	}
}

// Handle routes requests for a host name, on any port, to h instead of the
// distribution: such as to the application that issues the cookies.
func (s *Server) Handle(host string, h http.Handler) { s.handle(host, h) }

// Address returns the address of the listener with TLS, for what is not a Go client:
// a browser with --host-resolver-rules, or curl --connect-to. Its certificates are
// signed by an authority that nobody else knows.
func (s *Server) Address() string { return s.secure }

// SignedURL returns rawURL, signed with a canned policy for the given time from now,
// by the server's clock. What cannot be signed fails the test.
func (s *Server) SignedURL(t testing.TB, rawURL string, lifetime time.Duration) string {
	t.Helper()
	signedURL, err := s.Signer.URL(t.Context(), rawURL, s.Clock.Now().Add(lifetime))
	if err != nil {
		t.Fatal(err)
	}
	return signedURL
}

// Decision returns what the distribution decided about the request to which it
// answered response; after redirects that were followed, about the last one. It
// fails the test if the response came from elsewhere, or is older than the last
// 10,000 requests.
func (s *Server) Decision(t testing.TB, response *http.Response) edge.Decision {
	t.Helper()
	d, ok := s.log.get(response.Header.Get("X-Amz-Cf-Id"))
	if !ok {
		t.Fatalf("edgetest: no decision is known about this response, with the status %s: did it come from a host given to Handle?", response.Status)
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
	c.Observe = func(ctx context.Context, d edge.Decision) {
		if observe != nil {
			observe(ctx, d)
		}
		d.Request = nil // or the log would keep its body and its connection
		s.log.add(d)
	}
}

func (s *Server) trust(b *edge.Behavior) {
	if !b.Public && len(b.TrustedKeyGroups) == 0 {
		b.TrustedKeyGroups = []keys.Set{s.Keys}
	}
}
