// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// Sign is SignContext without a context of the caller's: [Options.Timeout] alone ends
// it. The source of randomness is not used; KMS has its own.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return k.SignContext(context.Background(), digest, opts)
}

// SignContext has KMS sign a digest of SHA-256, with RSASSA-PKCS1-v1_5 or ECDSA in ASN.1
// DER. opts is crypto.SHA256. The signature is verified with the public key before it
// is returned.
//
// It returns the error of ctx, or [context.DeadlineExceeded] after [Options.Timeout],
// also while the client waits for its next attempt; the errors of KMS; and, before
// anything is asked, [keys.ErrHash] for another hash, for [rsa.PSSOptions] and for
// digests that do not have 32 bytes. [keys.ErrSignature] and [keys.ErrMismatch] mean that
// KMS signed something else, or with another key, than it was asked to.
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

// checkDigest refuses what KMS cannot sign, or not in the form that CloudFront verifies.
func checkDigest(digest []byte, opts crypto.SignerOpts) error {
	if opts == nil {
		return fmt.Errorf("awskms: %w: the options are nil: hand over crypto.SHA256", keys.ErrHash)
	}
	if _, ok := opts.(*rsa.PSSOptions); ok {
		return fmt.Errorf("awskms: %w: RSA-PSS, which CloudFront does not verify: hand over crypto.SHA256", keys.ErrHash)
	}
	switch hash := opts.HashFunc(); {
	case hash == crypto.SHA1:
		return fmt.Errorf("awskms: %w: KMS has no signing algorithm with SHA-1: leave Hash out of sign.Options, which is SHA-256", keys.ErrHash)
	case hash != crypto.SHA256:
		return fmt.Errorf("awskms: %w: %v: CloudFront and KMS have SHA-256 in common alone, so hand over crypto.SHA256", keys.ErrHash, hash)
	case len(digest) != sha256.Size:
		return fmt.Errorf("awskms: %w: a digest of %d bytes: those of SHA-256 have %d", keys.ErrHash, len(digest), sha256.Size)
	}
	return nil
}

func (k *key) sign(ctx context.Context, digest []byte) ([]byte, error) {
	c := k.call(ctx, "Sign", k.arn)
	defer c.end()
	if err := c.ctx.Err(); err != nil {
		return nil, c.failed(err)
	}
	arn := k.arn // whoever is behind the interface may change what is handed over
	output, err := k.client.Sign(c.ctx, &kms.SignInput{
		KeyId:            &arn,
		Message:          bytes.Clone(digest),
		MessageType:      types.MessageTypeDigest,
		SigningAlgorithm: k.algorithm,
	})
	switch {
	case err != nil:
		return nil, c.failed(err)
	case output == nil || output.KeyId == nil || output.SigningAlgorithm == "" || len(output.Signature) == 0:
		return nil, c.wrap(awserror.Incomplete())
	case *output.KeyId != k.arn:
		return nil, c.refuse(keys.ErrMismatch, "KMS signed with the key %q", *output.KeyId)
	case output.SigningAlgorithm != k.algorithm:
		return nil, c.refuse(keys.ErrSignature, "KMS signed with %q rather than with %s", output.SigningAlgorithm, k.algorithm)
	case !verifies(k.public, digest, output.Signature):
		return nil, c.refuse(keys.ErrSignature, "KMS signed something else, or with another key than that of which it gave the public one")
	}
	return output.Signature, nil
}
