// SPDX-License-Identifier: Apache-2.0

package sessiontest

import (
	"crypto"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/cfsign/cfsign/edge"
	"github.com/cfsign/cfsign/edge/edgetest"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/sign"
)

// A site is a CDN with the files of alice and bob, and an application next to it.
type site struct {
	*edgetest.Server
	app App
	key *breakable
}

// NewSite returns a CDN with an application next to it, for your own tests of a framework.
func NewSite(t *testing.T, newApp func(*testing.T, *sign.Signer) App) *edgetest.Server {
	t.Helper()
	return newSite(t, newApp).Server
}

func newSite(t *testing.T, newApp func(*testing.T, *sign.Signer) App) *site {
	t.Helper()
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{edgetest.KeyPairID: key.Public()})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{key: &breakable{Signer: key}}
	s.Server = edgetest.NewDistribution(t, edge.Config{Default: edge.Behavior{
		Origin: edge.Bucket(fstest.MapFS{
			"users/alice/report.txt": {Data: []byte("alice's")},
			"users/bob/report.txt":   {Data: []byte("bob's")},
		}),
		TrustedKeyGroups: []keys.Set{trusted},
	}})
	signer, err := sign.New(edgetest.KeyPairID, s.key, sign.Options{Clock: s.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.app = newApp(t, signer)
	s.Handle("app.example.com", s.app.Handler)
	return s
}

// A breakable key signs until a test breaks it.
type breakable struct {
	crypto.Signer
	broken atomic.Bool
}

// Sign returns an error if the key is broken.
func (k *breakable) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.broken.Load() {
		return nil, errors.New("the key is broken")
	}
	return k.Signer.Sign(random, digest, opts)
}
