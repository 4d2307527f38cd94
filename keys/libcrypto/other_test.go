// SPDX-License-Identifier: Apache-2.0

//go:build !(((linux && !android) || (darwin && !ios)) && (amd64 || arm64))

package libcrypto_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys/libcrypto"
)

// TestOtherSystems: the package compiles everywhere, and says where it does not sign.
func TestOtherSystems(t *testing.T) {
	_, err := libcrypto.New(testkeys.RSA(), libcrypto.Options{})
	if !errors.Is(err, libcrypto.ErrLibrary) {
		t.Errorf("got %v", err)
	}
	_, err = libcrypto.New(testkeys.RSA(), libcrypto.Options{FIPS: true})
	if err == nil || errors.Is(err, libcrypto.ErrLibrary) || !strings.Contains(err.Error(), runtime.GOARCH) {
		t.Errorf("got %v", err)
	}
}
