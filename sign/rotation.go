// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"crypto"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// A RetiredKey is one that a [Signer] has signed with before another took its place.
type RetiredKey struct {
	// KeyPairID is its ID.
	KeyPairID string
	// Expires is when the last policy expires that it was asked to sign by this
	// signer, in whole seconds and UTC, whether or not the key did.
	Expires time.Time
}

// Rotate makes the signer sign with another key from now on, while it is used: what
// begins after Rotate has returned is signed with the new key, and what had begun
// before with either. Nothing that signs waits for it. Of several calls at once, the one
// that ends last decides.
//
// CloudFront must trust the new public key before, at all edge locations, or viewers get a
// 403. It must trust the old one until everything that was signed with it has expired,
// which is what [Signer.RetiredKeys] is for.
//
// The new key has to make one signature first, over a policy for nothing, and a key that
// fails changes nothing. Rotate returns the errors of [New] and of [Signer.Sign], and
// [keys.ErrMismatch] if the signer still knows keyPairID as the ID of another key. The ID
// and key that it has already are fine, as is going back to a retired one: the
// crypto.Signer of this call is used from then on.
//
// Source: "Specify signers that can create signed URLs and signed cookies", on rotating
// key pairs.
func (s *Signer) Rotate(ctx context.Context, keyPairID string, key crypto.Signer) error {
	if s == nil || s.isZero() {
		return refuse(ErrZeroValue, "make the signer with New")
	}
	if ctx == nil {
		return refuse(ErrZeroValue, "hand over a context, such as context.Background()")
	}
	if err := keys.CheckID(keyPairID); err != nil {
		return err
	}
	public, err := keys.Public(key)
	if err != nil {
		return err
	}
	next := newPrivateKey(newPublicKey(keyPairID, public), key, s.hash)
	if err := s.try(ctx, next); err != nil {
		return fmt.Errorf("sign: the new key %s is not used: %w", keyPairID, err)
	}
	return s.replace(next)
}

func (s *Signer) replace(next *privateKey) error {
	now := s.clock().Unix()
	s.rotation.Lock()
	defer s.rotation.Unlock()
	current := s.ring.Load()
	rotated, err := current.rotated(next, now)
	if err != nil {
		return err
	}
	s.ring.Store(rotated)
	close(current.active.replaced)
	return nil
}

// try has a key sign a policy that nobody can use.
func (s *Signer) try(ctx context.Context, k *privateKey) error {
	nothing, err := policy.Canned("https://nothing.invalid/", time.Unix(1, 0))
	if err != nil {
		return err
	}
	_, err = s.use(ctx, k, &nothing)
	return err
}

// Trusted returns the public keys of all that the signer has signed and that has not
// expired by its clock: that of the key that signs now, and the retired ones. It is for
// verifiers in the same process, which ask for it anew for each request; with the few keys
// that a key group can have it costs next to nothing. The zero Signer has the set that
// trusts nobody.
//
// A key whose time is over is forgotten, also if the clock is set back afterwards.
func (s *Signer) Trusted() keys.Set {
	if s == nil || s.isZero() {
		return keys.Set{}
	}
	return s.current().trusted()
}

// RetiredKeys returns the keys that this signer does not use any more and that CloudFront has
// to trust until they expire, the latest first.
//
// A signer knows what it has signed itself, since the process was started. So a
// key can be removed from the key group when no process names it that was rotated, and when the
// longest lifetime of a policy has passed since any process ended that signed with it.
func (s *Signer) RetiredKeys() []RetiredKey {
	if s == nil || s.isZero() {
		return nil
	}
	var retired []RetiredKey
	for _, k := range s.current().retired {
		retired = append(retired, RetiredKey{KeyPairID: k.id, Expires: time.Unix(k.promised.Load(), 0).UTC()})
	}
	return retired
}

// current returns the ring without keys of which everything has expired.
func (s *Signer) current() *ring {
	now := s.clock().Unix()
	r := s.ring.Load()
	if r.without(now) == r {
		return r
	}
	s.rotation.Lock()
	defer s.rotation.Unlock()
	r = s.ring.Load().without(now)
	s.ring.Store(r)
	return r
}

// activeUntil returns the key that signs now, which is trusted until expires at least.
//
// It keeps the promise before it looks again whether the key is still the active one: so
// whoever replaces it finds the promise, and nothing is signed that is not trusted.
func (s *Signer) activeUntil(expires int64) *privateKey {
	for {
		key := s.ring.Load().active
		if s.reserve(key, expires) {
			return key
		}
	}
}

// reserve has a key promise, and reports whether it is still the active one.
func (s *Signer) reserve(key *privateKey, expires int64) bool {
	key.promise(expires)
	return s.ring.Load().active == key
}
