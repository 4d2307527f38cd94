// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// A privateKey signs policies. Its type decides how: RSASSA-PKCS1-v1_5, or ECDSA in
// ASN.1 DER.
type privateKey struct {
	publicKey
	signer crypto.Signer
	hash   crypto.Hash
	local  bool // a key of the standard library: deterministic, and never wrong without an error
	number int  // how many keys the signer had before
	// replaced is closed when another key takes the place of this one.
	replaced chan struct{}
}

func newPrivateKey(public publicKey, signer crypto.Signer, hash crypto.Hash) *privateKey {
	local := false
	switch signer.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
		local = true
	}
	return &privateKey{publicKey: public, signer: signer, hash: hash, local: local, replaced: make(chan struct{})}
}

// signature returns the signature over p.
func (k *privateKey) signature(ctx context.Context, p *policy.Policy) ([]byte, error) {
	var buffer [bufferSize]byte
	digest := scheme.Digest(k.hash, p.AppendJSON(buffer[:0]))
	return k.signDigest(ctx, digest, p)
}

// signDigest returns the signature over the digest of a policy. Only some keys need the
// policy itself.
func (k *privateKey) signDigest(ctx context.Context, digest []byte, p *policy.Policy) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	signature, err := k.operate(ctx, digest, p)
	if err != nil {
		return nil, fmt.Errorf("sign: the private key: %w", err)
	}
	if k.local {
		return signature, nil
	}
	// With a wrong signature, a viewer would get a 403 for no fault of their own, and a
	// faulty RSA signature can reveal the key.
	if err := scheme.Verify(k.public, k.hash, digest, signature); err != nil {
		return nil, refuse(ErrSignature, "the key does not belong to the public key that it returned, or its signatures have the wrong form: use PKCS#1 v1.5 for RSA, and ASN.1 DER for ECDSA")
	}
	return signature, nil
}

// operate asks the key for a signature, in the way that suits the key best.
func (k *privateKey) operate(ctx context.Context, digest []byte, p *policy.Policy) ([]byte, error) {
	if k.local {
		// Without a source of randomness, RSA PKCS#1 v1.5 and ECDSA (RFC 6979) are
		// deterministic: equal policies give equal URLs.
		return k.signer.Sign(nil, digest, k.hash)
	}
	digest = bytes.Clone(digest) // The key may change it.
	switch signer := k.signer.(type) {
	case keys.ContextSigner:
		return signer.SignContext(ctx, digest, k.hash)
	case crypto.MessageSigner:
		return signer.SignMessage(rand.Reader, p.JSON(), k.hash)
	default:
		return signer.Sign(rand.Reader, digest, k.hash)
	}
}

// A KeyUse describes one use of a private key, for [Options.Observe]. It never contains
// a signature, the query of a URL or a key.
type KeyUse struct {
	// KeyPairID is the ID of the key.
	KeyPairID string
	// Resource is the resource of the policy, or the URL of a canned policy, without
	// its query.
	Resource string
	// Expires is when the policy expires, in whole seconds.
	Expires time.Time
	// Background is true if no caller waited for the key: a [Cache] signed the policy
	// for the next window ahead of time.
	Background bool
	// Duration is how long the key took or, if it did not answer, how long the callers
	// waited.
	Duration time.Duration
	// Err is why the key did not sign. Nil: the key signed.
	Err error
}

// String says what the key did, in one line.
func (u KeyUse) String() string {
	outcome := "signed"
	if u.Err != nil {
		outcome = "failed to sign"
	}
	text := fmt.Sprintf("key %s %s %s in %v", u.KeyPairID, outcome, u.Resource, u.Duration)
	if u.Background {
		text += " in the background"
	}
	if u.Err != nil {
		text += ": " + u.Err.Error()
	}
	return text
}

// Format writes String for every verb.
func (u KeyUse) Format(f fmt.State, verb rune) { wire.Format(f, verb, u.String()) }

// LogValue returns the fields as attributes for log/slog.
func (u KeyUse) LogValue() slog.Value {
	attributes := []slog.Attr{
		slog.String("keyPairID", u.KeyPairID), slog.String("resource", u.Resource), slog.Time("expires", u.Expires),
		slog.Bool("background", u.Background), slog.Duration("duration", u.Duration),
	}
	if u.Err != nil {
		attributes = append(attributes, slog.String("error", u.Err.Error()))
	}
	return slog.GroupValue(attributes...)
}

// use returns the signature over p by key, and reports it to Options.Observe.
func (s *Signer) use(ctx context.Context, key *privateKey, p *policy.Policy) ([]byte, error) {
	if s.observe == nil {
		return key.signature(ctx, p)
	}
	begun := time.Now()
	signature, err := key.signature(ctx, p)
	s.observe(ctx, KeyUse{
		KeyPairID: key.id, Resource: wire.WithoutQuery(p.Resource().String()), Expires: p.Expires(),
		Duration: time.Since(begun), Err: err,
	})
	return signature, err
}
