// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"embed"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

//go:embed private
var private embed.FS

// domain is the parent of both hosts, which share the cookies. Names below
// localhost lead to this machine in browsers.
const domain = "cfsign.localhost"

// A site is the application and the distribution, on one port under two names.
type site struct {
	http.Handler
	app, cdn  string // the URLs, without a slash at the end
	signer    *sign.Signer
	decisions *journal
	offset    atomic.Int64 // by how much the site's clock is ahead
}

func newSite(key crypto.Signer, keyPairID string, address net.Addr) (*site, error) {
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return nil, err
	}
	s := &site{app: "http://app." + domain + ":" + port, cdn: "http://cdn." + domain + ":" + port, decisions: &journal{}}
	users, err := policy.Directory(s.cdn + "/users/")
	if err != nil {
		return nil, err
	}
	// Whatever the application asks for, nothing else is signed, nor for longer.
	within := sign.Bounds{Resources: []policy.Resource{users}, Lifetime: lifetime}
	if s.signer, err = sign.New(keyPairID, key, sign.Options{Clock: s.now, Within: within}); err != nil {
		return nil, err
	}
	distribution, err := s.newDistribution(key.Public())
	if err != nil {
		return nil, err
	}
	application := s.newApplication()
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "cdn.") {
			distribution.ServeHTTP(w, r)
		} else {
			application.ServeHTTP(w, r)
		}
	})
	return s, nil
}

// newDistribution returns what in production is CloudFront, with the folder in
// place of the bucket. It explains itself, which CloudFront does not.
func (s *site) newDistribution(public crypto.PublicKey) (*edge.Distribution, error) {
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{s.signer.KeyPairID(): public})
	if err != nil {
		return nil, err
	}
	bucket, err := fs.Sub(private, "private")
	if err != nil {
		return nil, err
	}
	return edge.New(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(bucket),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll, // there is no TLS on this machine
		},
		Clock:   s.now,
		Debug:   true,
		Logger:  slog.New(slog.DiscardHandler),
		Observe: s.decisions.add,
	})
}

// now is the time of the application and the distribution.
func (s *site) now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }
