// SPDX-License-Identifier: Apache-2.0

package encrypted

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/keys"
)

// Reasons for refusing an encrypted key or its passphrase. The errors say what to do,
// and never contain a byte of either.
var (
	// ErrPassphrase: the passphrase is empty or wrong, or the file is so damaged that
	// the two cannot be told apart.
	ErrPassphrase = errors.New("unusable passphrase")
	// ErrUnsupported: the key is encrypted in a way that this package does not read, or
	// not at that cost, or not where FIPS 140-3 is enforced.
	ErrUnsupported = errors.New("unsupported encryption")
	// ErrNotEncrypted: the key is not encrypted, although a passphrase came with it.
	ErrNotEncrypted = errors.New("the private key is not encrypted")
)

// Commands that write an encrypted key anew in a form that is read here. The second
// is for algorithms that OpenSSL 3 keeps apart.
const (
	convert       = "convert it with: openssl pkcs8 -topk8 -in encrypted.pem -out private_key.pem"
	convertLegacy = "convert it with: openssl pkcs8 -topk8 -provider legacy -provider default -in encrypted.pem -out private_key.pem (before OpenSSL 3, without the providers)"
)

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("encrypted: %w: %s", reason, fmt.Sprintf(format, args...))
}

// malformed returns an error for a key that is not what RFC 8018 says.
func malformed(what string) error {
	return refuse(keys.ErrMalformedKey, "%s: was the file cut or changed?", what)
}
