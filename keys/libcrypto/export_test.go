// SPDX-License-Identifier: Apache-2.0

//go:build ((linux && !android) || (darwin && !ios)) && (amd64 || arm64)

package libcrypto

import "crypto"

// NewUnchecked is New without the checks of [keys.Public]: OpenSSL gets the numbers as they are.
func NewUnchecked(key crypto.Signer, o Options) (*Key, error) {
	native, err := newNativeKey(key, o)
	if err != nil {
		return nil, err
	}
	return &Key{public: key.Public(), native: native}, nil
}

// WellKnown are the paths where New looks for the library.
var WellKnown = wellKnown
