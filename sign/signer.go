// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// Options change what [New] does by default. The zero value is for new
// systems.
type Options struct {
	// Hash is crypto.SHA256 or crypto.SHA1. Zero: SHA-256, with the
	// Hash-Algorithm parameter that tells CloudFront so. SHA-1 is what
	// CloudFront assumes where the parameter is absent; choose it only for
	// emulators and other verifiers that do not know the parameter.
	Hash crypto.Hash
	// Clock returns the current time. It is called for each signature, and by
	// what hands signatures out, perhaps by several goroutines at once. Nil:
	// time.Now. A clock that shows 1970 or earlier was never set, and nothing is
	// signed.
	Clock func() time.Time
	// Within limits what the signer may ever sign, whatever a caller asks for.
	// Zero: no limits. Set it to what your application serves.
	Within Bounds
	// Observe is called after each use of a private key, in the goroutine that used
	// it, with the context of the caller: by [Signer.Sign], [Signer.URL],
	// [Signer.URLs], [Signer.Rotate], which tries the new key, and a [Cache]. A
	// Cache calls it with the context of one of the callers that waited, and with
	// context.Background() if none did. Several goroutines may call it at once. The
	// caller waits for it, so it must be quick, and it must not panic. Nil: there is
	// no hook.
	Observe func(ctx context.Context, u KeyUse)
}

// A Signer signs policies with the private key of one key pair, which [Signer.Rotate]
// replaces. It is safe for concurrent use if the key and the clock are, as the standard
// library's are. The zero Signer signs nothing. A Signer must not be copied.
type Signer struct {
	hash    crypto.Hash
	clock   func() time.Time
	within  Bounds
	observe func(context.Context, KeyUse) // nil: nobody

	ring     atomic.Pointer[ring] // nil in the zero Signer
	rotation sync.Mutex           // held by whoever replaces the ring
}

// New returns a Signer for the private key of the public key that CloudFront
// knows as keyPairID. The key is asked for its public key once and is not used
// otherwise.
//
// It returns [keys.ErrKeyPairID] for an ID that cannot be one,
// [keys.ErrUnsupportedKey], [keys.ErrMalformedKey] or [keys.ErrNoKey] for a key
// that CloudFront would not accept, [ErrHash], and [ErrBounds] for bounds that cannot
// be meant.
func New(keyPairID string, key crypto.Signer, o Options) (*Signer, error) {
	if err := keys.CheckID(keyPairID); err != nil {
		return nil, err
	}
	public, err := keys.Public(key)
	if err != nil {
		return nil, err
	}
	return newSigner(keyPairID, key, public, o)
}

// newSigner is New for a key and an ID that were checked.
func newSigner(keyPairID string, key crypto.Signer, public crypto.PublicKey, o Options) (*Signer, error) {
	if o.Hash == 0 {
		o.Hash = crypto.SHA256
	}
	if err := scheme.CheckHash(o.Hash); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	within, err := o.Within.checked()
	if err != nil {
		return nil, err
	}
	s := &Signer{hash: o.Hash, clock: o.Clock, within: within, observe: o.Observe}
	s.ring.Store(newRing(newPrivateKey(newPublicKey(keyPairID, public), key, o.Hash), nil))
	return s, nil
}

// KeyPairID returns the ID that the signer puts into URLs and cookies now. That of the
// zero Signer is empty.
func (s *Signer) KeyPairID() string {
	if s == nil || s.isZero() {
		return ""
	}
	return s.ring.Load().active.id
}

// Now returns the time by the signer's clock, for whoever has to agree with it. The
// zero Signer has the real one.
func (s *Signer) Now() time.Time {
	if s == nil || s.clock == nil {
		return time.Now()
	}
	return s.clock()
}

// String returns the key pair ID in a form for people.
func (s *Signer) String() string { return "sign.Signer(" + s.KeyPairID() + ")" }

// Format writes String whatever the verb, because the key may be of a type
// that prints its secrets.
func (s *Signer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// Sign signs p, with one operation of the private key. The result serves any
// number of URLs and cookies.
//
// Equal policies give the same URLs and cookies with keys of the standard
// library, so that they can be cached and retried. A signature by any other key
// is verified with the public key before it is used.
//
// It returns [ErrExpired] if p is not valid for at least part of another
// second, [ErrBounds] if p is outside of what the signer may sign, [ErrZeroValue], also
// for a clock that was never set, the error of ctx, the error of the key, and
// [ErrSignature].
func (s *Signer) Sign(ctx context.Context, p policy.Policy) (SignedPolicy, error) {
	key, err := s.keyFor(ctx, &p)
	if err != nil {
		return SignedPolicy{}, err
	}
	signature, err := s.use(ctx, key, &p)
	if err != nil {
		return SignedPolicy{}, err
	}
	return SignedPolicy{newCredential(p, key.id, s.hash, signature)}, nil
}

// URL signs rawURL with a canned policy until expires. It is [policy.Canned],
// [Signer.Sign] and [SignedPolicy.URL] in one call, and returns their errors.
func (s *Signer) URL(ctx context.Context, rawURL string, expires time.Time) (string, error) {
	p, err := policy.Canned(rawURL, expires)
	if err != nil {
		return "", err
	}
	key, err := s.keyFor(ctx, &p)
	if err != nil {
		return "", err
	}
	signature, err := s.use(ctx, key, &p)
	if err != nil {
		return "", err
	}
	var buffer [bufferSize]byte
	b := append(buffer[:0], rawURL...)
	b = append(b, separator(rawURL))
	b = appendQuery(b, &p, key.id, s.hash, signature)
	if err := checkURLLength(len(b)); err != nil {
		return "", err
	}
	return string(b), nil
}

// keyFor returns the key that signs p, if p may be signed.
func (s *Signer) keyFor(ctx context.Context, p *policy.Policy) (*privateKey, error) {
	if s == nil || s.isZero() {
		return nil, refuse(ErrZeroValue, "make the signer with New")
	}
	if ctx == nil {
		return nil, refuse(ErrZeroValue, "hand over a context, such as context.Background()")
	}
	if p.Expires().IsZero() {
		return nil, refuse(ErrZeroValue, "make the policy with policy.Canned or policy.Custom, and check their error")
	}
	now := s.clock()
	if err := checkExpiry(p.Expires(), now); err != nil {
		return nil, err
	}
	if err := s.within.check(p, now); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sign: %w", err) // before the key promises anything
	}
	return s.activeUntil(p.Expires().Unix()), nil
}

func (s *Signer) isZero() bool { return s.clock == nil }

// checkExpiry compares in whole seconds, as the edge does. At its second of
// expiry a policy is worth nothing any more.
func checkExpiry(expires, now time.Time) error {
	if now.Unix() <= 0 {
		return refuse(ErrZeroValue, "the signer's clock shows %s: set it", now.UTC().Format(time.RFC3339))
	}
	if ago := now.Unix() - expires.Unix(); ago >= 0 {
		return refuse(ErrExpired, "at %s, %d seconds before the signer's clock: choose a later expiry, or set the clock",
			expires.Format(time.RFC3339), ago)
	}
	return nil
}
