// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
)

// pkcs1PrivateKey is an RSAPrivateKey of PKCS #1 (RFC 8017).
type pkcs1PrivateKey struct {
	Version int
	N       *big.Int
	E       int
	D       *big.Int
	P       *big.Int
	Q       *big.Int
	Dp      *big.Int     `asn1:"optional"`
	Dq      *big.Int     `asn1:"optional"`
	Qinv    *big.Int     `asn1:"optional"`
	Others  []otherPrime `asn1:"optional,omitempty"`
}

// otherPrime is an OtherPrimeInfo of PKCS #1.
type otherPrime struct{ Prime, Exponent, Coefficient *big.Int }

// primes returns all primes of the key.
func (k pkcs1PrivateKey) primes() []*big.Int {
	primes := []*big.Int{k.P, k.Q}
	for _, other := range k.Others {
		primes = append(primes, other.Prime)
	}
	return primes
}

// readPKCS1 returns the numbers of a private key in PKCS#1 form, and whether der has
// that form. It computes nothing.
func readPKCS1(der []byte) (pkcs1PrivateKey, bool) {
	var key pkcs1PrivateKey
	rest, err := asn1.Unmarshal(der, &key)
	return key, err == nil && len(rest) == 0
}

func parsePKCS1(der []byte) (crypto.Signer, error) {
	numbers, ok := readPKCS1(der)
	if !ok {
		return nil, undecodable(false)
	}
	if err := checkNumbers(numbers.N, numbers.D, numbers.primes()); err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, undecodable(false)
	}
	return key, nil
}
