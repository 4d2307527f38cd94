// SPDX-License-Identifier: Apache-2.0

// Package scheme is the arithmetic that signing and verifying share: the two
// hashes and two signature schemes of CloudFront, RSASSA-PKCS1-v1_5 and ECDSA
// in ASN.1 DER.
package scheme

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/sha1" // CloudFront's own default; asked for explicitly
	"crypto/sha256"
	"errors"
	"fmt"
)

var (
	// ErrHash: neither SHA-256 nor SHA-1, or SHA-1 where FIPS 140-3 rules it out.
	ErrHash = errors.New("unusable hash")
	// ErrSignature: the signature is not that of the key over the digest.
	ErrSignature = errors.New("the signature does not verify")
)

// CheckHash refuses hashes that CloudFront or the process does not have. Under
// GODEBUG=fips140=only the standard library would panic on SHA-1.
func CheckHash(hash crypto.Hash) error {
	switch hash {
	case crypto.SHA256:
		return nil
	case crypto.SHA1:
		if fips140.Enforced() {
			return fmt.Errorf("%w: SHA-1, which FIPS 140-3 rules out in this process: use SHA-256", ErrHash)
		}
		return nil
	}
	return fmt.Errorf("%w: %v, and CloudFront knows SHA-256 and SHA-1: use crypto.SHA256", ErrHash, hash)
}

// Digest returns the hash of message. The hash must have passed [CheckHash].
func Digest(hash crypto.Hash, message []byte) []byte {
	if hash == crypto.SHA1 {
		digest := sha1.Sum(message)
		return digest[:]
	}
	digest := sha256.Sum256(message)
	return digest[:]
}

// Verify returns nil if signature is that of the private key to public over
// digest, and [ErrSignature] for any other.
func Verify(public crypto.PublicKey, hash crypto.Hash, digest, signature []byte) error {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if rsa.VerifyPKCS1v15(public, hash, digest, signature) == nil {
			return nil
		}
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(public, digest, signature) {
			return nil
		}
	}
	return ErrSignature
}
