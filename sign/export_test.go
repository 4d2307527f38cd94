// SPDX-License-Identifier: Apache-2.0

package sign

import "crypto"

// NewUnchecked is New without the rules for keys, for published test vectors
// whose RSA key has 1024 bits.
func NewUnchecked(keyPairID string, key crypto.Signer, o Options) (*Signer, error) {
	return newSigner(keyPairID, key, key.Public(), o)
}

// NewTrusting is New for a foreign signer whose signatures are not verified,
// for measuring what the library itself costs.
func NewTrusting(keyPairID string, key crypto.Signer, o Options) (*Signer, error) {
	s, err := newSigner(keyPairID, key, key.Public(), o)
	if err == nil {
		(*s.key).local = true
	}
	return s, err
}
