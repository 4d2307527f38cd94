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

// FailOutside leaves an error of OpenSSL in the queue of the thread, as other code in the process
// can.
func (k *Key) FailOutside() {
	l := k.native.library
	l.newKeyCtxFromName(l.context, "NONE", nil)
}

// WithSize returns a Key with an OpenSSL that says that each signature has n bytes.
func (k *Key) WithSize(n uintptr) *Key {
	changed := *k.native.library
	changed.sign = func(_ uintptr, _ *byte, size *uintptr, _ *byte, _ uintptr) int32 {
		*size = n
		return 1
	}
	native := &nativeKey{library: &changed, key: k.native.key, size: k.native.size}
	return &Key{public: k.public, native: native}
}

// WellKnown are the paths where New looks for the library.
var WellKnown = wellKnown
