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

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// A privateKey signs policies, in the one way that its public key and hash
// determine: RSASSA-PKCS1-v1_5, or ECDSA in ASN.1 DER.
type privateKey struct {
	publicKey
	signer crypto.Signer
	hash   crypto.Hash
	local  bool // of the standard library: deterministic, and right or an error
	number int  // how many keys the signer had before
	// replaced is closed when another key takes its place.
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

// sign returns the signature over p's document.
func (k *privateKey) sign(ctx context.Context, p *policy.Policy) ([]byte, error) {
	var buffer [bufferSize]byte
	digest := scheme.Digest(k.hash, p.AppendJSON(buffer[:0]))
	return k.signDigest(ctx, digest, p.JSON)
}

// signDigest returns the signature over a document, which only some keys want to see.
func (k *privateKey) signDigest(ctx context.Context, digest []byte, document func() []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	signature, err := k.operate(ctx, digest, document)
	if err != nil {
		return nil, fmt.Errorf("sign: the private key: %w", err)
	}
	if k.local {
		return signature, nil
	}
	// A wrong signature means a 403 for a viewer who did nothing wrong, and an
	// RSA signature with a fault can give the key away.
	if err := scheme.Verify(k.public, k.hash, digest, signature); err != nil {
		return nil, refuse(ErrSignature, "the key does not belong to the public key that it named, or does not sign in the form of its type (PKCS#1 v1.5, or ECDSA in ASN.1 DER)")
	}
	return signature, nil
}

// operate performs the key operation in the way that suits the key best.
func (k *privateKey) operate(ctx context.Context, digest []byte, document func() []byte) ([]byte, error) {
	if k.local {
		// Without randomness RSA PKCS#1 v1.5 and ECDSA (RFC 6979) are
		// deterministic: equal policies give equal URLs.
		return k.signer.Sign(nil, digest, k.hash)
	}
	digest = bytes.Clone(digest) // which the key may change
	switch signer := k.signer.(type) {
	case keys.ContextSigner:
		return signer.SignContext(ctx, digest, k.hash)
	case crypto.MessageSigner:
		return signer.SignMessage(rand.Reader, document(), k.hash)
	default:
		return signer.Sign(rand.Reader, digest, k.hash)
	}
}
