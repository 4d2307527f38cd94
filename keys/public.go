// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto"
	"crypto/x509"
)

// ParsePublic returns the public key in pemOrDER, an [*rsa.PublicKey] or
// [*ecdsa.PublicKey], from the form in which CloudFront takes it: PKIX
// (SubjectPublicKeyInfo), as PEM or DER. PEM is read as leniently as in
// [ParsePrivate].
//
// It returns [ErrNoKey] if there is no public key, or more than one;
// [ErrMalformedKey], also for an RSA modulus with a small prime factor; and
// [ErrUnsupportedKey] for one that CloudFront does not accept, and for DER of more
// than 16,384 bytes, which is refused unread.
func ParsePublic(pemOrDER []byte) (crypto.PublicKey, error) {
	blocks, err := pemBlocks(pemOrDER)
	if err != nil {
		return nil, err
	}
	der := pemOrDER
	if len(blocks) > 0 {
		block, err := onlyPublic(blocks)
		if err != nil {
			return nil, err
		}
		der = block.Bytes
	} else if !isOneValue(der) {
		return nil, refuse(ErrNoKey, "it is neither PEM, which begins with -----BEGIN, nor DER")
	}
	if err := checkSize(der); err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil || !isOneValue(der) {
		return nil, refuse(ErrMalformedKey, "not a public key in PKIX form: make it with: openssl pkey -in private_key.pem -pubout -out public_key.pem")
	}
	return copyPublic(key)
}
