// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"slices"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// Bounds limit what a [Signer] may sign, so that a mistake elsewhere in the program
// cannot grant more: a URL that a request names, a policy that somebody sent, an expiry
// in the wrong unit. The zero Bounds have no limits.
type Bounds struct {
	// Resources are what may be signed: a policy's resource must be within one of
	// them, as [policy.Resource.Within] says. Nil: any resource.
	Resources []policy.Resource
	// Lifetime is the longest time from signing until a policy expires, in whole
	// seconds. A [Cache] needs a second and a window more than its own lifetime.
	// Zero: any time.
	Lifetime time.Duration
}

// checked returns a copy that nobody else can change, or an error for bounds that
// cannot be meant.
func (b Bounds) checked() (Bounds, error) {
	if b.Resources != nil && len(b.Resources) == 0 {
		return Bounds{}, refuse(ErrBounds, "Resources is an empty list, which allows nothing: name a resource, or leave it nil for any")
	}
	if slices.Contains(b.Resources, policy.Resource{}) {
		return Bounds{}, refuse(ErrBounds, "one of Resources is the zero Resource: check the error of its constructor")
	}
	if b.Lifetime != 0 && !isSeconds(b.Lifetime) {
		return Bounds{}, refuse(ErrBounds, "a Lifetime of %v: it must be one second or more, and whole seconds", b.Lifetime)
	}
	b.Resources = slices.Clone(b.Resources)
	return b, nil
}

// check refuses policies outside of the bounds.
func (b *Bounds) check(p *policy.Policy, now time.Time) error {
	isWithin := func(bound policy.Resource) bool { return p.Resource().Within(bound) }
	if b.Resources != nil && !slices.ContainsFunc(b.Resources, isWithin) {
		return refuse(ErrBounds, "the policy's resource is not within one of Options.Within.Resources: sign a URL of yours, or add the resource there")
	}
	if lifetime := p.Expires().Unix() - now.Unix(); b.Lifetime != 0 && lifetime > int64(b.Lifetime/time.Second) {
		return refuse(ErrBounds, "the policy expires in %d seconds, and Options.Within.Lifetime is %v: choose an earlier expiry, in seconds since 1970", lifetime, b.Lifetime)
	}
	return nil
}
