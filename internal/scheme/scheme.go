// SPDX-License-Identifier: Apache-2.0

// Package scheme is the cryptography that signing and verifying share: CloudFront's two
// hashes, and its two signature schemes, RSASSA-PKCS1-v1_5 and ECDSA in ASN.1 DER.
package scheme

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/sha1" // CloudFront's default; here a caller must ask for it
	"crypto/sha256"
	"errors"
	"fmt"
)

var (
	// ErrHash means that the hash is neither SHA-256 nor SHA-1, or it is SHA-1 and FIPS
	// 140-3 rules it out.
	ErrHash = errors.New("invalid hash")
	// ErrSignature means that the key did not make the signature over the digest.
	ErrSignature = errors.New("the signature does not verify")
)

// CheckHash refuses hashes that CloudFront does not know, and SHA-1 under
// GODEBUG=fips140=only, where the standard library would panic.
func CheckHash(hash crypto.Hash) error {
	switch hash {
	case crypto.SHA256:
		return nil
	case crypto.SHA1:
		if fips140.Enforced() {
			return fmt.Errorf("%w: FIPS 140-3 rules out SHA-1 in this process: use SHA-256", ErrHash)
		}
		return nil
	}
	return fmt.Errorf("%w: CloudFront does not know %v: use crypto.SHA256", ErrHash, hash)
}

// Digest returns the hash of message. The hash must have passed [CheckHash]. A caller that does
// not keep the result has it on its stack.
func Digest(hash crypto.Hash, message []byte) []byte {
	return appendDigest(make([]byte, 0, sha256.Size), hash, message)
}

func appendDigest(dst []byte, hash crypto.Hash, message []byte) []byte {
	if hash == crypto.SHA1 {
		digest := sha1.Sum(message)
		return append(dst, digest[:]...)
	}
	digest := sha256.Sum256(message)
	return append(dst, digest[:]...)
}

// Verify returns nil if the private key of public made the signature over digest, and
// [ErrSignature] otherwise.
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
