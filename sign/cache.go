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

// CacheOptions change what [NewCache] does by default.
type CacheOptions struct {
	// Window is for how long the same right gives the same signed policy, in
	// whole seconds. A policy is valid for the lifetime that was promised and
	// up to a window and a second more. Zero: the lifetime.
	Window time.Duration
	// Size is how many signed policies are kept; the policy that was not used
	// for longest makes room. A right in use has two, one for this window and
	// one for the next, so Size should be twice the number of rights in use.
	// A policy takes about a kilobyte of memory. Each byte of the URL or
	// resource beyond the first hundred adds one byte for URL, and two and a
	// half for Sign. Zero: 10,000.
	Size int
	// Timeout is how long an operation of the key may take. The operation goes
	// on when the callers that wait for it give up. A key without a context
	// cannot be stopped, but callers wait no longer than the timeout and an
	// eighth more, their turn included. Zero: 30 seconds.
	Timeout time.Duration
	// Operations is how many key operations run at once for callers. Others
	// wait for their turn, in the order in which they were asked for; waiting
	// takes no goroutine but the callers' own. An operation that hangs keeps
	// its place until the key answers. After [Signer.Rotate] the new key has
	// places of its own. Up to four refreshes in the background come on top.
	// Zero: 64.
	Operations int
}

// A Cache signs a policy once and hands it out again for as long as it is valid for
// the promised lifetime at least: one operation of the key for each right and window,
// however many callers there are. In the second half of a window the policy for the
// next one is signed in the background, when the right is asked for, so that nobody waits at
// the border. The borders differ from right to right, so that not all of them are
// signed at once.
//
// The expiry depends on the right and the time alone: with keys of the standard
// library, all processes hand out the same URLs within a window, which browsers and
// proxies can cache. On the other hand a key that fails is noticed only at the end of
// a window; watch [CacheStats].
//
// After [Signer.Rotate], also if it names the same key again, everything is signed anew when
// it is asked for, and what was signed before is handed out no more. With a remote key
// that is a load as after a start: choose a quiet hour.
//
// A Cache is made by [NewCache] and is safe for concurrent use.
type Cache struct {
	signer           *Signer
	lifetime, window int64 // seconds
	timeout          time.Duration

	entries  *lru.Cache[cacheKey, *entry]
	flights  flights
	counters counters
}

// An entry is a signed policy.
type entry struct {
	signed SignedPolicy
	// refresh is the time, in epoch seconds, from which the next window's policy
	// may be signed, or tried again.
	refresh atomic.Int64
}

// NewCache returns a cache that signs with s and promises that what it hands out is
// valid for lifetime at least, in whole seconds. It returns [ErrLifetime] for a
// lifetime or window that is negative or has fractions of a second, a lifetime of zero,
// or a negative size, timeout or number of operations; [ErrBounds] if the lifetime, a
// window and a second are longer than the signer's bounds allow; and [ErrZeroValue] for a
// signer that was not made by [New].
func NewCache(s *Signer, lifetime time.Duration, o CacheOptions) (*Cache, error) {
	if s == nil || s.isZero() {
		return nil, errZeroSigner
	}
	if o.Window == 0 {
		o.Window = lifetime
	}
	if o.Size == 0 {
		o.Size = 10_000
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Operations == 0 {
		o.Operations = 64
	}
	if !isSeconds(lifetime) || !isSeconds(o.Window) {
		return nil, refuse(ErrLifetime, "a lifetime of %v and a window of %v: both are one second or more, and whole seconds", lifetime, o.Window)
	}
	if o.Size < 0 || o.Timeout < 0 || o.Operations < 0 {
		return nil, refuse(ErrLifetime, "a size of %d, a timeout of %v and %d operations: none of them may be negative", o.Size, o.Timeout, o.Operations)
	}
	if longest := lifetime + o.Window + time.Second; s.within.Lifetime != 0 && longest > s.within.Lifetime {
		return nil, refuse(ErrBounds, "a policy of the cache can be valid for %v, and Options.Within.Lifetime of the signer is %v: raise that, or choose a shorter lifetime or window", longest, s.within.Lifetime)
	}
	entries, err := lru.New[cacheKey, *entry](o.Size)
	if err != nil {
		return nil, fmt.Errorf("sign: cache: %w", err)
	}
	c := &Cache{
		signer: s, lifetime: int64(lifetime / time.Second), window: int64(o.Window / time.Second), timeout: o.Timeout,
		entries: entries,
	}
	c.flights = flights{
		most: o.Operations, patience: o.Timeout + o.Timeout/8, // A key that takes a context has ended by then.
		number: c.number, active: s.KeyPairID, operate: c.operate, report: c.report, counters: &c.counters,
		table: map[cacheKey]*flight{}, running: map[place]int{},
	}
	return c, nil
}

// Sign returns a signed custom policy for the URLs that r covers under the
// conditions c, whose Expires has to be zero, because the cache sets it.
//
// It returns the errors of [policy.Custom] and [Signer.Sign], [ErrLifetime] if
// c.Expires is set or the key is slower than a policy is valid, and
// context.DeadlineExceeded after the timeout. If ctx ends, the error wraps its error for
// this caller alone: an operation that has begun goes on. With a context that has already
// ended nothing is begun, and no kept policy is returned. The key gets a context made by
// the cache, with the timeout and without the values of ctx.
func (c *Cache) Sign(ctx context.Context, r policy.Resource, conditions policy.Conditions) (SignedPolicy, error) {
	k, err := customKey(r, conditions)
	if err != nil {
		return SignedPolicy{}, err
	}
	return c.sign(ctx, k)
}

// URL returns rawURL signed with a canned policy. It returns the errors of
// [policy.Canned] and those of Sign.
func (c *Cache) URL(ctx context.Context, rawURL string) (string, error) {
	signed, err := c.sign(ctx, cannedKey(rawURL))
	if err != nil {
		return "", err
	}
	return signed.URL(rawURL)
}

// String returns the key pair ID in a form for people.
func (c *Cache) String() string { return "sign.Cache(" + c.signer.KeyPairID() + ")" }

// Format writes String, whatever the verb. The names of the operations under way have
// queries.
func (c *Cache) Format(f fmt.State, verb rune) { wire.Format(f, verb, c.String()) }

func (c *Cache) sign(ctx context.Context, k cacheKey) (SignedPolicy, error) {
	if ctx == nil {
		return SignedPolicy{}, errNoContext
	}
	if err := ctx.Err(); err != nil {
		return SignedPolicy{}, fmt.Errorf("sign: %w", err)
	}
	now := c.now()
	k.expires, k.keyNumber = c.expiry(k, now), c.number()
	if found, ok := c.entries.Get(k); ok {
		c.counters.hits.Add(1)
		c.refresh(k, found, now)
		return found.signed, nil
	}
	return c.signNew(ctx, k)
}

// number returns the number of the key that is active.
func (c *Cache) number() int { return c.signer.keyring.Load().active.number }

// signNew returns a policy that is not in the cache, once it is signed. A key that is
// slow may need until the next window.
func (c *Cache) signNew(ctx context.Context, k cacheKey) (SignedPolicy, error) {
	const attempts = 3
	for range attempts {
		found, err := c.wait(ctx, k)
		if err != nil {
			return SignedPolicy{}, err
		}
		current := c.expiry(k, c.now())
		if current == k.expires {
			return found.signed, nil
		}
		k.expires = current
	}
	return SignedPolicy{}, refuse(ErrLifetime, "the key needs longer to sign a policy than it may be handed out: promise a longer lifetime, or a longer window")
}

// wait takes part in the one operation for k.
func (c *Cache) wait(ctx context.Context, k cacheKey) (*entry, error) {
	if err := ctx.Err(); err != nil { // It may have ended while the time was read.
		return nil, fmt.Errorf("sign: %w", err)
	}
	if _, err := k.policy(); err != nil { // It would fail as well after its turn had come.
		c.counters.errors.Add(1)
		return nil, err
	}
	active := c.signer.keyring.Load().active // before joining, so that no replacement is missed
	f, first := c.flights.join(k)
	late := time.NewTimer(c.flights.patience)
	defer late.Stop()
	for {
		select {
		case <-active.replaced: // The new key has places of its own.
			active = c.signer.keyring.Load().active
			c.flights.wake()
		case <-ctx.Done():
			if c.flights.leave(f, false) {
				c.report(ctx, f)
			}
			return nil, fmt.Errorf("sign: %w", ctx.Err())
		case <-late.C:
			if c.flights.leave(f, true) {
				c.report(ctx, f)
			}
			return nil, errNoAnswer
		case <-f.done:
			if c.signer.observe != nil && c.flights.collect(f) {
				c.report(ctx, f)
			}
			if !first {
				c.counters.waits.Add(1)
			}
			return f.found, f.err
		}
	}
}

// operate signs the policy of a flight and keeps it, unless another flight has done so.
func (c *Cache) operate(f *flight) (*entry, error) {
	found, ok := c.entries.Peek(f.cacheKey)
	if !ok {
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
	k := f.cacheKey
	p, err := k.policy()
	if err != nil {
		return nil, err
	}
	// The operation does not end with its first caller, because others may wait for it.
	// Nor does it see the values of that caller's context, which some servers use again.
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	key, err := c.signer.keyFor(ctx, &p)
	if err != nil {
		return nil, err
	}
	f.signedBy = key.id
	signed, err := key.sign(ctx, &p)
	if err != nil {
		return nil, err
	}
	found := &entry{signed: SignedPolicy{newSecret(signed)}}
	found.refresh.Store(k.expires - c.lifetime - c.window/2)
	if c.entries.Add(k, found) {
		c.counters.evictions.Add(1)
	}
	k.expires -= 2 * c.window
	c.entries.Remove(k) // No caller can get it any more.
	return found, nil
}

// report tells Options.Observe of a flight, which has landed or has not answered in time.
func (c *Cache) report(ctx context.Context, f *flight) {
	if c.signer.observe == nil {
		return
	}
	c.signer.observe(ctx, c.flights.use(f))
}

// refresh signs the policy of the next window in the background if it is time. After
// a failure it is tried again a sixteenth of a window later, while the policy of this
// window is handed out.
func (c *Cache) refresh(k cacheKey, found *entry, now int64) {
	due := found.refresh.Load()
	if now < due || !found.refresh.CompareAndSwap(due, now+max(1, c.window/16)) {
		return
	}
	k.expires += c.window
	if !c.flights.refresh(k, found) {
		found.refresh.Store(now) // The next caller tries.
	}
}

// now returns the second that begins next, in which the fraction of this one is not
// missing from what was promised.
func (c *Cache) now() int64 { return c.signer.clock().Add(time.Second - 1).Unix() }

// expiry returns the end of the policy that k has at a time: the first border of k's
// windows that is a lifetime away at least.
func (c *Cache) expiry(k cacheKey, now int64) int64 {
	earliest := now + c.lifetime
	past := (earliest - k.offset(c.window)) % c.window
	if past < 0 {
		past += c.window
	}
	if past == 0 {
		return earliest
	}
	return earliest + c.window - past
}
