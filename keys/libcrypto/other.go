// SPDX-License-Identifier: Apache-2.0

//go:build !(((linux && !android) || (darwin && !ios)) && (amd64 || arm64))

package libcrypto

import (
	"crypto"
	"runtime"
)

// A nativeKey does not exist on this system.
type nativeKey struct{}

func newNativeKey(crypto.Signer, Options) (*nativeKey, error) {
	return nil, refuse(ErrLibrary, "package libcrypto supports Linux and macOS on amd64 and arm64, and not %s on %s: sign with the key itself",
		runtime.GOOS, runtime.GOARCH)
}

func (*nativeKey) sign([]byte, crypto.Hash) ([]byte, error) { return nil, ErrLibrary }
func (*nativeKey) close()                                   {}

// String is never called.
func (*nativeKey) String() string { return "" }
