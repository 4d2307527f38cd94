// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"hash/fnv"
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A cacheKey names one signed policy in a [Cache]: all of the policy, and the key that
// signs it. It is comparable.
type cacheKey struct {
	canned       bool
	cannedURL    string
	resource     policy.Resource
	hasNotBefore bool
	notBefore    int64 // epoch seconds
	hasSourceIP  bool
	sourceIP     netip.Prefix
	expires      int64 // epoch seconds; 0: not known yet
	keyNumber    int   // the number of the active key
}

func cannedKey(rawURL string) cacheKey { return cacheKey{canned: true, cannedURL: rawURL} }

func customKey(r policy.Resource, c policy.Conditions) (cacheKey, error) {
	if !c.Expires.IsZero() {
		return cacheKey{}, refuse(ErrLifetime, "the cache sets Expires: leave it zero")
	}
	k := cacheKey{resource: r}
	if !c.NotBefore.IsZero() {
		// Times before 1970 are as invalid as 1970, and one of them would become the zero
		// time, which means no condition.
		k.hasNotBefore, k.notBefore = true, max(0, c.NotBefore.Unix())
	}
	if c.SourceIP != nil {
		k.hasSourceIP, k.sourceIP = true, *c.SourceIP
		if k.sourceIP.Bits() > 0 { // With 0 bits, policy.Custom checks the address as written.
			k.sourceIP = k.sourceIP.Masked()
		}
	}
	return k, nil
}

// policy returns the policy that k names. The expiry of k must be known.
func (k cacheKey) policy() (policy.Policy, error) {
	expires := time.Unix(k.expires, 0)
	if k.canned {
		return policy.Canned(k.cannedURL, expires)
	}
	c := policy.Conditions{Expires: expires}
	if k.hasNotBefore {
		c.NotBefore = time.Unix(k.notBefore, 0)
	}
	if k.hasSourceIP {
		c.SourceIP = &k.sourceIP
	}
	return policy.Custom(k.resource, c)
}

// name returns the resource or URL, without its query.
func (k cacheKey) name() string {
	if k.canned {
		return wire.WithoutQuery(k.cannedURL)
	}
	return wire.WithoutQuery(k.resource.String())
}

// A schedule says when the policies of a cache expire. It divides time into windows, and
// all policies for one window expire at the same time: a lifetime after the window's end.
// Policies for different resources have windows that begin at different times.
type schedule struct {
	lifetime, window int64 // seconds
}

// current returns k with the expiry for the window that now is in.
func (s schedule) current(k cacheKey, now int64) cacheKey {
	k.expires = now + s.lifetime
	past := (k.expires - s.offset(k)) % s.window
	if past < 0 {
		past += s.window
	}
	if past > 0 {
		k.expires += s.window - past
	}
	return k
}

// next returns k with the expiry for the next window.
func (s schedule) next(k cacheKey) cacheKey {
	k.expires += s.window
	return k
}

// beforeLast returns k with the expiry for the window before the last.
func (s schedule) beforeLast(k cacheKey) cacheKey {
	k.expires -= 2 * s.window
	return k
}

// refreshTime returns the middle of k's window. From then on, the policy for the next
// window may be signed.
func (s schedule) refreshTime(k cacheKey) int64 { return k.expires - s.lifetime - s.window/2 }

// offset returns by how many seconds the windows of k are shifted. It is the same in
// every process.
func (s schedule) offset(k cacheKey) int64 {
	hash := fnv.New64a()
	hash.Write([]byte(k.cannedURL))
	hash.Write([]byte(k.resource.String()))
	return int64(hash.Sum64() % uint64(s.window))
}
