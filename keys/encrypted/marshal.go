// SPDX-License-Identifier: Apache-2.0

package encrypted

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"fmt"

	"github.com/youmark/pkcs8"

	"github.com/cfsign/cfsign/keys"
)

// What is written: OpenSSL and Java read it, and FIPS 140-3 allows it. The number of
// iterations is what OWASP's Password Storage Cheat Sheet recommends for SHA-256.
const (
	iterations = 600_000
	saltSize   = 16
	// maxPassphrase is the most that the openssl command takes, from wherever.
	maxPassphrase = 1023
)

// MarshalPrivate returns key as PEM in PKCS#8 form, encrypted under passphrase, as
// [ParsePrivate] and OpenSSL read it: AES-256-CBC with PBKDF2 and HMAC-SHA-256. Only
// keys of the standard library can be written. No two results are equal.
//
// The errors are those of [keys.MarshalPrivate], and [ErrPassphrase] for a passphrase
// that is empty, or has a line break, a zero byte or more than 1,023 bytes, with which
// other programs could not be made to take it. How good a passphrase is, is not judged.
func MarshalPrivate(key crypto.Signer, passphrase []byte) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, refuse(ErrPassphrase, "it is empty: for a key without one use keys.MarshalPrivate")
	}
	if bytes.ContainsAny(passphrase, "\r\n\x00") {
		return nil, refuse(ErrPassphrase, "it has a line break or a zero byte, which other programs cut it at: leave that out")
	}
	if len(passphrase) > maxPassphrase {
		return nil, refuse(ErrPassphrase, "it has %d bytes, and OpenSSL reads at most %d", len(passphrase), maxPassphrase)
	}
	if _, err := keys.MarshalPrivate(key); err != nil {
		return nil, fmt.Errorf("encrypted: %w", err)
	}
	der, err := pkcs8.MarshalPrivateKey(key, passphrase, &pkcs8.Opts{
		Cipher:  pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: saltSize, IterationCount: iterations, HMACHash: crypto.SHA256},
	})
	if err != nil {
		return nil, refuse(keys.ErrUnsupportedKey, "%T cannot be written", key)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}), nil
}
