// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
)

// verifies reports whether a signature over a digest of SHA-256 is that of the key to
// public. An ECDSA signature must be DER in its only form, which the standard
// library sees to.
func verifies(public crypto.PublicKey, digest, signature []byte) bool {
	if key, ok := public.(*rsa.PublicKey); ok {
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature) == nil
	}
	key, ok := public.(*ecdsa.PublicKey)
	return ok && ecdsa.VerifyASN1(key, digest, signature)
}

// isEqual compares keys of the types that CloudFront takes.
func isEqual(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && key.Equal(b)
}
