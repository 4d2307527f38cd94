// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"reflect"
)

// A ContextSigner is a [crypto.Signer] whose key operation takes a context, because it
// goes over a network or to a device. Package sign finds it by a type assertion and
// prefers it to Sign.
type ContextSigner interface {
	crypto.Signer

	// SignContext is Sign with a context. If the context ends, it stops and returns the
	// context's error. As in Sign, digest is the hash of the message, and opts names the
	// hash function. SignContext returns a PKCS#1 v1.5 signature for RSA, and ASN.1 DER
	// for ECDSA.
	SignContext(ctx context.Context, digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

// ParsePrivate returns the private key in pemOrDER, an [*rsa.PrivateKey] or
// [*ecdsa.PrivateKey]. It reads PKCS#1, PKCS#8 and SEC1 (also behind an EC PARAMETERS
// block), as PEM, DER, base64 of PEM, or base64 of DER. It decodes base64 once.
//
// PEM may come from an environment variable (with \n written out, in quotation marks, or
// with spaces for line breaks), or be escaped as in JSON, YAML, XML or a URL. It may have
// CRLF line ends, a byte order mark, and text or certificates around it. As in OpenSSL, its
// label says that the key is private, but not which form it has.
//
// It returns:
//
//   - An [*EncryptedError] for an encrypted key. Package keys/encrypted reads it with its
//     passphrase.
//   - [ErrNoKey] if there is no private key, or more than one.
//   - [ErrMalformedKey] for a damaged key.
//   - [ErrUnsupportedKey] for a key that CloudFront does not accept, for more than 16,384
//     bytes of DER, and for a key in another format, such as PKCS#12, JWK or OpenSSH. The
//     text has the command that converts it.
//
// No error contains any part of the key.
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
	blocks, err := findBlocks(pemOrDER, "private")
	if err != nil {
		return nil, err
	}
	block, err := onlyPrivate(blocks)
	if err != nil {
		return nil, err
	}
	return privateFromBlock(block)
}

// Public returns a copy of key's public key, if CloudFront accepts it: RSA with 2,048 bits
// or ECDSA on P-256. It calls the key's Public method once, and does not sign. It refuses
// RSA numbers that are too long before it computes anything with them.
//
// It returns [ErrUnsupportedKey] for any other key, including RSA with more than two
// primes; [ErrMalformedKey] if the parts of a standard library key do not belong
// together, or if an RSA modulus has a small prime factor; and [ErrNoKey] for a nil or
// empty key.
//
// Source: "Specify signers that can create signed URLs and signed cookies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
func Public(key crypto.Signer) (crypto.PublicKey, error) {
	if err := checkPrivate(key); err != nil {
		return nil, err
	}
	return copyPublic(key.Public())
}

// checkPrivate refuses standard library keys whose private and public parts do not belong
// together. It cannot check other keys: package sign checks what they sign.
func checkPrivate(key crypto.Signer) error {
	switch key := key.(type) {
	case nil:
		return refuse(ErrNoKey, "it is nil")
	case ed25519.PrivateKey:
		return refuse(ErrUnsupportedKey, "Ed25519: %s", supported)
	case *rsa.PrivateKey:
		return checkPrivateRSA(key)
	case *ecdsa.PrivateKey:
		return checkPrivateECDSA(key)
	}
	if isNil(key) {
		return refuse(ErrNoKey, "it is a nil %T", key)
	}
	return nil
}

// isNil reports whether an interface holds a nil pointer or the like.
func isNil(key crypto.Signer) bool {
	switch v := reflect.ValueOf(key); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Slice, reflect.Chan:
		return v.IsNil()
	default:
		return false
	}
}

// GenerateECDSA returns a new key on P-256. Its signatures are much cheaper than RSA
// signatures, and shorter: 96 characters in a URL rather than 344.
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

// MarshalPrivate returns key as PEM in PKCS#8 form, which [ParsePrivate] and the AWS tools
// read. The key must be an *rsa.PrivateKey or *ecdsa.PrivateKey; for another type,
// MarshalPrivate returns [ErrUnsupportedKey]. It also returns the errors of [Public].
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
