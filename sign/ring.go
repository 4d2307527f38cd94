// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"crypto"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cfsign/cfsign/keys"
)

// A publicKey is one that viewers may still show signatures of.
type publicKey struct {
	id     string
	public crypto.PublicKey
	// promised is the time, in epoch seconds, at which the last policy expires that the
	// key was asked to sign. All copies share it.
	promised *atomic.Int64
}

func newPublicKey(id string, public crypto.PublicKey) publicKey {
	return publicKey{id: strings.Clone(id), public: public, promised: &atomic.Int64{}}
}

// promise keeps in mind that a policy until expires is signed.
func (k publicKey) promise(expires int64) {
	for {
		known := k.promised.Load()
		if known >= expires || k.promised.CompareAndSwap(known, expires) {
			return
		}
	}
}

// isOver reports whether everything that the key signed has expired.
func (k publicKey) isOver(now int64) bool { return k.promised.Load() <= now }

// is reports whether both are the same key.
func (k publicKey) is(other publicKey) bool {
	return k.public.(interface{ Equal(crypto.PublicKey) bool }).Equal(other.public)
}

// A ring is the key that signs and those that did before. It is immutable, but for the
// promises.
type ring struct {
	active  *privateKey
	retired []publicKey // the latest first
	trusted func() keys.Set
}

func newRing(active *privateKey, retired []publicKey) *ring {
	r := &ring{active: active, retired: retired}
	r.trusted = sync.OnceValue(r.set)
	return r
}

// set returns the public keys of the ring.
func (r *ring) set() keys.Set {
	trusted := map[string]crypto.PublicKey{r.active.id: r.active.public}
	for _, k := range r.retired {
		trusted[k.id] = k.public
	}
	set, _ := keys.NewSet(trusted) // which were checked; an error would be a set that trusts nobody
	return set
}

// rotated returns the ring in which next is active and took the place of r's key.
func (r *ring) rotated(next *privateKey, now int64) (*ring, error) {
	r = r.without(now)
	next.number = r.active.number + 1
	known := append([]publicKey{r.active.publicKey}, r.retired...)
	for _, k := range known {
		if k.id != next.id {
			continue
		}
		if !k.is(next.publicKey) {
			return nil, refuse(keys.ErrMismatch, "%s is the ID of another key: CloudFront gives every public key an ID of its own", k.id)
		}
		next.promised = k.promised // it signs again, or another handle to it does
	}
	// The active key stays even if it has promised nothing: until the new ring is stored,
	// activeUntil makes promises for it. Whoever looks next removes it.
	retired := slices.DeleteFunc(known, func(k publicKey) bool { return k.id == next.id })
	return newRing(next, retired), nil
}

// without returns the ring without the keys that nobody needs any more, which is r if
// there is none.
func (r *ring) without(now int64) *ring {
	isOver := func(k publicKey) bool { return k.isOver(now) }
	if !slices.ContainsFunc(r.retired, isOver) {
		return r
	}
	return newRing(r.active, slices.DeleteFunc(slices.Clone(r.retired), isOver))
}
