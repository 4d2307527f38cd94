// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"errors"
	"fmt"
)

// Reasons for refusing a key or its ID. The errors say what to do, and never
// contain a byte of the key.
var (
	// ErrKeyPairID: not 1 to 64 letters and digits.
	ErrKeyPairID = errors.New("unusable key pair ID")
	// ErrUnsupportedKey: neither RSA with 2,048 bits nor ECDSA on P-256.
	ErrUnsupportedKey = errors.New("unsupported key")
	// ErrMalformedKey: damaged, incomplete or inconsistent.
	ErrMalformedKey = errors.New("malformed key")
	// ErrNoKey: there is no key of the wanted kind, or more than one.
	ErrNoKey = errors.New("no key")
	// ErrEncrypted: the private key is encrypted. The error is an
	// [*EncryptedError].
	ErrEncrypted = errors.New("the private key is encrypted")
)

// An EncryptedError reports an encrypted private key and how to decrypt it. It
// unwraps to [ErrEncrypted].
type EncryptedError struct {
	// Format is the form of the encryption: "PKCS#8" or "RFC 1423".
	Format string
}

// decryptCommand decrypts a key of either form.
const decryptCommand = "openssl pkey -in encrypted.pem -out private_key.pem"

// Error says what to run.
func (e *EncryptedError) Error() string {
	return fmt.Sprintf("keys: %v (%s): decrypt it with: %s", ErrEncrypted, e.Format, decryptCommand)
}

// Unwrap returns [ErrEncrypted].
func (e *EncryptedError) Unwrap() error { return ErrEncrypted }

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("keys: %w: %s", reason, fmt.Sprintf(format, args...))
}
