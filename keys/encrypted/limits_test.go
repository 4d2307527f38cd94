// SPDX-License-Identifier: Apache-2.0

package encrypted_test

import (
	"crypto/aes"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"testing"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// TestParsePrivateRefusesLongDER: nothing is computed for a file that is too long for a
// key.
func TestParsePrivateRefusesLongDER(t *testing.T) {
	tests := []struct {
		name   string
		change func(s *structure)
		reason string
	}{
		{"data", func(s *structure) { s.data = make([]byte, 1<<20) }, "it would be decrypted"},
		{"salt", func(s *structure) { s.salt = make([]byte, 1<<20) }, "each iteration would hash it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der := sound(tt.change).der(t)
			for _, input := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})} {
				key, err := encrypted.ParsePrivate(input, []byte(passphrase))
				checkRefusal(t, err, keys.ErrUnsupportedKey, "bytes of DER, and a key has at most 16384")
				if key != nil {
					t.Errorf("a key next to the error, although %s", tt.reason)
				}
			}
		})
	}
}

// TestParsePrivateRefusesLongNumbers: encryption hides a key from the checks of the
// file, so its numbers are checked after it was decrypted.
func TestParsePrivateRefusesLongNumbers(t *testing.T) {
	const bits = 6000
	long := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), bits), big.NewInt(1))
	var info struct {
		Version   int
		Algorithm struct{ ID asn1.ObjectIdentifier }
		Key       []byte
	}
	info.Algorithm.ID = id(t, "1.2.840.113549.1.1.1")
	info.Key = marshal(t, struct {
		Version int
		N       *big.Int
		E       int
		D, P, Q *big.Int
	}{0, long, 65537, long, long, long})
	plain := marshal(t, info)
	missing := aes.BlockSize - len(plain)%aes.BlockSize
	s := sound(func(*structure) {})
	s.data = encryptAES(t, s, pad(plain, missing, byte(missing)))
	key, err := encrypted.ParsePrivate(s.der(t), []byte(passphrase))
	checkRefusal(t, err, keys.ErrUnsupportedKey, "RSA with 6000 bits")
	if key != nil {
		t.Error("a key next to the error")
	}
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
