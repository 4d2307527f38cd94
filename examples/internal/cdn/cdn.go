// SPDX-License-Identifier: Apache-2.0

// Package cdn runs a local CloudFront in front of private files, and viewers that fetch
// them.
package cdn

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// URL is where the files are, without a slash at the end. Only [CDN.Get] and
// [CDN.GetWithCookies] find them there.
const URL = "http://cdn.example.com"

// A CDN is a local CloudFront distribution whose files are all private.
type CDN struct {
	files        fs.FS
	clock        func() time.Time
	distribution edge.Distribution
	group        map[string]crypto.PublicKey // the trusted key group
	client       *http.Client
	stop         context.CancelFunc
}

// Start starts a distribution. It trusts no key yet, so it denies everything. A nil clock
// is [time.Now].
func Start(files fs.FS, clock func() time.Time) (*CDN, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &CDN{files: files, clock: clock, group: map[string]crypto.PublicKey{}, stop: stop}
	c.client = &http.Client{Transport: localhost.Transport(listener.Addr()), Timeout: 10 * time.Second}
	go func() { _ = localhost.Serve(ctx, listener, &c.distribution) }()
	return c, nil
}

// Close ends the distribution.
func (c *CDN) Close() {
	c.client.CloseIdleConnections()
	c.stop()
}

// Trust adds a public key to the trusted key group. On AWS, that is
// aws cloudfront create-public-key and update-key-group.
func (c *CDN) Trust(keyPairID string, key crypto.PublicKey) error {
	c.group[keyPairID] = key
	return c.update()
}

// Distrust removes a public key from the trusted key group.
func (c *CDN) Distrust(keyPairID string) error {
	delete(c.group, keyPairID)
	return c.update()
}

// TrustOnly replaces the public keys in the trusted key group.
func (c *CDN) TrustOnly(group map[string]crypto.PublicKey) error {
	c.group = maps.Clone(group)
	return c.update()
}

// Transport returns a transport that finds the files at [URL].
func (c *CDN) Transport() http.RoundTripper { return c.client.Transport }

// KeyGroup returns the IDs of the trusted keys.
func (c *CDN) KeyGroup() []string { return slices.Sorted(maps.Keys(c.group)) }

func (c *CDN) update() error {
	trusted, err := keys.NewSet(c.group)
	if err != nil {
		return err
	}
	return c.distribution.Update(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(c.files),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll, // There is no TLS on this machine.
		},
		Clock:  c.clock,
		Debug:  true, // Say why, which CloudFront does not.
		Logger: slog.New(slog.DiscardHandler),
	})
}

// An Answer is what a viewer gets.
type Answer struct {
	Status int
	Body   string
	Reason string // why the request was denied
}

// String returns the status, and the body or the reason.
func (a Answer) String() string {
	text := a.Body
	if a.Status != http.StatusOK {
		text = a.Reason
	}
	return fmt.Sprintf("%d %s: %s", a.Status, http.StatusText(a.Status), text)
}

// Get fetches a URL as a viewer without cookies does. No error contains the URL, which
// may give access.
func (c *CDN) Get(ctx context.Context, rawURL string) (Answer, error) {
	return c.GetWithCookies(ctx, rawURL, sign.CookieSet{})
}

// GetWithCookies fetches a URL as a viewer with cookies does.
func (c *CDN) GetWithCookies(ctx context.Context, rawURL string, cookies sign.CookieSet) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, http.NoBody)
	if err != nil {
		return Answer{}, errors.New("the URL is malformed")
	}
	for name, value := range cookies.All() {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := c.client.Do(request)
	if err != nil {
		return Answer{}, errors.Unwrap(err) // The outer error contains the URL.
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return Answer{
		Status: response.StatusCode,
		Body:   strings.TrimSpace(string(body)),
		Reason: response.Header.Get(edge.ExplanationHeader),
	}, err
}
