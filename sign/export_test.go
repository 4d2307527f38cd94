// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"crypto"
	"io"

	"github.com/cfsign/cfsign/keys"
)

// NewUnchecked is New without the rules for keys, for published test vectors
// whose RSA key has 1024 bits.
func NewUnchecked(keyPairID string, key crypto.Signer, o Options) (*Signer, error) {
	return newSigner(keyPairID, key, key.Public(), o)
}

// NewTrusting is New for a foreign signer whose signatures are not verified,
// for measuring what the library itself costs.
func NewTrusting(keyPairID string, key crypto.Signer, o Options) (*Signer, error) {
	s, err := newSigner(keyPairID, key, key.Public(), o)
	if err == nil {
		s.keyring.Load().active.local = true
	}
	return s, err
}

// BeginSigning does what a goroutine does first that signs until expires. The function goes
// on, and reports whether it signs with the key that was active then.
func BeginSigning(s *Signer, expires int64) (goOn func() bool) {
	key := s.keyring.Load().active
	return func() bool { return s.reserve(key, expires) }
}

// RotatingKey returns the keys of s as one crypto.Signer: every operation is by the key
// that is active when it begins.
func RotatingKey(s *Signer) keys.ContextSigner { return rotatingKey{s} }

type rotatingKey struct{ signer *Signer }

func (k rotatingKey) Public() crypto.PublicKey { return k.signer.keyring.Load().active.public }

func (k rotatingKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.SignContext(context.Background(), digest, opts)
}

func (k rotatingKey) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if opts != k.signer.hash || len(digest) != k.signer.hash.Size() {
		return nil, ErrHash // a policy's digest cannot be another one
	}
	key := k.signer.reserveKey(k.signer.clock().Unix() + 1)
	return key.signDigest(ctx, digest, nil)
}

// Flights returns how many flights of c can be joined, are queued and hold a place.
func Flights(c *Cache) (joinable, queued, places int) {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	for _, n := range c.flights.running {
		places += n
	}
	return len(c.flights.table), c.flights.queue.Len(), places
}
