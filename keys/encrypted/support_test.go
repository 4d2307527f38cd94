// SPDX-License-Identifier: Apache-2.0

package encrypted_test

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// passphrase decrypts the files in testdata.
const passphrase = "Tr0ub4dor&3"

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// der returns the bytes of the PEM block in data.
func der(t testing.TB, data []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatal("no PEM block")
	}
	return block.Bytes
}

// sentinels are all that an error of ParsePrivate may be, one at a time.
var sentinels = []error{
	encrypted.ErrPassphrase, encrypted.ErrNotEncrypted,
	keys.ErrNoKey, keys.ErrMalformedKey, keys.ErrUnsupportedKey, keys.ErrEncrypted,
}

// checkRefusal fails unless err is refused and nothing else, says advice, and has
// nothing of the key or passphrase.
func checkRefusal(t *testing.T, err, refused error, advice string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, and %q was to be refused", refused)
	}
	for _, sentinel := range sentinels {
		if is := errors.Is(err, sentinel); is != (sentinel == refused) {
			t.Errorf("errors.Is(%v, %v) = %t", err, sentinel, is)
		}
	}
	if !strings.Contains(err.Error(), advice) || !strings.HasPrefix(err.Error(), "encrypted: ") {
		t.Errorf("error %q does not say %q", err, advice)
	}
	checkNoSecret(t, err)
}

// checkNoSecret fails if err has the passphrase, or eight bytes of a test key.
func checkNoSecret(t *testing.T, err error) {
	t.Helper()
	if strings.Contains(err.Error(), passphrase) {
		t.Errorf("error %q has the passphrase", err)
	}
	const window = 8
	for _, key := range [][]byte{testkeys.RSAPEM(), testkeys.P256PEM()} {
		raw := der(t, key)[36:] // behind what all keys begin with
		for i := 0; i+window <= len(raw); i++ {
			part := raw[i : i+window]
			for _, text := range []string{string(part), hex.EncodeToString(part), base64.StdEncoding.EncodeToString(part)[:10]} {
				if strings.Contains(err.Error(), text) {
					t.Fatalf("error %q has a part of the key", err)
				}
			}
		}
	}
}

func equal(want crypto.PrivateKey, got crypto.Signer) bool {
	comparable, ok := want.(interface{ Equal(crypto.PrivateKey) bool })
	return ok && comparable.Equal(got)
}

// underFIPS skips what the FIPS 140-3 mode of Go does not allow. TestFIPS has what
// becomes of it.
func underFIPS(t *testing.T) {
	t.Helper()
	if fips140.Enforced() {
		t.Skip("the salt is too short, or the hash or scrypt not approved, where FIPS 140-3 is enforced")
	}
}

func replace(data []byte, old, replacement string) []byte {
	return bytes.ReplaceAll(data, []byte(old), []byte(replacement))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
