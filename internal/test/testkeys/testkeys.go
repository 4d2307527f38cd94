// SPDX-License-Identifier: Apache-2.0

// Package testkeys holds fixed keys for tests, so that tests are fast and golden values stay
// the same. The keys are public: NEVER use them for anything else.
package testkeys

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	_ "embed" // the keys
	"encoding/pem"
)

var (
	//go:embed testdata/rsa2048.pem
	rsaPEM []byte
	//go:embed testdata/p256.pem
	p256PEM []byte
	//go:embed testdata/p256-other.pem
	otherP256PEM []byte
)

// RSAPEM returns the RSA key as PKCS#8 PEM.
func RSAPEM() []byte { return append([]byte(nil), rsaPEM...) }

// P256PEM returns the P-256 key as PKCS#8 PEM.
func P256PEM() []byte { return append([]byte(nil), p256PEM...) }

// RSA returns an RSA key of 2048 bits.
func RSA() *rsa.PrivateKey { return parse(rsaPEM).(*rsa.PrivateKey) }

// P256 returns a P-256 key.
func P256() *ecdsa.PrivateKey { return parse(p256PEM).(*ecdsa.PrivateKey) }

// OtherP256 returns another P-256 key than [P256].
func OtherP256() *ecdsa.PrivateKey { return parse(otherP256PEM).(*ecdsa.PrivateKey) }

// parse panics if the embedded file is not a key.
func parse(data []byte) any {
	block, _ := pem.Decode(data)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key
}
