// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// checkKeyID refuses an invalid key ID, so that a private key in the wrong argument is
// neither sent nor repeated.
func checkKeyID(keyID string) error {
	const most = 2048
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/:"
	const form = "write a key ID, such as 1234abcd-12ab-34cd-56ef-1234567890ab, an ARN, or an alias with its prefix, such as alias/cloudfront"
	switch {
	case keyID == "":
		return fmt.Errorf("awskms: %w (the key ID is empty): %s", keys.ErrKeyNotFound, form)
	case len(keyID) > most || strings.Trim(keyID, alphabet) != "",
		strings.Contains(keyID, "/") && !strings.HasPrefix(keyID, "alias/") && !strings.HasPrefix(keyID, "arn:"):
		return fmt.Errorf("awskms: %w (this is not a key ID): %s", keys.ErrKeyNotFound, form)
	}
	return nil
}

// describe asks a Region about the key, checks it and fills in k.
func (k *key) describe(c *call) error {
	name := c.region.name // the client may change what it gets
	output, err := c.region.client.GetPublicKey(c.ctx, &kms.GetPublicKeyInput{KeyId: &name})
	if err != nil {
		return c.failed(err)
	}
	if output == nil || output.KeyId == nil || output.KeySpec == "" || output.KeyUsage == "" || len(output.PublicKey) == 0 {
		return c.wrap(awserror.Incomplete())
	}
	if output.KeyUsage != types.KeyUsageTypeSignVerify {
		return c.refuse(keys.ErrUnsupportedKey, "its usage is %s: create a key with the usage SIGN_VERIFY", output.KeyUsage)
	}
	if k.algorithm = algorithmFor(output.KeySpec); k.algorithm == "" {
		return c.refuse(keys.ErrUnsupportedKey, "its spec is %s: CloudFront's key groups take RSA_2048 and ECC_NIST_P256", output.KeySpec)
	}
	if !slices.Contains(output.SigningAlgorithms, k.algorithm) {
		return c.refuse(keys.ErrUnsupportedKey, "it does not sign with %s", k.algorithm)
	}
	if k.public, err = keys.ParsePublic(output.PublicKey); err != nil {
		return c.refuse(keys.ErrUnavailable, "the answer has no public key: %v", err)
	}
	if !isOfSpec(k.public, output.KeySpec) {
		return c.refuse(keys.ErrUnavailable, "the answer contradicts itself: it says %s, and has a %T", output.KeySpec, k.public)
	}
	k.arn = *output.KeyId
	return c.checkARN(k.arn)
}

// algorithmFor returns the only algorithm that CloudFront verifies for keys with a spec,
// or "".
func algorithmFor(spec types.KeySpec) types.SigningAlgorithmSpec {
	switch spec {
	case types.KeySpecRsa2048:
		return types.SigningAlgorithmSpecRsassaPkcs1V15Sha256
	case types.KeySpecEccNistP256:
		return types.SigningAlgorithmSpecEcdsaSha256
	default:
		return ""
	}
}

// isOfSpec reports whether a public key is RSA if and only if spec is RSA_2048. CloudFront
// takes both.
func isOfSpec(public crypto.PublicKey, spec types.KeySpec) bool {
	_, isRSA := public.(*rsa.PublicKey)
	return isRSA == (spec == types.KeySpecRsa2048)
}

// checkARN refuses an ARN that contradicts the name in the request. Only KMS knows the key
// of an alias.
func (c *call) checkARN(arn string) error {
	prefix, id, ok := strings.Cut(arn, ":key/")
	if !ok || id == "" || !strings.HasPrefix(prefix, "arn:") || checkKeyID(arn) != nil {
		return c.refuse(keys.ErrUnavailable, "the answer does not name the key by its ARN")
	}
	name := c.region.name
	isAlias := strings.HasPrefix(name, "alias/") || strings.Contains(name, ":alias/")
	if isAlias || strings.EqualFold(arn, name) || strings.EqualFold(id, name) {
		return nil
	}
	return c.refuse(keys.ErrMismatch, "KMS answered with the key %s", arn)
}
