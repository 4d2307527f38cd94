// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto"
	"embed"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/examples/internal/journal"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

//go:embed private
var private embed.FS

// A site is the application and the distribution, on one port under two names.
type site struct {
	http.Handler
	app, cdn  string // the URLs, without a slash at the end
	signer    *sign.Signer
	verifier  *verify.Verifier // decides as the distribution does
	decisions journal.Journal
	offset    atomic.Int64 // how far the site's clock is ahead
}

func newSite(key crypto.Signer, keyPairID string, address net.Addr) (*site, error) {
	s := &site{}
	s.app, s.cdn = localhost.URLs(address.String())
	users, err := policy.Directory(s.cdn + "/users/")
	if err != nil {
		return nil, err
	}
	// The signer refuses everything else, even if the application has a bug.
	within := sign.Bounds{Resources: []policy.Resource{users}, Lifetime: lifetime}
	if s.signer, err = sign.New(keyPairID, key, sign.Options{Clock: s.now, Within: within}); err != nil {
		return nil, err
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{keyPairID: key.Public()})
	if err != nil {
		return nil, err
	}
	s.verifier = &verify.Verifier{Keys: trusted, Clock: s.now}
	s.decisions.Clock = s.now
	distribution, err := s.newDistribution(trusted)
	if err != nil {
		return nil, err
	}
	s.Handler = localhost.Split(s.newApplication(), distribution)
	return s, nil
}

// newDistribution returns a handler that stands for CloudFront, with a folder instead of
// the bucket. It explains its decisions, which CloudFront does not.
func (s *site) newDistribution(trusted keys.Set) (*edge.Distribution, error) {
	bucket, err := fs.Sub(private, "private")
	if err != nil {
		return nil, err
	}
	return edge.New(edge.Config{
		Default: edge.Behavior{
			Origin:               edge.Bucket(bucket),
			TrustedKeyGroups:     []keys.Set{trusted},
			ViewerProtocolPolicy: edge.AllowAll, // There is no TLS on this machine.
		},
		Clock:   s.now,
		Debug:   true,
		Logger:  slog.New(slog.DiscardHandler),
		Observe: s.decisions.Add,
	})
}

// now is the time of the application and the distribution.
func (s *site) now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }
