// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"crypto"
)

// A ContextSigner is a [crypto.Signer] whose key operation takes a context,
// because it goes over a network or to a device. Package sign finds it by
// assertion and prefers it to Sign.
type ContextSigner interface {
	crypto.Signer

	// SignContext is Sign with a context, whose end aborts the operation
	// with the context's error. Like Sign it is given the digest, and opts is
	// the hash it was made with. For RSA it returns a PKCS#1 v1.5
	// signature, for ECDSA one in ASN.1 DER.
	SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

// Public returns a copy of the public key of key, if CloudFront accepts it:
// RSA with 2,048 bits or ECDSA on P-256. It calls key's Public once and does
// not sign.
//
// It returns [ErrUnsupportedKey], also for an RSA key with more than two primes;
// [ErrMalformedKey] if the parts of a key of the standard library do not belong
// together, or if an RSA modulus has a small prime factor; and [ErrNoKey] for a
// nil or empty key. It computes nothing with RSA numbers that are too long.
//
// Source: "Specify signers that can create signed URLs and signed cookies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
func Public(key crypto.Signer) (crypto.PublicKey, error) {
	if err := checkPrivate(key); err != nil {
		return nil, err
	}
	return copyPublic(key.Public())
}

// ParsePrivate returns the private key in pemOrDER, an [*rsa.PrivateKey] or
// [*ecdsa.PrivateKey]. It reads PKCS#1, PKCS#8 and SEC1 (also behind an EC
// PARAMETERS block), as PEM or DER.
//
// PEM may have come through an environment variable (with \n written out, in
// quotation marks, or with spaces for line breaks), have CRLF line ends or a
// byte order mark, and have text or certificates around it.
//
// The errors are an [*EncryptedError] for an encrypted key, which package
// keys/encrypted reads with its passphrase; [ErrNoKey] if there is no private key,
// or more than one; [ErrMalformedKey]; and
// [ErrUnsupportedKey] for one that CloudFront does not accept, and for DER of more
// than 16,384 bytes, which is refused unread. None contains any of the key.
func ParsePrivate(pemOrDER []byte) (crypto.Signer, error) {
	key, err := decodePrivate(pemOrDER)
	if err != nil {
		return nil, err
	}
	if _, err := Public(key); err != nil {
		return nil, err
	}
	return key, nil
}

func decodePrivate(pemOrDER []byte) (crypto.Signer, error) {
	blocks, err := pemBlocks(pemOrDER)
	if err != nil {
		return nil, err
	}
	if len(blocks) == 0 {
		return privateFromDER(pemOrDER)
	}
	block, err := onlyPrivate(blocks)
	if err != nil {
		return nil, err
	}
	return privateFromBlock(block)
}
