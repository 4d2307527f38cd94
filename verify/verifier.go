// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
)

// A Verifier decides what CloudFront would decide about signed URLs and signed
// cookies. The zero Verifier denies everything. It is safe for concurrent use;
// do not change its fields after the first use.
type Verifier struct {
	// Keys is the trusted key group. Zero: nobody is trusted.
	Keys keys.Set
	// AllowSHA1 accepts signatures over SHA-1 digests, as CloudFront does. It
	// takes a credential without a Hash-Algorithm for one of them. False:
	// SHA-256 only.
	AllowSHA1 bool
	// Clock returns the current time. Nil: time.Now.
	Clock func() time.Time
}

// Verify returns what r may do, or a [*DeniedError] with the first reason
// against it. The checks are, in order:
//
//  1. Credential: the URL, or else the cookies, have a key pair ID, a signature
//     and either a policy or an expiry, each once.
//  2. The key is trusted.
//  3. The signature decodes, and so does the policy; that of a canned
//     credential is rebuilt, for which expiry and URL have to be in order.
//  4. The hash is allowed, and the signature is that of the key over the policy
//     as it was received or rebuilt. Nothing in a policy is believed before that.
//  5. The policy can be read; see [policy.Parse].
//  6. It is before the policy's expiry and after its start, if it has one, in
//     whole seconds. CloudFront refuses the second of the start itself.
//  7. The viewer's address is in its range, if it has one.
//  8. It covers the URL; see [policy.Resource.Matches]. If only the wider of CloudFront's
//     readings covers it, or servers in use read its path in several ways, the reason is
//     [ErrAmbiguous] and not [ErrWrongResource].
//
// Where CloudFront's pages leave open what it does, or contradict each other, the
// request is denied with [ErrAmbiguous], whatever CloudFront may do.
//
// An ECDSA signature has a second form that verifies as well, so signatures are
// no unique identifiers. For all checks instead of the first that fails, see
// [Verifier.Explain].
func (v *Verifier) Verify(r Request) (Grant, error) {
	e := newExamination(v, r)
	for _, s := range steps {
		if err := s.check(e); err != nil {
			return Grant{}, err
		}
	}
	// A grant may be kept for long, and must not keep the request's memory with it.
	return Grant{policy: e.policy, keyPairID: strings.Clone(e.credential.values.get(wire.ParamKeyPairID)), url: strings.Clone(e.credential.url)}, nil
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
