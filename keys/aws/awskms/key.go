// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
)

// An API is the part of [*kms.Client] that a [Key] needs.
type API interface {
	// GetPublicKey returns the public key of an asymmetric key, with its spec and usage.
	GetPublicKey(ctx context.Context, input *kms.GetPublicKeyInput, o ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	// Sign signs a digest.
	Sign(ctx context.Context, input *kms.SignInput, o ...func(*kms.Options)) (*kms.SignOutput, error)
}

// A Key is a private key in KMS. It implements [crypto.Signer] and [keys.ContextSigner].
// Create it with [New]. It is safe for concurrent use if its APIs are; [*kms.Client] is.
// The zero Key signs nothing.
type Key struct {
	held **key // two pointers: fmt may not call Format on a field, and follows one
}

var _ keys.ContextSigner = (*Key)(nil)

// A key is the content of a Key, which must not be printed, because the client has
// credentials.
type key struct {
	regions   []*region // at least one
	arn       string
	public    crypto.PublicKey
	algorithm types.SigningAlgorithmSpec
	timeout   time.Duration
	observe   func(context.Context, Event)
	mu        sync.Mutex // for the health of the Regions
}

// New returns the key with the name keyID: a key ID, the ARN of a key, the name of an alias
// with its prefix "alias/", or the ARN of an alias. It asks client for the public key, once,
// and if client fails, the clients of [Options.Replicas].
//
// The Key then uses the ARN or the ID of the key. If an alias is moved to another key, the
// key that CloudFront knows goes on signing until you call New again.
//
// It returns the errors in the package comment. They wrap [keys.ErrUnsupportedKey] if the
// key is not for signing, neither RSA_2048 nor ECC_NIST_P256, or not a multi-Region key with
// Replicas; [keys.ErrMismatch] if its public key is not Options.Public; and
// [keys.ErrKeyNotFound] for an invalid keyID. For other invalid arguments, the errors wrap
// none of these values.
func New(ctx context.Context, client API, keyID string, o Options) (*Key, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	if err := checkKeyID(keyID); err != nil {
		return nil, err
	}
	regions, err := o.regions(client, keyID)
	if err != nil {
		return nil, err
	}
	timeout, err := o.timeout()
	if err != nil {
		return nil, err
	}
	wanted, err := o.public()
	if err != nil {
		return nil, err
	}
	k := &key{regions: regions, timeout: timeout, observe: o.observe()}
	answered, err := k.try(ctx, getPublicKey, k.describe)
	if err != nil {
		return nil, err
	}
	if len(regions) == 1 {
		answered.name, answered.arn = k.arn, k.arn
	} else if err := k.relate(answered, arn.IsARN(keyID)); err != nil {
		return nil, err
	}
	if wanted != nil && !isEqual(k.public, wanted) {
		return nil, fmt.Errorf("awskms: %s: %w in Options.Public: name the key with that public key, or upload this key's public key to CloudFront", k.arn, keys.ErrMismatch)
	}
	return &Key{&k}, nil
}

// inner returns the content of k, or nil for the zero Key.
func (k *Key) inner() *key {
	if k == nil || k.held == nil {
		return nil
	}
	return *k.held
}

// Public returns the public key, an [*rsa.PublicKey] or [*ecdsa.PublicKey]. You must not
// change it. [New] has fetched it, so Public makes no request. The zero Key returns nil.
func (k *Key) Public() crypto.PublicKey {
	if inner := k.inner(); inner != nil {
		return inner.public
	}
	return nil
}

// ARN returns the Amazon Resource Name of the key, even if you named the key by an alias.
// With [Options.Replicas], it is the ARN in the Region that answered [New]. The zero Key
// returns "".
func (k *Key) ARN() string {
	if inner := k.inner(); inner != nil {
		return inner.arn
	}
	return ""
}

// String returns "awskms.Key(ARN)".
func (k *Key) String() string { return "awskms.Key(" + k.ARN() + ")" }

// Format writes String for every verb, because the client may have a type that prints its
// credentials.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }
