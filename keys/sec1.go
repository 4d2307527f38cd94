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

func parseSEC1(der []byte) (crypto.Signer, error) {
	key, err := x509.ParseECPrivateKey(der)
	if err != nil || !isOneValue(der) {
		return nil, undecodable(true)
	}
	return checkedEC(key, der)
}

// parseEC returns the EC key in PKCS#8 form, of which inner is the key itself.
func parseEC(pkcs8, inner []byte) (crypto.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, undecodable(true)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, undecodable(true)
	}
	return checkedEC(key, inner)
}

// ecPrivateKey is SEC 1's (RFC 5915).
type ecPrivateKey struct {
	Version    int
	PrivateKey []byte
	Curve      asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	Public     asn1.BitString        `asn1:"optional,explicit,tag:1"`
	More       asn1.RawValue         `asn1:"optional"`
}

// checkedEC returns key if what der, which it was read from, has as its public key
// is that. The standard library skips it; but a private key with a damaged number is
// another valid key, and where it was encrypted nothing else would tell.
func checkedEC(key *ecdsa.PrivateKey, der []byte) (crypto.Signer, error) {
	var info ecPrivateKey
	if _, err := asn1.Unmarshal(der, &info); err != nil || len(info.More.FullBytes) > 0 {
		return nil, undecodable(true)
	}
	if key.Curve != elliptic.P256() || len(info.Public.Bytes) == 0 {
		return key, nil
	}
	point, err := key.PublicKey.Bytes()
	if err != nil || !sameX(point, info.Public.Bytes) {
		return nil, refuse(ErrMalformedKey, "the parts of the ECDSA key do not belong together")
	}
	return key, nil
}

// sameX reports whether two points on P-256 have the same x coordinate. It stands in
// the same place in all forms, compressed or not, and is enough: no damage changes a
// point into its negative.
func sameX(a, b []byte) bool {
	const end = 1 + 32
	return len(a) >= end && len(b) >= end && bytes.Equal(a[1:end], b[1:end])
}
