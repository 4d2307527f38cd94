// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
)

// An algorithm is one of the four pairs of a key and a hash.
type algorithm struct {
	key  string // "rsa" or "p256"
	hash crypto.Hash
}

// algorithms returns those that can be used with one key: SHA-1 is not available with
// GODEBUG=fips140=only.
func algorithms(key string) []algorithm {
	if fips140.Enforced() {
		return []algorithm{{key, crypto.SHA256}}
	}
	return []algorithm{{key, crypto.SHA1}, {key, crypto.SHA256}}
}

func allAlgorithms() []algorithm { return append(algorithms("rsa"), algorithms("p256")...) }

// skipWithoutSHA1 skips what signs with SHA-1 and nothing else.
func skipWithoutSHA1(t *testing.T) {
	t.Helper()
	if fips140.Enforced() {
		t.Skip("it signs SHA-1, which is not available with GODEBUG=fips140=only")
	}
}

func (a algorithm) hashName() string {
	return map[crypto.Hash]string{crypto.SHA1: "SHA1", crypto.SHA256: "SHA256"}[a.hash]
}

// hasTurn reports whether case i is one of those that a slow peer signs with this hash
// and not with the other.
func (a algorithm) hasTurn(i int) bool {
	of := algorithms(a.key)
	return of[i%len(of)] == a
}

func (a algorithm) signer() crypto.Signer {
	if a.key == "rsa" {
		return testkeys.RSA()
	}
	return testkeys.P256()
}

// verifies checks a signature with the standard library alone.
func (a algorithm) verifies(document, signature []byte) bool {
	var digest []byte
	if a.hash == crypto.SHA1 {
		sum := sha1.Sum(document)
		digest = sum[:]
	} else {
		sum := sha256.Sum256(document)
		digest = sum[:]
	}
	switch key := a.signer().Public().(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, a.hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, digest, signature)
	}
	return false
}
