// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// A Verifier decides what CloudFront would decide about signed URLs and signed
// cookies. The zero Verifier denies everything. It is safe for concurrent use;
// do not change its fields after the first use.
type Verifier struct {
	// Keys is the trusted key group. Zero: no key is trusted.
	Keys keys.Set
	// AllowSHA1 also accepts signatures over SHA-1 digests, as CloudFront does. A
	// credential without Hash-Algorithm counts as SHA-1. False: SHA-256 only.
	AllowSHA1 bool
	// Clock returns the current time. Nil: time.Now.
	Clock func() time.Time
}

// Verify returns a [Grant] if r passes all checks, or a [*DeniedError] for the first
// check that fails. It makes these checks, in this order:
//
//  1. The URL, or else the cookies, must have a key pair ID, a signature, and
//     either a policy or an expiry, each once.
//  2. The key must be trusted.
//  3. The signature must decode, and so must the policy. A canned policy is rebuilt
//     instead: the expiry and the URL must be valid.
//  4. The hash must be allowed, and the key must have made the signature over the
//     policy as it was received or rebuilt. Verify trusts nothing in a policy before this
//     check.
//  5. The policy must be readable; see [policy.Parse].
//  6. The time must be before the policy's expiry and after its start, if it has
//     one, in whole seconds. CloudFront also denies the second of the start.
//  7. The viewer's address must be in the policy's range, if it has one.
//  8. The policy must cover the URL; see [policy.Resource.Matches]. If only the wider of
//     CloudFront's readings covers it, or servers in use read its path in several ways,
//     the reason is [ErrAmbiguous] and not [ErrWrongResource].
//
// If CloudFront's pages contradict each other, or do not say what CloudFront does, Verify
// denies the request with [ErrAmbiguous]. CloudFront may accept it.
//
// Do not use a signature as a unique identifier: an ECDSA signature has a second form
// that also verifies. To see the results of all checks, use [Verifier.Explain].
func (v *Verifier) Verify(r Request) (Grant, error) {
	e := v.evaluate(r)
	for _, name := range checks {
		if err := e.run(name); err != nil {
			return Grant{}, err
		}
	}
	return e.grant(), nil
}

// evaluate returns the evaluation of a request, before the first check.
func (v *Verifier) evaluate(r Request) *evaluation {
	return &evaluation{verifier: v, request: r, now: v.now()}
}

// grant returns what the request may do, after the last check. A Grant may be kept for
// long, so it must not hold on to the memory of the request.
func (e *evaluation) grant() Grant {
	id := e.credential.values.get(wire.ParamKeyPairID)
	texts := id + e.credential.url // both in one piece of memory
	return Grant{policy: e.policy, keyPairID: texts[:len(id)], url: texts[len(id):]}
}

func (v *Verifier) trusted(keyPairID string) (crypto.PublicKey, bool) {
	if v == nil {
		return nil, false
	}
	return v.Keys.Lookup(keyPairID)
}

func (v *Verifier) allows(hash crypto.Hash) bool {
	return hash != crypto.SHA1 || v != nil && v.AllowSHA1
}

func (v *Verifier) now() time.Time {
	if v == nil || v.Clock == nil {
		return time.Now()
	}
	return v.Clock()
}

// A Grant is the result of a verification that succeeded. Only [Verifier.Verify]
// makes one. The zero Grant grants nothing.
//
// fmt, encoding/json, encoding/xml and log/slog print String, which has no query. But
// if a Grant is in an unexported field of another type, fmt cannot call its methods
// and prints its fields, with the application's query but without a signature.
type Grant struct {
	policy    policy.Policy
	keyPairID string
	url       string
}

// Policy returns the policy that was signed: a canned one for a canned
// credential, or a custom one with the received bytes. For the zero Grant it
// returns the zero Policy.
func (g Grant) Policy() policy.Policy { return g.policy }

// KeyPairID returns the ID of the key that signed.
func (g Grant) KeyPairID() string { return g.keyPairID }

// URL returns the requested URL without the signing parameters. Pass this URL to the
// origin.
func (g Grant) URL() string { return g.url }

// String names the URL without its query, the key and the policy's expiry, such as
// "grant for https://cdn.example.com/a with K2JCJMDEHXQW5F until 2026-01-01T18:00:00Z".
func (g Grant) String() string {
	if g.keyPairID == "" {
		return "no grant"
	}
	return fmt.Sprintf("grant for %s with %s until %s", shownURL(g.url), g.keyPairID, g.policy.Expires().Format(time.RFC3339))
}

// Format writes String for every verb.
func (g Grant) Format(f fmt.State, verb rune) { wire.Format(f, verb, g.String()) }

// MarshalText returns String.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }
