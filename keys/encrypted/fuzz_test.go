// SPDX-License-Identifier: Apache-2.0

package encrypted_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// FuzzParsePrivate: whatever the file and the passphrase, nothing panics or goes beyond
// the limits, and there is a usable key or an error for one reason.
func FuzzParsePrivate(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.[pd]e[mr]")
	if err != nil || len(paths) == 0 {
		f.Fatalf("%d files, %v", len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte(passphrase))
		f.Add(data, []byte("other\n"))
	}
	f.Add(testkeys.P256PEM(), []byte(passphrase))
	f.Fuzz(func(t *testing.T, data, given []byte) {
		if isSlow(t, data) {
			t.Skip("within the limits, but fuzzing would take forever")
		}
		key, err := encrypted.ParsePrivate(data, given)
		if err != nil {
			if key != nil {
				t.Fatal("a key next to an error")
			}
			checkSentinel(t, err)
			checkNoSecret(t, err)
			return
		}
		text, err := keys.MarshalPrivate(key)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := keys.ParsePrivate(text); err != nil || !equal(key, again) {
			t.Fatalf("an invalid key: %v", err)
		}
	})
}

// isSlow reports whether decrypting takes more than some milliseconds. It fails if it
// would take more than the limits say.
func isSlow(t *testing.T, data []byte) bool {
	t.Helper()
	_, err := keys.ParsePrivate(data)
	var found *keys.EncryptedError
	if !errors.As(err, &found) {
		return false
	}
	iterations, scrypt, err := encrypted.Cost(found.DER())
	if err == nil && (iterations > encrypted.MaxIterations || scrypt > encrypted.MaxScrypt) {
		t.Fatalf("%d iterations, %d of scrypt", iterations, scrypt)
	}
	return iterations > 5_000 || scrypt > 10_000
}
