// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"net"
	"net/http"
	"testing/fstest"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// A site is an application that signs links, and the distribution that they lead to.
type site struct {
	url      string // of the distribution, without a slash at the end
	lifetime time.Duration
	signer   *sign.Signer

	distribution *edge.Distribution
	server       *http.Server
	group        map[string]crypto.PublicKey // the trusted key group
}

// newSite returns a site with one key pair.
func newSite(ctx context.Context, lifetime time.Duration) (*site, error) {
	key, err := keys.GenerateECDSA()
	if err != nil {
		return nil, err
	}
	s := &site{lifetime: lifetime, group: map[string]crypto.PublicKey{"KOLD": key.Public()}}
	if s.signer, err = sign.New("KOLD", key, sign.Options{}); err != nil {
		return nil, err
	}
	config, err := s.config()
	if err != nil {
		return nil, err
	}
	if s.distribution, err = edge.New(config); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.url = "http://" + listener.Addr().String()
	s.server = &http.Server{Handler: s.distribution, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // until it is closed
	return s, nil
}

func (s *site) close() { _ = s.server.Close() }

// config returns the distribution's configuration with the key group of now.
func (s *site) config() (edge.Config, error) {
	trusted, err := keys.NewSet(s.group)
	files := fstest.MapFS{"report.pdf": {Data: []byte("private")}}
	return edge.Config{Default: edge.Behavior{
		Origin:               edge.Bucket(files),
		TrustedKeyGroups:     []keys.Set{trusted},
		ViewerProtocolPolicy: edge.AllowAll, // there is no certificate here
	}}, err
}

// trust adds a public key to the key group: aws cloudfront create-public-key and
// update-key-group.
func (s *site) trust(keyPairID string, key crypto.PublicKey) error {
	s.group[keyPairID] = key
	return s.update()
}

// distrust removes a public key from the key group.
func (s *site) distrust(keyPairID string) error {
	delete(s.group, keyPairID)
	return s.update()
}

func (s *site) update() error {
	config, err := s.config()
	if err != nil {
		return err
	}
	return s.distribution.Update(config)
}

// link returns a link to the private file, and when it expires.
func (s *site) link(ctx context.Context) (signedURL string, expires time.Time, err error) {
	expires = s.signer.Now().Add(s.lifetime).Truncate(time.Second)
	signedURL, err = s.signer.URL(ctx, s.url+"/report.pdf", expires)
	return signedURL, expires, err
}

// get returns the status of the answer to a viewer who follows a link.
func (s *site) get(ctx context.Context, link string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, errors.Unwrap(err) // without the URL, which gives access
	}
	return response.StatusCode, response.Body.Close()
}
