// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"sync"
	"time"
)

var (
	// ErrOptions: an option cannot be meant.
	ErrOptions = errors.New("unusable options")
	// ErrUser: there is no such user.
	ErrUser = errors.New("there is no such user")
	// ErrUse: a token is of another use than [UseAccess] and [UseID].
	ErrUse = errors.New("there is no such kind of token")
)

// Options are what an issuer needs to know. Only URL has no default.
type Options struct {
	// URL is the issuer's: http, a loopback address or localhost, the port on which it
	// is served, and perhaps a path, as Cognito's have the ID of the user pool.
	URL string
	// ClientID is the app client of the tokens. Empty: [ClientID].
	ClientID string
	// Users are those who can have tokens. Nil: [DemoUsers].
	Users []User
	// Lifetime is that of a token, in whole seconds. Zero: an hour, as Cognito's.
	Lifetime time.Duration
	// Clock tells the time. Nil: [time.Now].
	Clock func() time.Time
	// NewKey makes a key to sign with. Nil: a new one of 2,048 bits. Tests may take
	// keys that they have already.
	NewKey func() (*rsa.PrivateKey, error)
}

// ClientID is the app client of an issuer that is told none.
const ClientID = "57cbishk4j24pabc1234567890"

// An Issuer issues tokens and says with which keys. It is safe for concurrent use.
type Issuer struct {
	url      *url.URL
	clientID string
	users    []User
	lifetime time.Duration
	clock    func() time.Time
	newKey   func() (*rsa.PrivateKey, error)
	mux      *http.ServeMux

	mu      sync.RWMutex
	current map[string]*signingKey // by use
	old     []*signingKey
}

// New returns an issuer with new keys. Its only reason of its own to fail is
// [ErrOptions].
func New(o Options) (*Issuer, error) {
	u, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	i := &Issuer{
		url: u, clientID: o.ClientID, users: append([]User(nil), o.Users...),
		lifetime: o.Lifetime, clock: o.Clock, newKey: o.NewKey,
	}
	if i.clientID == "" {
		i.clientID = ClientID
	}
	if o.Users == nil {
		i.users = DemoUsers()
	}
	if i.lifetime == 0 {
		i.lifetime = time.Hour
	}
	if i.lifetime < time.Second {
		return nil, fmt.Errorf("issuer: %w: Lifetime is %v: it takes a second or more", ErrOptions, i.lifetime)
	}
	if i.clock == nil {
		i.clock = time.Now
	}
	if i.newKey == nil {
		i.newKey = func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }
	}
	i.mux = i.routes()
	return i, i.RotateKeys()
}

// URL returns the issuer's URL, which is the claim iss of its tokens.
func (i *Issuer) URL() string { return i.url.String() }

// ClientID returns the app client for which the tokens are.
func (i *Issuer) ClientID() string { return i.clientID }

var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9_-]+)*$`)

// parseURL refuses what others could reach, because everybody knows the passwords.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.String() != raw || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !plainPath.MatchString(u.Path) {
		return nil, fmt.Errorf("issuer: %w: URL is %q: write one such as http://127.0.0.1:9229/local_pool", ErrOptions, raw)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("issuer: %w: URL has the host %q: it must be localhost or a loopback address", ErrOptions, u.Hostname())
	}
	return u, nil
}
