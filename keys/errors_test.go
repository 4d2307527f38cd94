// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys"
)

// encryptedError returns the error for an encrypted key.
func encryptedError(t *testing.T, input []byte) *keys.EncryptedError {
	t.Helper()
	_, err := keys.ParsePrivate(input)
	var encrypted *keys.EncryptedError
	if !errors.As(err, &encrypted) {
		t.Fatalf("error %v", err)
	}
	return encrypted
}

func TestEncryptedErrorDER(t *testing.T) {
	pkcs8, rfc1423 := file(t, "encrypted-pkcs8.pem"), file(t, "encrypted-rfc1423.pem")
	fromDER := file(t, "encrypted-pkcs8.der")
	tests := []struct {
		name   string
		input  []byte
		want   []byte
		format string
	}{
		{"pem", pkcs8, der(t, pkcs8), "PKCS#8"},
		{"from a variable", replace(pkcs8, "\n", `\n`), der(t, pkcs8), "PKCS#8"},
		{"bundle", join(file(t, "rsa-certificate.pem"), pkcs8), der(t, pkcs8), "PKCS#8"},
		{"der", fromDER, file(t, "encrypted-pkcs8.der"), "PKCS#8"},
		{"rfc 1423", rfc1423, nil, "RFC 1423"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := encryptedError(t, tt.input)
			clear(tt.input) // the caller may use it again
			clear(err.DER())
			if diff := cmp.Diff(tt.want, err.DER()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.format, err.Format); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if der := (&keys.EncryptedError{Format: "PKCS#8"}).DER(); der != nil {
		t.Errorf("an error made by hand has %x", der)
	}
}

// TestEncryptedErrorDoesNotPrint: nothing that prints an error prints the key in it,
// against which passphrases could be tried.
func TestEncryptedErrorDoesNotPrint(t *testing.T) {
	err := encryptedError(t, file(t, "encrypted-pkcs8.der"))
	key := err.DER()
	wrapped := struct {
		err   error
		value keys.EncryptedError
	}{err, *err}
	encoded, jsonErr := json.Marshal(err)
	if jsonErr != nil {
		t.Fatal(jsonErr)
	}
	texts := []string{string(encoded)}
	for _, verb := range "vsdxXqtbcoOUeEfFgGpwT" {
		for _, flags := range []string{"", "+", "#", "0", " ", "-"} {
			format := "%" + flags + string(verb)
			texts = append(texts, fmt.Sprintf(format, err), fmt.Sprintf(format, *err), fmt.Sprintf(format, wrapped), fmt.Sprintf(format, &wrapped))
		}
	}
	const window = 8
	for _, text := range texts {
		for i := 0; i+window <= len(key); i++ {
			part := key[i : i+window]
			for _, secret := range []string{
				string(part), hex.EncodeToString(part), strings.ToUpper(hex.EncodeToString(part)),
				strings.Trim(fmt.Sprint(part), "[]"), base64.StdEncoding.EncodeToString(part)[:10],
			} {
				if strings.Contains(text, secret) {
					t.Fatalf("%q has a part of the encrypted key", text)
				}
			}
		}
	}
}
