// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/rsa"
	"errors"
	"testing"

	"github.com/cfsign/cfsign/internal/test/needs"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

// newKey returns a Key that is closed at the end of the test.
func newKey(t testing.TB, key crypto.Signer) *libcrypto.Key {
	t.Helper()
	k, err := libcrypto.New(key, needLibrary(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k
}

// needLibrary returns the options of New, and skips the test if there is no libcrypto 3. With
// GODEBUG=fips140=only the test needs the FIPS provider.
func needLibrary(t testing.TB) libcrypto.Options {
	t.Helper()
	o := libcrypto.Options{FIPS: fips140.Enforced()}
	if o.FIPS {
		needFIPS(t)
		return o
	}
	if _, err := libcrypto.New(p256(), o); errors.Is(err, libcrypto.ErrLibrary) {
		needs.Missing(t, "libcrypto 3", "apt-get install libssl3")
	}
	return o
}

// needFIPS skips the test if there is no FIPS provider.
func needFIPS(t testing.TB) {
	t.Helper()
	if _, err := libcrypto.New(p256(), libcrypto.Options{FIPS: true}); err != nil {
		needs.Wanted(t, "OpenSSL's FIPS provider", "apt-get install openssl-provider-fips, and openssl fipsinstall")
	}
}

// verifies reports whether Go accepts a signature.
func verifies(public crypto.PublicKey, hash crypto.Hash, digest, signature []byte) bool {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	}
	return false
}
