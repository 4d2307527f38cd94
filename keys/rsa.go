// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto"
	"crypto/rsa"
	"math"
	"math/big"
	"slices"
	"sync"
)

// rsaBits is the only length that CloudFront takes for a key group.
const rsaBits = 2048

// newRSA is what to do with an RSA key that is beyond repair.
const newRSA = "generate a new key with: openssl genrsa 2048"

func copyRSA(key *rsa.PublicKey) (crypto.PublicKey, error) {
	if key == nil || key.N == nil {
		return nil, refuse(ErrNoKey, "the RSA key is empty")
	}
	if err := checkLength(key.N); err != nil {
		return nil, err
	}
	if key.N.Sign() < 0 || key.N.Bit(0) == 0 || key.E < 3 || key.E%2 == 0 || key.E > math.MaxInt32 {
		return nil, refuse(ErrMalformedKey, "the modulus or exponent cannot be that of an RSA key")
	}
	if hasSmallFactor(key.N) {
		return nil, refuse(ErrMalformedKey, "the RSA modulus has a small prime factor, so the key is broken or made up: %s", newRSA)
	}
	return &rsa.PublicKey{N: new(big.Int).Set(key.N), E: key.E}, nil
}

// checkLength refuses a modulus of a length that CloudFront does not take.
func checkLength(modulus *big.Int) error {
	if bits := modulus.BitLen(); bits != rsaBits {
		return refuse(ErrUnsupportedKey, "RSA with %d bits: %s", bits, supported)
	}
	return nil
}

// checkPrivateRSA refuses an RSA key that is incomplete or inconsistent. copyRSA
// checks its modulus, which is the product of its primes.
func checkPrivateRSA(key *rsa.PrivateKey) error {
	if key == nil || key.N == nil || key.D == nil || slices.Contains(key.Primes, nil) {
		return refuse(ErrNoKey, "the RSA key is empty")
	}
	if err := checkNumbers(key.N, key.D, key.Primes); err != nil {
		return err
	}
	if key.Validate() != nil {
		return refuse(ErrMalformedKey, "the parts of the RSA key do not belong together")
	}
	return nil
}

// checkNumbers refuses the numbers of an RSA private key by their lengths. Call it
// before the standard library computes with them: its time grows with the cube of the
// length, and 8 KB of DER with a prime of 4,000 bytes take a minute.
//
// Keys with more than two primes are refused because the standard library does not
// check that their parts belong together.
func checkNumbers(modulus, exponent *big.Int, primes []*big.Int) error {
	if err := checkLength(modulus); err != nil {
		return err
	}
	const most = 2
	if len(primes) > most {
		return refuse(ErrUnsupportedKey, "RSA with %d primes instead of two: %s", len(primes), newRSA)
	}
	for _, number := range append([]*big.Int{exponent}, primes...) {
		if bits := number.BitLen(); bits > rsaBits || number.Sign() <= 0 {
			return refuse(ErrMalformedKey, "a number of %d bits does not fit the RSA modulus: %s", bits, newRSA)
		}
	}
	return nil
}

// hasSmallFactor reports whether a prime below 2^12 divides the modulus, which anyone
// can find. The standard library does not test for primes. It takes 0.1 ms.
func hasSmallFactor(modulus *big.Int) bool {
	divisor := new(big.Int).GCD(nil, nil, modulus, smallNumbers())
	return divisor.BitLen() > 1
}

// smallNumbers returns the product of the numbers below 2^12, which has their primes
// as factors and no others. That takes some milliseconds, once.
var smallNumbers = sync.OnceValue(func() *big.Int {
	const last = 1<<12 - 1
	return new(big.Int).MulRange(1, last)
})
