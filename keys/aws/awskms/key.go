// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
)

// An API is what a [Key] needs of KMS. [*kms.Client] implements it.
type API interface {
	// GetPublicKey returns the public key of an asymmetric key, and what it is for.
	GetPublicKey(ctx context.Context, input *kms.GetPublicKeyInput, o ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	// Sign signs a digest.
	Sign(ctx context.Context, input *kms.SignInput, o ...func(*kms.Options)) (*kms.SignOutput, error)
}

// Options change what [New] does by default. The zero value is good.
type Options struct {
	// Public is the public key that the key in KMS must have, such as the one that was
	// uploaded to CloudFront. Nil: whatever KMS says.
	Public crypto.PublicKey
	// Timeout is how long an operation of KMS may take, with all its retries and with
	// getting credentials for it: of New, of Sign, and of SignContext, also where the
	// context would allow more. Zero: 10 seconds.
	Timeout time.Duration
}

// A Key is a private key in KMS. It implements [crypto.Signer] and
// [keys.ContextSigner]. It is made by [New], and is safe for concurrent use if the API
// is, as [*kms.Client] is. The zero Key signs nothing.
type Key struct {
	held **key // two pointers: fmt, which may not call Format on a field, follows one
}

var _ keys.ContextSigner = (*Key)(nil)

// A key is what a Key does not print, because the client has the credentials.
type key struct {
	client    API
	arn       string
	public    crypto.PublicKey
	algorithm types.SigningAlgorithmSpec
	timeout   time.Duration
}

// New returns the key that keyID names: a key ID, the ARN of a key, the name of an
// alias with its prefix "alias/", or the ARN of an alias. It asks client for the public
// key, once.
//
// From then on the key is used by its ARN. If an alias is moved to another key,
// what CloudFront knows as the public key stays the one that signs, until New is called
// again.
//
// Besides the errors of KMS it returns [keys.ErrUnsupportedKey] if the key is not one
// for signing, or not RSA_2048 or ECC_NIST_P256; [keys.ErrMismatch] if it is not that of
// [Options]; and [keys.ErrKeyNotFound] for a keyID that cannot be one.
func New(ctx context.Context, client API, keyID string, o Options) (*Key, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	if isNil(client) {
		return nil, errors.New("awskms: the client is nil: make one with kms.NewFromConfig")
	}
	if err := checkKeyID(keyID); err != nil {
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
	k := &key{client: client, timeout: timeout}
	if err := k.describe(ctx, keyID); err != nil {
		return nil, err
	}
	if wanted != nil && !isEqual(k.public, wanted) {
		return nil, fmt.Errorf("awskms: %s: %w in Options.Public: name the key of which that one was exported, or upload this one's public key to CloudFront", k.arn, keys.ErrMismatch)
	}
	return &Key{&k}, nil
}

// isNil reports whether an interface holds nothing, or a nil pointer.
func isNil(client API) bool {
	v := reflect.ValueOf(client)
	return client == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

func (o Options) timeout() (time.Duration, error) {
	switch {
	case o.Timeout < 0:
		return 0, fmt.Errorf("awskms: Options.Timeout is negative: %v", o.Timeout)
	case o.Timeout == 0:
		return 10 * time.Second, nil
	}
	return o.Timeout, nil
}

// public returns the key that is expected, or nil. What cannot be one is an error
// here, before anything is asked.
func (o Options) public() (crypto.PublicKey, error) {
	if o.Public == nil {
		return nil, nil
	}
	if _, err := keys.MarshalPublic(o.Public); err != nil {
		return nil, fmt.Errorf("awskms: Options.Public: %w", err)
	}
	return o.Public, nil
}

// inner returns what is held, nil for the zero Key.
func (k *Key) inner() *key {
	if k == nil || k.held == nil {
		return nil
	}
	return *k.held
}

// Public returns the public key, an [*rsa.PublicKey] or [*ecdsa.PublicKey], which must
// not be changed. It was asked for by [New]; nothing is asked here. The zero Key has
// none.
func (k *Key) Public() crypto.PublicKey {
	if inner := k.inner(); inner != nil {
		return inner.public
	}
	return nil
}

// ARN returns the Amazon Resource Name of the key, also if it was named otherwise.
func (k *Key) ARN() string {
	if inner := k.inner(); inner != nil {
		return inner.arn
	}
	return ""
}

// String returns the ARN in a form for people.
func (k *Key) String() string { return "awskms.Key(" + k.ARN() + ")" }

// Format writes String whatever the verb, because the client may be of a type that
// prints its credentials.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }
