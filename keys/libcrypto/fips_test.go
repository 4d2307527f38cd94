// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto_test

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/keystest"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

func checkFIPS(t *testing.T, k *libcrypto.Key) {
	t.Helper()
	if err := keystest.TestSigner(t.Context(), k); err != nil {
		t.Error(err)
	}
	if !strings.Contains(k.String(), ", FIPS provider 3.") {
		t.Errorf("%v does not name its provider", k)
	}
	if _, err := k.Sign(nil, make([]byte, 20), crypto.SHA1); !errors.Is(err, keys.ErrHash) {
		t.Errorf("got %v for SHA-1", err)
	}
}

// TestFIPSRefuses has an RSA key that the default provider accepts. FIPS 186-5 rules out its
// exponent.
func TestFIPSRefuses(t *testing.T) {
	needFIPS(t)
	k, err := libcrypto.New(smallExponentRSA(t), libcrypto.Options{FIPS: true})
	if !errors.Is(err, keys.ErrMalformedKey) {
		t.Errorf("got %v, %v", k, err)
	}
}

// TestSmallExponent: a key with an exponent of 3 is odd, and right.
func TestSmallExponent(t *testing.T) {
	inDefaultProvider(t)
	key := smallExponentRSA(t)
	k := newKey(t, key)
	digest := make([]byte, 32)
	signature, err := k.Sign(nil, digest, crypto.SHA256)
	if err != nil || !verifies(key.Public(), crypto.SHA256, digest, signature) {
		t.Errorf("a wrong signature, %v", err)
	}
}

// smallExponentRSA returns a key with an exponent of 3, or the next one that fits the primes of
// the test key.
func smallExponentRSA(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	return changedRSA(func(k *rsa.PrivateKey) {
		phi := new(big.Int).Mul(new(big.Int).Sub(k.Primes[0], one), new(big.Int).Sub(k.Primes[1], one))
		for k.E, k.D = 3, nil; k.D == nil; k.E += 2 {
			k.D = new(big.Int).ModInverse(big.NewInt(int64(k.E)), phi)
		}
		k.E -= 2
	})
}
