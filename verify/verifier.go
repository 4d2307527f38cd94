// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
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
//  1. Shape: the URL, or else the cookies, have a key pair ID, a signature and
//     either a policy or an expiry, each once.
//  2. The key is trusted.
//  3. The signature decodes, its hash is allowed, and it is that of the key over
//     the policy as it was received, or as CloudFront rebuilds it for a canned
//     one, for which expiry and URL have to be in order. Nothing in a policy is
//     believed before that.
//  4. The policy can be read; see [policy.Parse].
//  5. It is after its start, if it has one, and before its expiry, in whole
//     seconds. CloudFront refuses the second of the start itself.
//  6. The viewer's address is in its range, if it has one.
//  7. It covers the URL; see [policy.Resource.Matches].
//
// Where CloudFront's pages leave open what it does, or contradict each other, the
// request is denied with [ErrAmbiguous], whatever CloudFront may do.
//
// An ECDSA signature has a second form that verifies as well, so signatures are
// no unique identifiers.
func (v *Verifier) Verify(r Request) (Grant, error) {
	c, err := credentialOf(r)
	if err != nil {
		return Grant{}, err
	}
	if err := c.checkShape(); err != nil {
		return Grant{}, err
	}
	p, err := v.authenticate(c)
	if err != nil {
		return Grant{}, err
	}
	if err := v.checkTime(p); err != nil {
		return Grant{}, err
	}
	if err := checkIP(p, r.ViewerIP); err != nil {
		return Grant{}, err
	}
	if err := checkResource(p, c); err != nil {
		return Grant{}, err
	}
	return Grant{policy: p, keyPairID: c.values[wire.ParamKeyPairID], url: c.url}, nil
}

// authenticate returns the policy of c if its signature is right.
func (v *Verifier) authenticate(c credential) (policy.Policy, error) {
	proof, err := v.proofOf(c)
	if err != nil {
		return policy.Policy{}, err
	}
	if c.isCanned() {
		p, err := c.cannedPolicy()
		if err == nil {
			err = proof.check(p.JSON())
		}
		return p, err
	}
	document, err := wire.Decode(c.values[wire.ParamPolicy])
	if err != nil {
		return policy.Policy{}, denyBecause(CodeMalformedPolicy, ErrMalformedPolicy, err)
	}
	if err := proof.check(document); err != nil {
		return policy.Policy{}, err
	}
	p, err := policy.Parse(document)
	if err != nil {
		return policy.Policy{}, denyPolicy(err)
	}
	return p, nil
}

// denyPolicy tells what CloudFront is known to call malformed from what its
// pages allow, or leave open, and package policy refuses.
func denyPolicy(err error) error {
	for _, malformed := range []error{policy.ErrSyntax, policy.ErrStatements, policy.ErrNoExpiry} {
		if errors.Is(err, malformed) {
			return denyBecause(CodeMalformedPolicy, ErrMalformedPolicy, err)
		}
	}
	return denyBecause(CodeAccessDenied, ErrAmbiguous, err)
}

// A proof is a signature, not yet checked, of a key that is trusted.
type proof struct {
	key       crypto.PublicKey
	hash      crypto.Hash
	signature []byte
}

func (v *Verifier) proofOf(c credential) (proof, error) {
	hash, err := c.hash()
	if err != nil {
		return proof{}, err
	}
	key, ok := v.trusted(c.values[wire.ParamKeyPairID])
	if !ok {
		return proof{}, deny(CodeInvalidKey, ErrUnknownKey, "the key pair ID is not that of a public key in the trusted key group")
	}
	signature, err := wire.Decode(c.values[wire.ParamSignature])
	if err != nil {
		return proof{}, denyBecause(CodeMalformedSignature, ErrMalformedSignature, err)
	}
	if err := v.checkHash(hash); err != nil {
		return proof{}, err
	}
	return proof{key: key, hash: hash, signature: signature}, nil
}

// check refuses a signature that is not over document.
func (p proof) check(document []byte) error {
	if scheme.Verify(p.key, p.hash, scheme.Digest(p.hash, document), p.signature) != nil {
		return deny(CodeAccessDenied, ErrBadSignature, "made by another key, over another policy or URL, or with another hash")
	}
	return nil
}

func (v *Verifier) checkHash(hash crypto.Hash) error {
	if hash == crypto.SHA1 && !v.AllowSHA1 {
		return deny(CodeAccessDenied, ErrSHA1, "the credential names no hash, or SHA1: sign with SHA-256, or set AllowSHA1")
	}
	if err := scheme.CheckHash(hash); err != nil {
		return denyBecause(CodeAccessDenied, ErrSHA1, err)
	}
	return nil
}

func (v *Verifier) trusted(keyPairID string) (crypto.PublicKey, bool) {
	if v == nil {
		return nil, false
	}
	return v.Keys.Lookup(keyPairID)
}

func (v *Verifier) checkTime(p policy.Policy) error {
	clock := v.Clock
	if clock == nil {
		clock = time.Now
	}
	now := clock().Unix()
	if now <= 0 {
		return deny(CodeAccessDenied, ErrAmbiguous, "the verifier's clock is not set")
	}
	if now >= p.Expires().Unix() {
		return deny(CodeAccessDenied, ErrExpired, "at %s, %d seconds ago", p.Expires().Format(time.RFC3339), now-p.Expires().Unix())
	}
	if start, ok := p.NotBefore(); ok && now <= start.Unix() {
		return deny(CodeAccessDenied, ErrNotYetValid, "access begins after %s, in %d seconds", start.Format(time.RFC3339), start.Unix()-now+1)
	}
	return nil
}

func checkIP(p policy.Policy, viewer netip.Addr) error {
	if prefix, ok := p.SourceIP(); ok && !prefix.Contains(viewer.Unmap()) {
		return deny(CodeAccessDenied, ErrWrongIP, "%v is not in %v", viewer, prefix)
	}
	return nil
}

func checkResource(p policy.Policy, c credential) error {
	// The page on signed cookies knows only these two schemes.
	resource := p.Resource().String()
	if c.cookies && !strings.HasPrefix(resource, "https://") && !strings.HasPrefix(resource, "http://") {
		return deny(CodeAccessDenied, ErrAmbiguous, "a policy in cookies whose resource begins with neither https:// nor http://: CloudFront's pages differ on it")
	}
	err := p.Resource().Check(c.url)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, policy.ErrNotCovered):
		return denyBecause(CodeAccessDenied, ErrWrongResource, err)
	}
	return denyBecause(CodeAccessDenied, ErrAmbiguous, err)
}

// cannedPolicy rebuilds the policy from the request, as CloudFront does.
func (c credential) cannedPolicy() (policy.Policy, error) {
	text := c.values[wire.ParamExpires]
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != text {
		return policy.Policy{}, deny(CodeMalformedPolicy, ErrMalformedPolicy, "the expiry is not a whole number of seconds, such as 1767290400")
	}
	p, err := policy.Canned(c.url, time.Unix(seconds, 0))
	if err != nil {
		return policy.Policy{}, denyBecause(CodeAccessDenied, ErrAmbiguous, err)
	}
	return p, nil
}
