// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// Sign is SignContext without a context: only [Options.Timeout] ends it. It ignores the
// source of randomness, because KMS has its own.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.SignContext(context.Background(), digest, opts)
}

// SignContext asks KMS to sign a SHA-256 digest. opts must be crypto.SHA256. It returns an
// RSASSA-PKCS1-v1_5 signature, or an ECDSA signature in ASN.1 DER. It verifies the
// signature with the public key before it returns the signature.
//
// It returns the errors in the package comment. If ctx ends, even while the client waits
// for its next attempt, the error wraps the error of ctx; after [Options.Timeout] it wraps
// [context.DeadlineExceeded]. For another hash, for [rsa.PSSOptions] and for a digest that
// does not have 32 bytes, it wraps [keys.ErrHash], and SignContext makes no request.
// [keys.ErrSignature] and [keys.ErrMismatch] mean that KMS signed something else or with
// another key. For the zero Key, the error wraps [keys.ErrNoKey].
//
// With [Options.Replicas], it asks the Regions one after the other, until one signs.
func (k *Key) SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	inner := k.inner()
	if inner == nil {
		return nil, fmt.Errorf("awskms: %w: make the key with New", keys.ErrNoKey)
	}
	if ctx == nil {
		return nil, errNilContext
	}
	if err := checkDigest(digest, opts); err != nil {
		return nil, err
	}
	return inner.sign(ctx, digest)
}

// checkDigest refuses what KMS cannot sign in a form that CloudFront verifies.
func checkDigest(digest []byte, opts crypto.SignerOpts) error {
	if opts == nil {
		return fmt.Errorf("awskms: %w: the options are nil: pass crypto.SHA256", keys.ErrHash)
	}
	if _, ok := opts.(*rsa.PSSOptions); ok {
		return fmt.Errorf("awskms: %w: CloudFront does not verify RSA-PSS: pass crypto.SHA256", keys.ErrHash)
	}
	switch hash := opts.HashFunc(); {
	case hash == crypto.SHA1:
		return fmt.Errorf("awskms: %w: KMS has no signing algorithm with SHA-1: leave Hash out of sign.Options, which means SHA-256", keys.ErrHash)
	case hash != crypto.SHA256:
		return fmt.Errorf("awskms: %w: CloudFront does not verify, or KMS does not sign, %v: pass crypto.SHA256", keys.ErrHash, hash)
	case len(digest) != sha256.Size:
		return fmt.Errorf("awskms: %w: a digest of %d bytes: SHA-256 digests have %d", keys.ErrHash, len(digest), sha256.Size)
	}
	return nil
}

func (k *key) sign(ctx context.Context, digest []byte) ([]byte, error) {
	var signature []byte
	_, err := k.try(ctx, signDigest, func(c *call) (err error) {
		signature, err = k.signIn(c, digest)
		return err
	})
	return signature, err
}

// signIn asks one Region to sign.
func (k *key) signIn(c *call, digest []byte) ([]byte, error) {
	name := c.region.name // the client may change what it gets
	output, err := c.region.client.Sign(c.ctx, &kms.SignInput{
		KeyId:            &name,
		Message:          bytes.Clone(digest),
		MessageType:      types.MessageTypeDigest,
		SigningAlgorithm: k.algorithm,
	})
	switch {
	case err != nil:
		return nil, c.failed(err)
	case output == nil || output.KeyId == nil || output.SigningAlgorithm == "" || len(output.Signature) == 0:
		return nil, c.wrap(awserror.Incomplete())
	case !k.isNamed(c.region, *output.KeyId):
		return nil, c.refuse(keys.ErrMismatch, "KMS signed with the key %q", *output.KeyId)
	case output.SigningAlgorithm != k.algorithm:
		return nil, c.refuse(keys.ErrSignature, "KMS signed with %q rather than with %s", output.SigningAlgorithm, k.algorithm)
	case !verifies(k.public, digest, output.Signature):
		return nil, c.refuse(keys.ErrSignature, "KMS signed something else, or with another key")
	}
	return output.Signature, nil
}

// verifies reports whether signature is a signature over a SHA-256 digest by the key of
// public. The standard library accepts an ECDSA signature only in strict DER.
func verifies(public crypto.PublicKey, digest, signature []byte) bool {
	if key, ok := public.(*rsa.PublicKey); ok {
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature) == nil
	}
	key, ok := public.(*ecdsa.PublicKey)
	return ok && ecdsa.VerifyASN1(key, digest, signature)
}

// isEqual compares public keys of the types that CloudFront takes.
func isEqual(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}
