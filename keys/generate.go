// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// GenerateECDSA returns a new key on P-256. Its signatures are shorter than
// those of RSA (96 characters in a URL rather than 344), and much cheaper.
func GenerateECDSA() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("keys: generating a P-256 key: %w", err)
	}
	return key, nil
}

// GenerateRSA returns a new RSA key with 2,048 bits.
func GenerateRSA() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, fmt.Errorf("keys: generating an RSA key: %w", err)
	}
	return key, nil
}

// MarshalPrivate returns key as PEM in PKCS#8 form, which [ParsePrivate] and
// AWS's tools read. Only keys of the standard library can be written; the
// errors are those of [Public].
func MarshalPrivate(key crypto.Signer) ([]byte, error) {
	if _, err := Public(key); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, refuse(ErrUnsupportedKey, "%T cannot be written: only *rsa.PrivateKey and *ecdsa.PrivateKey can", key)
	}
	return pem.EncodeToMemory(&pem.Block{Type: labelPKCS8, Bytes: der}), nil
}

// MarshalPublic returns key as PEM in PKIX form, exactly what CloudFront takes
// when a public key is created. It returns [ErrUnsupportedKey],
// [ErrMalformedKey] and [ErrNoKey].
func MarshalPublic(key crypto.PublicKey) ([]byte, error) {
	checked, err := copyPublic(key)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(checked)
	if err != nil {
		return nil, refuse(ErrMalformedKey, "it cannot be written in PKIX form")
	}
	return pem.EncodeToMemory(&pem.Block{Type: labelPKIX, Bytes: der}), nil
}
