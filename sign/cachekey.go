// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"net/netip"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A cacheKey is what a cache hands out policies for: all of a policy but its expiry.
// With it and the number of the key, it names one signed policy. It is comparable.
type cacheKey struct {
	canned    bool
	cannedURL string
	resource  policy.Resource
	notBefore int64        // epoch seconds; 0: no such condition
	sourceIP  netip.Prefix // not valid: no such condition
	expires   int64        // epoch seconds; 0: not known yet
	keyNumber int          // the number of the key that is active
}

func cannedKey(rawURL string) cacheKey { return cacheKey{canned: true, cannedURL: rawURL} }

// customKey refuses conditions that would get lost in a right.
func customKey(r policy.Resource, c policy.Conditions) (cacheKey, error) {
	if !c.Expires.IsZero() {
		return cacheKey{}, refuse(ErrLifetime, "the cache sets Expires: leave it out")
	}
	k := cacheKey{resource: r}
	if !c.NotBefore.IsZero() {
		if c.NotBefore.Unix() <= 0 {
			return cacheKey{}, refuse(policy.ErrExpiry, "NotBefore is not after 1970")
		}
		k.notBefore = c.NotBefore.Unix()
	}
	if c.SourceIP != nil {
		if !c.SourceIP.IsValid() {
			return cacheKey{}, refuse(policy.ErrSourceIP, "the range is the zero Prefix, perhaps of a failed parse: check its error, or leave SourceIP nil for anywhere")
		}
		k.sourceIP = *c.SourceIP
		if k.sourceIP.Bits() > 0 { // else policy.Custom wants to see what was written
			k.sourceIP = k.sourceIP.Masked()
		}
	}
	return k, nil
}

// policy returns the policy of the right. Its expiry is known.
func (k cacheKey) policy() (policy.Policy, error) {
	expires := time.Unix(k.expires, 0)
	if k.canned {
		return policy.Canned(k.cannedURL, expires)
	}
	c := policy.Conditions{Expires: expires}
	if k.notBefore != 0 {
		c.NotBefore = time.Unix(k.notBefore, 0)
	}
	if k.sourceIP.IsValid() {
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

// offset returns by how many seconds the windows of the right are shifted. It is the
// same in every process (FNV-1a).
func (k cacheKey) offset(window int64) int64 {
	const offsetBasis, prime = 14695981039346656037, 1099511628211
	hash := uint64(offsetBasis)
	for _, text := range [2]string{k.cannedURL, k.resource.String()} {
		for i := range len(text) {
			hash = (hash ^ uint64(text[i])) * prime
		}
	}
	return int64(hash % uint64(window))
}
