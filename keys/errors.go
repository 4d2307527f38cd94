// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"errors"
	"fmt"
)

// Reasons for refusing a key or its ID. The errors say what to do, and never
// contain a byte of the key.
var (
	// ErrKeyPairID: not 1 to 64 letters and digits.
	ErrKeyPairID = errors.New("unusable key pair ID")
	// ErrUnsupportedKey: neither RSA with 2,048 bits and two primes nor ECDSA on
	// P-256.
	ErrUnsupportedKey = errors.New("unsupported key")
	// ErrMalformedKey: damaged, incomplete, inconsistent or easy to factor.
	ErrMalformedKey = errors.New("malformed key")
	// ErrNoKey: there is no key of the wanted kind, or more than one.
	ErrNoKey = errors.New("no key")
	// ErrEncrypted: the private key is encrypted. The error is an
	// [*EncryptedError].
	ErrEncrypted = errors.New("the private key is encrypted")
)

// Forms of encryption.
const (
	formPKCS8   = "PKCS#8"
	formRFC1423 = "RFC 1423"
)

// An EncryptedError reports an encrypted private key and how to decrypt it. It
// unwraps to [ErrEncrypted].
type EncryptedError struct {
	// Format is the form of the encryption: "PKCS#8", which package
	// keys/encrypted reads, or "RFC 1423", the older one.
	Format string

	// der is held by a pointer to a pointer, which no verb of fmt follows: who has
	// the encrypted key can try passphrases.
	der **[]byte
}

func encryptedPKCS8(der []byte) *EncryptedError {
	held := new(bytes.Clone(der))
	return &EncryptedError{Format: formPKCS8, der: &held}
}

// Commands that decrypt a key of either form, and that write one of the older
// form in the newer.
const (
	decryptCommand = "openssl pkey -in encrypted.pem -out private_key.pem"
	convertCommand = "openssl pkcs8 -topk8 -in encrypted.pem -out private_key.pem"
)

// Error says what to do. It has no part of the key.
func (e *EncryptedError) Error() string {
	if e.Format == formPKCS8 {
		return fmt.Sprintf("keys: %v (%s): read it with package keys/encrypted, or decrypt it with: %s", ErrEncrypted, e.Format, decryptCommand)
	}
	return fmt.Sprintf("keys: %v (%s): convert it for package keys/encrypted with: %s, or decrypt it with: %s", ErrEncrypted, e.Format, convertCommand, decryptCommand)
}

// Unwrap returns [ErrEncrypted].
func (e *EncryptedError) Unwrap() error { return ErrEncrypted }

// DER returns a copy of the encrypted key, as it was found and unchecked: what
// should be an EncryptedPrivateKeyInfo of PKCS#8. It is nil for RFC 1423. Package
// keys/encrypted decrypts it; other packages may know more schemes.
func (e *EncryptedError) DER() []byte {
	if e.der == nil {
		return nil
	}
	return bytes.Clone(**e.der)
}

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("keys: %w: %s", reason, fmt.Sprintf(format, args...))
}
