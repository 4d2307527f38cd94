// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// Options configure a [Signer]. The zero value is ready to use, but you should set
// Within.
type Options struct {
	// Hash is crypto.SHA256 or crypto.SHA1. Zero: SHA-256, with the Hash-Algorithm
	// parameter that tells CloudFront so. CloudFront assumes SHA-1 if the parameter is
	// absent. Choose SHA-1 only for emulators and other verifiers that do not know the
	// parameter.
	Hash crypto.Hash
	// Clock returns the current time. Several goroutines may call it at once. Nil:
	// time.Now. If the clock shows 1970 or earlier, it was never set, and the signer
	// returns an error.
	Clock func() time.Time
	// Within limits what the signer may sign, whatever a caller asks for. Zero: no
	// limits. Set it to what your application serves.
	Within Bounds
	// Observe is called after each use of a private key, in the goroutine that used the
	// key and with the context of the caller. [Signer.Sign], [Signer.URL], [Signer.URLs],
	// a [Cache] and [Signer.Rotate], which tries the new key, use a private key. A Cache
	// passes the context of one of the callers that waited, or context.Background() if
	// none did. Several goroutines may call Observe at once. The caller waits for it, so
	// it must be quick, and it must not panic. Nil: errors of the background are written to
	// slog.Default of log/slog.
	Observe func(ctx context.Context, u KeyUse)
}

// Bounds limit what a [Signer] may sign, so that a mistake elsewhere in the program
// cannot grant more: a URL taken from a request, a policy from outside, an expiry in the
// wrong unit. The zero Bounds have no limits.
type Bounds struct {
	// Resources are what the signer may sign: a policy's resource must be within one of
	// them, in the sense of [policy.Resource.Within]. Nil: no limit. An empty list is an
	// error.
	Resources []policy.Resource
	// Lifetime is the longest time from signing until a policy expires, in whole
	// seconds. For a [Cache], it must be at least the cache's lifetime, plus its
	// window, plus a second. Zero: no limit.
	Lifetime time.Duration
}

// A Signer signs policies with the private key of one key pair. [Signer.Rotate] replaces
// the key. A Signer is safe for concurrent use if its key and its clock are; the standard
// library's are. The zero Signer signs nothing. A Signer must not be copied.
type Signer struct {
	hash    crypto.Hash
	clock   func() time.Time
	within  Bounds
	observe func(context.Context, KeyUse) // nil: no hook

	keyring  atomic.Pointer[keyring] // nil in the zero Signer
	rotation sync.Mutex              // held to replace the keyring
}

// New returns a Signer for a private key. CloudFront must know its public key as keyPairID.
// New asks the key for the public key once, and does not sign.
//
// If keyPairID cannot be an ID, New returns [keys.ErrKeyPairID]. If CloudFront would not
// accept the key, it returns [keys.ErrUnsupportedKey], [keys.ErrMalformedKey] or
// [keys.ErrNoKey]. For invalid options, it returns [ErrHash] or [ErrBounds].
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

// Load returns a Signer for the private key in a file, such as private_key.pem: RSA or P-256, in
// PEM or DER, as PKCS#1, PKCS#8 or SEC1, also with EC PARAMETERS. It calls [keys.LoadPrivate] and
// [New], and returns their errors. It reads the file once.
func Load(keyPairID, keyFile string, o Options) (*Signer, error) {
	if err := keys.CheckID(keyPairID); err != nil {
		if keys.CheckID(keyFile) == nil {
			return nil, fmt.Errorf("sign: the ID comes first, and then the path of the key: %w", err)
		}
		return nil, err
	}
	key, err := keys.LoadPrivate(keyFile)
	if err != nil {
		return nil, err
	}
	return New(keyPairID, key, o)
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
	s.keyring.Store(newKeyring(newPrivateKey(newPublicKey(keyPairID, public), key, o.Hash), nil))
	return s, nil
}

// KeyPairID returns the ID of the active key, or "" for the zero Signer.
func (s *Signer) KeyPairID() string {
	if s == nil || s.isZero() {
		return ""
	}
	return s.keyring.Load().active.id
}

// Now returns the current time according to the signer's clock. If you write expiries as
// signer.Now().Add(time.Hour), tests can move the clock: package edgetest does. The zero Signer
// uses time.Now.
func (s *Signer) Now() time.Time {
	if s == nil || s.isZero() {
		return time.Now()
	}
	return s.clock()
}

// String returns a text with the key pair ID.
func (s *Signer) String() string { return "sign.Signer(" + s.KeyPairID() + ")" }

// Format writes String for every verb, because the key may have a type that prints its
// secrets.
func (s *Signer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// Sign signs p with one operation of the private key. You can use the result for any
// number of URLs and cookies.
//
// With keys of the standard library, equal policies give equal URLs and cookies, so you
// can cache them and retry. A signature by any other key is verified with the public key
// before it is used.
//
// Sign returns [ErrExpired] if p has expired, compared in whole seconds; [ErrBounds] if
// p exceeds [Options].Within; [ErrZeroValue] for the zero Signer or Policy, a nil
// context and a clock that was never set; [policy.ErrDocument] for a policy that is not
// [policy.Policy.Signable]; [ErrSignature] for a wrong signature; and the errors of the key.
// If ctx ends, the error wraps the error of ctx.
func (s *Signer) Sign(ctx context.Context, p policy.Policy) (SignedPolicy, error) {
	key, signature, err := s.sign(ctx, &p)
	if err != nil {
		return SignedPolicy{}, err
	}
	return SignedPolicy{newSecret(newSignedQuery(&p, key, signature))}, nil
}

// URL signs rawURL with a canned policy until expires. It does the same as
// [policy.Canned], [Signer.Sign] and [SignedPolicy.URL] in turn, and returns their
// errors.
//
// If the URL is for a page of html/template, write %28, %29 and %27 in rawURL instead of "(",
// ")" and "'": html/template encodes them in links, and CloudFront denies the changed URL.
// [policy.Resource.Child] writes them so.
func (s *Signer) URL(ctx context.Context, rawURL string, expires time.Time) (string, error) {
	p, err := policy.Canned(rawURL, expires)
	if err != nil {
		return "", err
	}
	key, signature, err := s.sign(ctx, &p)
	if err != nil {
		return "", err
	}
	var buffer [bufferSize]byte
	signed := append(append(buffer[:0], rawURL...), separator(rawURL)...)
	signed = appendQuery(signed, &p, key, signature)
	if err := checkLength(len(signed)); err != nil {
		return "", err
	}
	return string(signed), nil
}

// sign returns the signature over p, and the key that made it.
func (s *Signer) sign(ctx context.Context, p *policy.Policy) (*privateKey, []byte, error) {
	key, err := s.keyFor(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	signature, err := s.use(ctx, key, p)
	return key, signature, err
}

// keyFor returns the key that signs p, if the signer may sign it.
func (s *Signer) keyFor(ctx context.Context, p *policy.Policy) (*privateKey, error) {
	if s == nil || s.isZero() {
		return nil, errZeroSigner
	}
	if ctx == nil {
		return nil, errNoContext
	}
	expires := p.Expires()
	if expires.IsZero() {
		return nil, refuse(ErrZeroValue, "create the policy with policy.Canned or policy.Custom, and check their error")
	}
	if err := p.Signable(); err != nil {
		return nil, err
	}
	now := s.clock()
	if err := checkExpiry(expires, now); err != nil {
		return nil, err
	}
	if err := s.within.check(p, now); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sign: %w", err) // If nothing is signed, no key should be reserved.
	}
	return s.reserveKey(expires.Unix()), nil
}

func (s *Signer) isZero() bool { return s.clock == nil }

// checkExpiry compares in whole seconds, as CloudFront does. In the second of its expiry
// a policy has expired.
func checkExpiry(expires, now time.Time) error {
	if now.Unix() <= 0 {
		return refuse(ErrZeroValue, "the signer's clock shows %s: set it", now.UTC().Format(time.RFC3339))
	}
	if ago := now.Unix() - expires.Unix(); ago >= 0 {
		unit := ""
		if ago <= 1 { // such as time.Now().Add(15)
			unit = " (a Duration without a unit is in nanoseconds)"
		}
		return refuse(ErrExpired, "at %s, %d seconds before the signer's clock: choose a later expiry%s, or set the clock",
			expires.Format(time.RFC3339), ago, unit)
	}
	return nil
}

// checked returns a copy that the caller cannot change, or an error for invalid bounds.
func (b Bounds) checked() (Bounds, error) {
	if b.Resources != nil && len(b.Resources) == 0 {
		return Bounds{}, refuse(ErrBounds, "Resources is an empty list, which allows nothing: name a resource, or leave it nil for any")
	}
	if slices.Contains(b.Resources, policy.Resource{}) {
		return Bounds{}, refuse(ErrBounds, "one of Resources is the zero Resource: check the error of its constructor")
	}
	if b.Lifetime != 0 && !isSeconds(b.Lifetime) {
		return Bounds{}, refuse(ErrBounds, "a Lifetime of %v: use one second or more, in whole seconds", b.Lifetime)
	}
	b.Resources = slices.Clone(b.Resources)
	return b, nil
}

// check returns an error for policies outside the bounds.
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

// isSeconds reports whether d is one second or more, in whole seconds.
func isSeconds(d time.Duration) bool { return d >= time.Second && d%time.Second == 0 }
