// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A Cache signs a policy once and returns it again, as long as the policy is valid for
// the promised lifetime or longer. However many callers there are, each resource and
// window costs one operation of the key. If you use a resource in the second half of a
// window, the cache signs the policy for the next window in the background, so that no
// caller waits when the window ends. Windows of different resources end at different
// times, so that the policies are not all signed at once.
//
// The expiry only depends on the request and the time. So with keys of the standard
// library, all processes return the same URLs within a window, and browsers and proxies
// can cache them. For other keys, you get the same with [CacheOptions].Store. But while a
// window lasts, the cache hides a failing key: watch [CacheStats], or set [Options].Observe.
//
// After [Signer.Rotate], even with the same key, the cache no longer returns the
// policies that it signed before. It signs each policy again when a caller asks for it.
// With a remote key, this is as much load as after a restart: choose a quiet hour. A Store
// still returns the signatures with the same key pair ID that the new key can verify.
//
// Create a Cache with [NewCache]: the zero Cache panics. A Cache is safe for concurrent
// use.
type Cache struct {
	signer   *Signer
	schedule schedule
	timeout  time.Duration

	entries  *lru.Cache[cacheKey, *entry]
	sharing  *sharing // nil: each process signs for itself
	flights  flights
	counters counters
}

// An entry is a signed policy in the cache.
type entry struct {
	signed SignedPolicy
	// refresh is when the policy for the next window may be signed, or tried again, in
	// epoch seconds.
	refresh atomic.Int64
}

// NewCache returns a cache that signs with s. Every signed policy that it returns is
// valid for lifetime or longer. lifetime is in whole seconds.
//
// NewCache returns [ErrLifetime] if lifetime or the window is not one second or more in
// whole seconds, if an option is negative, or if StoreTimeout is out of range. It returns
// [ErrBounds] if a lifetime, a window and a second exceed the bounds of s, and
// [ErrZeroValue] for a nil or zero Signer.
func NewCache(s *Signer, lifetime time.Duration, o CacheOptions) (*Cache, error) {
	if s == nil || s.isZero() {
		return nil, errZeroSigner
	}
	o = o.withDefaults(lifetime)
	if err := o.check(lifetime, s.within.Lifetime); err != nil {
		return nil, err
	}
	entries, err := lru.New[cacheKey, *entry](o.Size)
	if err != nil {
		return nil, fmt.Errorf("sign: cache: %w", err)
	}
	c := &Cache{
		signer: s, timeout: o.Timeout, entries: entries,
		schedule: schedule{lifetime: int64(lifetime / time.Second), window: int64(o.Window / time.Second)},
	}
	c.flights = flights{
		most: o.Operations, patience: o.patience(),
		signer: s, operate: c.operate, counters: &c.counters,
		table: map[cacheKey]*flight{}, running: map[place]int{},
	}
	if o.Store != nil {
		c.sharing = newSharing(o, &c.counters)
		c.flights.find = func(k cacheKey) *entry { return c.findShared(k, c.sharing.find) }
	}
	return c, nil
}

// SignResource returns a signed custom policy for r under the conditions. Expires must be
// zero, because the cache sets it.
//
// SignResource returns the errors of [Signer.SignResource]. It returns [ErrLifetime]
// if Expires is set, or if the key takes longer than a window to sign. If the key does not
// answer within the timeout, the error wraps context.DeadlineExceeded.
//
// If ctx ends, SignResource returns at once with an error that wraps the error of ctx. An
// operation that has begun goes on for the other callers. If ctx has ended before the
// call, SignResource begins nothing, and does not return a policy from the cache either. The
// key gets another context, with the timeout and without the values of ctx.
func (c *Cache) SignResource(ctx context.Context, r policy.Resource, conditions policy.Conditions) (SignedPolicy, error) {
	k, err := customKey(r, conditions)
	if err != nil {
		return SignedPolicy{}, err
	}
	return c.sign(ctx, k)
}

// URL returns rawURL, signed with a canned policy. The signed URL is valid for the
// lifetime of the cache or longer. URL returns the errors of [policy.Canned] and
// [Cache.SignResource].
func (c *Cache) URL(ctx context.Context, rawURL string) (string, error) {
	signed, err := c.sign(ctx, cannedKey(rawURL))
	if err != nil {
		return "", err
	}
	return signed.URL(rawURL)
}

// String returns a text with the key pair ID.
func (c *Cache) String() string { return "sign.Cache(" + c.signer.KeyPairID() + ")" }

// Format writes String for every verb, because the keys of the cache contain queries.
func (c *Cache) Format(f fmt.State, verb rune) { wire.Format(f, verb, c.String()) }

func (c *Cache) sign(ctx context.Context, k cacheKey) (SignedPolicy, error) {
	if ctx == nil {
		return SignedPolicy{}, errNoContext
	}
	if err := ctx.Err(); err != nil {
		return SignedPolicy{}, fmt.Errorf("sign: %w", err)
	}
	now := c.now()
	k = c.schedule.current(k, now)
	k.keyNumber = c.signer.keyring.Load().active.number
	if found, ok := c.entries.Get(k); ok {
		c.counters.hits.Add(1)
		c.refresh(k, found, now)
		return found.signed, nil
	}
	return c.signNew(ctx, k)
}

// signNew returns a policy that is not in the cache, once it is signed. A slow key may
// need until the next window.
func (c *Cache) signNew(ctx context.Context, k cacheKey) (SignedPolicy, error) {
	const attempts = 3
	for range attempts {
		found, err := c.flights.wait(ctx, k)
		if err != nil {
			return SignedPolicy{}, err
		}
		current := c.schedule.current(k, c.now())
		if current == k {
			return found.signed, nil
		}
		k = current
	}
	return SignedPolicy{}, refuse(ErrLifetime, "the key takes longer than a window to sign a policy: choose a longer window")
}

// refresh signs the policy for the next window in the background, if it is time. After a
// failure, it tries again a sixteenth of a window later. Until then, callers get the
// policy for this window.
func (c *Cache) refresh(k cacheKey, found *entry, now int64) {
	due := found.refresh.Load()
	if now < due || !found.refresh.CompareAndSwap(due, now+max(1, c.schedule.window/16)) {
		return
	}
	if !c.flights.refresh(c.schedule.next(k), found) {
		found.refresh.Store(now) // The next caller tries.
	}
}

// operate signs the policy of a flight and keeps it, unless another flight has done so.
func (c *Cache) operate(f *flight) (*entry, error) {
	found, ok := c.entries.Peek(f.cacheKey)
	switch {
	case ok || c.sharing == nil:
	case f.place.refresh:
		found = c.findShared(f.cacheKey, c.sharing.find)
	case time.Since(f.askedAt) >= firstPoll: // Another process may have signed while the flight was queued.
		found = c.findShared(f.cacheKey, c.sharing.findAgain)
	}
	if found == nil {
		var err error
		if found, err = c.signOnce(f); err != nil {
			return nil, err
		}
	}
	if f.renews != nil {
		f.renews.refresh.Store(math.MaxInt64)
	}
	return found, nil
}

func (c *Cache) signOnce(f *flight) (*entry, error) {
	if f.place.refresh {
		c.counters.refreshes.Add(1)
	} else {
		c.counters.misses.Add(1)
	}
	// The operation does not end with its first caller, because others may wait for it.
	// It does not see the values of that caller's context either, because some servers
	// use them again for other requests.
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	p, key, err := c.prepare(ctx, f.cacheKey)
	if err != nil {
		return nil, err
	}
	f.signedBy = key.id
	signature, err := key.signature(ctx, &p)
	if err != nil {
		return nil, err
	}
	if c.sharing != nil {
		f.share = func() { c.sharing.save(key, &p, signature) }
	}
	return c.keep(f.cacheKey, newSignedQuery(&p, key, signature)), nil
}

// findShared returns the entry for k if find returns the signature of another process, or nil.
// It keeps the entry.
func (c *Cache) findShared(k cacheKey, find func(*privateKey, *policy.Policy) []byte) *entry {
	p, key, err := c.prepare(context.Background(), k)
	if err != nil {
		return nil // The caller signs, and gets the same error.
	}
	signature := find(key, &p)
	if signature == nil {
		return nil
	}
	return c.keep(k, newSignedQuery(&p, key, signature))
}

// prepare returns the policy that k names, and the key that signs it.
func (c *Cache) prepare(ctx context.Context, k cacheKey) (policy.Policy, *privateKey, error) {
	p, err := k.policy()
	if err != nil {
		return policy.Policy{}, nil, err
	}
	key, err := c.signer.keyFor(ctx, &p)
	return p, key, err
}

// keep adds a signed policy to the cache.
func (c *Cache) keep(k cacheKey, signed signedQuery) *entry {
	found := &entry{signed: SignedPolicy{newSecret(signed)}}
	found.refresh.Store(c.schedule.refreshTime(k))
	if c.entries.Add(k, found) {
		c.counters.evictions.Add(1)
	}
	c.entries.Remove(c.schedule.beforeLast(k)) // No caller can get that policy any more.
	return found
}

// now returns the second that begins next. So the lifetime of a policy is not short by a
// fraction of this second.
func (c *Cache) now() int64 { return c.signer.clock().Add(time.Second - 1).Unix() }
