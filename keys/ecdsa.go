// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
)

// newEC is the advice for an EC key that cannot be read.
const newEC = "make one with: openssl ecparam -name prime256v1 -genkey -noout"

// mixedECDSA says that a private number and a public point come from two keys.
const mixedECDSA = "the parts of the ECDSA key do not belong together"

func copyECDSA(key *ecdsa.PublicKey) (crypto.PublicKey, error) {
	if isEmptyECDSA(key) {
		return nil, refuse(ErrNoKey, "the ECDSA key is empty")
	}
	if key.Curve != elliptic.P256() {
		return nil, refuse(ErrUnsupportedKey, "ECDSA on %s: %s", curveName(key.Curve), supported)
	}
	point, err := key.Bytes()
	if err != nil {
		return nil, refuse(ErrMalformedKey, "the point is not on P-256")
	}
	copied, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, refuse(ErrMalformedKey, "the point is not on P-256")
	}
	return copied, nil
}

// isEmptyECDSA reports whether a part is missing without which the standard library
// panics.
func isEmptyECDSA(key *ecdsa.PublicKey) bool {
	//lint:ignore SA1019 the methods that replace X and Y panic if they are nil
	return key == nil || key.Curve == nil || key.X == nil || key.Y == nil
}

func curveName(curve elliptic.Curve) string {
	if params := curve.Params(); params != nil {
		return params.Name
	}
	return "an unknown curve"
}

// checkPrivateECDSA refuses a key that is empty or inconsistent. copyECDSA checks its
// curve and its point.
func checkPrivateECDSA(key *ecdsa.PrivateKey) error {
	//lint:ignore SA1019 the methods that replace D panic if it is nil
	if key == nil || isEmptyECDSA(&key.PublicKey) || key.D == nil {
		return refuse(ErrNoKey, "the ECDSA key is empty")
	}
	if key.Curve == elliptic.P256() && !isConsistent(key) {
		return refuse(ErrMalformedKey, mixedECDSA)
	}
	return nil
}

func isConsistent(key *ecdsa.PrivateKey) bool {
	scalar, err := key.Bytes()
	if err != nil {
		return false
	}
	derived, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	return err == nil && derived.PublicKey.Equal(&key.PublicKey)
}

func parseSEC1(der []byte) (crypto.Signer, error) {
	key, err := x509.ParseECPrivateKey(der)
	if err != nil || !isOneValue(der) {
		return nil, undecodableEC()
	}
	return checkedEC(key, der)
}

// parseEC returns the EC key in PKCS#8 form. inner is the SEC1 form inside of pkcs8.
func parseEC(pkcs8, inner []byte) (crypto.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, undecodableEC()
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, undecodableEC()
	}
	return checkedEC(key, inner)
}

// undecodableEC omits the standard library's reason, which is not guaranteed to hold no
// part of the key.
func undecodableEC() error {
	return refuse(ErrMalformedKey, "not a valid EC key on a named curve: %s", newEC)
}

// ecPrivateKey is SEC 1's ECPrivateKey (RFC 5915).
type ecPrivateKey struct {
	Version    int
	PrivateKey []byte
	Curve      asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Public     asn1.BitString        `asn1:"optional,explicit,tag:1"`
	More       asn1.RawValue         `asn1:"optional"`
}

// checkedEC returns key, which was read from der, if the public key in der belongs to it.
// The standard library skips this check. But a private key with a damaged number is
// another valid key, and nothing else would tell if the key was encrypted.
func checkedEC(key *ecdsa.PrivateKey, der []byte) (crypto.Signer, error) {
	var info ecPrivateKey
	if _, err := asn1.Unmarshal(der, &info); err != nil || len(info.More.FullBytes) > 0 {
		return nil, undecodableEC()
	}
	if key.Curve != elliptic.P256() || len(info.Public.Bytes) == 0 {
		return key, nil
	}
	point, err := key.PublicKey.Bytes()
	if err != nil || !sameX(point, info.Public.Bytes) {
		return nil, refuse(ErrMalformedKey, mixedECDSA)
	}
	return key, nil
}

// sameX reports whether two points on P-256 have the same x coordinate. All forms have it
// at the same place, compressed or not. It is enough, because damage does not change a
// point into its negative.
func sameX(a, b []byte) bool {
	const end = 1 + 32
	return len(a) >= end && len(b) >= end && bytes.Equal(a[1:end], b[1:end])
}
