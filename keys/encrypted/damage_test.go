// SPDX-License-Identifier: Apache-2.0

package encrypted_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"slices"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// TestDamaged: a file with one bit changed is refused or gives its key, but never
// another one, although CBC does not notice changes.
func TestDamaged(t *testing.T) {
	tests := []struct {
		name  string
		input []byte
		want  crypto.PrivateKey
		bits  []byte // what is changed in each byte
	}{
		{"p256", file(t, "p256-once.der"), testkeys.P256(), []byte{1, 2, 4, 8, 16, 32, 64, 128}},
		{"rsa", file(t, "rsa-once.der"), testkeys.RSA(), []byte{1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refused := 0
			for i := range tt.input {
				for _, bit := range tt.bits {
					input := bytes.Clone(tt.input)
					input[i] ^= bit
					key, err := encrypted.ParsePrivate(input, []byte(passphrase))
					if err == nil && !equal(tt.want, key) {
						t.Fatalf("bit %#x of byte %d changed: another key", bit, i)
					}
					if err != nil {
						checkSentinel(t, err)
						refused++
					}
				}
			}
			t.Logf("%d of %d changes refused", refused, len(tt.input)*len(tt.bits))
		})
	}
}

// checkSentinel fails unless err is exactly one of the reasons that the documentation
// has.
func checkSentinel(t *testing.T, err error) {
	t.Helper()
	is := func(sentinel error) bool { return errors.Is(err, sentinel) }
	if n := len(slices.Collect(filter(sentinels, is))); n != 1 || errors.Is(err, keys.ErrEncrypted) {
		t.Fatalf("error %v is %d of the sentinels", err, n)
	}
}

func filter(all []error, wanted func(error) bool) func(yield func(error) bool) {
	return func(yield func(error) bool) {
		for _, one := range all {
			if wanted(one) && !yield(one) {
				return
			}
		}
	}
}

// TestTruncated: no part of a file is a key.
func TestTruncated(t *testing.T) {
	input := file(t, "p256-once.der")
	for n := range input {
		for _, cut := range [][]byte{input[:n], pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: input[:n]})} {
			key, err := encrypted.ParsePrivate(cut, []byte(passphrase))
			if key != nil || !errors.Is(err, keys.ErrNoKey) && !errors.Is(err, keys.ErrMalformedKey) {
				t.Errorf("%d bytes: key %v, error %v", n, key, err)
			}
		}
	}
	for _, trailing := range []string{"\x00", "\n", "\x05\x00", string(input)} {
		key, err := encrypted.ParsePrivate(join(input, []byte(trailing)), []byte(passphrase))
		checkRefusal(t, err, keys.ErrNoKey, "DER")
		if key != nil {
			t.Errorf("a key with %q behind it", trailing)
		}
	}
}
