// SPDX-License-Identifier: Apache-2.0

package encrypted

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/keys"
)

// ParsePrivate returns the private key in pemOrDER that passphrase protects, an
// [*rsa.PrivateKey] or [*ecdsa.PrivateKey]. PEM is read as leniently as in
// [keys.ParsePrivate].
//
// It takes as long as whoever wrote the file wanted it to, at most some seconds and
// 256 MiB: read a key once, when the program starts.
//
// The errors are [ErrPassphrase]; [ErrUnsupported]; [ErrNotEncrypted] for a key that is
// open to whoever has the file, since who hands over a passphrase does not expect
// that: where both may be, call keys.ParsePrivate first, and this if its error is
// [keys.ErrEncrypted]; and, as from keys.ParsePrivate, [keys.ErrNoKey],
// [keys.ErrMalformedKey] and [keys.ErrUnsupportedKey]. None contains any of the key
// or the passphrase.
func ParsePrivate(pemOrDER, passphrase []byte) (crypto.Signer, error) {
	der, err := encryptedDER(pemOrDER)
	if err != nil {
		return nil, err
	}
	file, err := parse(der)
	if err != nil {
		return nil, err
	}
	if len(passphrase) == 0 {
		return nil, refuse(ErrPassphrase, "it is empty: hand over the one that the key was encrypted with")
	}
	plain, ok := file.decrypt(passphrase)
	if !ok || !isPKCS8(plain) {
		return nil, wrong(passphrase)
	}
	// As PEM, so that it is read as PKCS#8 and as nothing else.
	key, err := keys.ParsePrivate(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: plain}))
	if err != nil {
		return nil, fmt.Errorf("encrypted: %w", err)
	}
	return key, nil
}

// encryptedDER returns the encrypted key in pemOrDER, which is still to be parsed.
func encryptedDER(pemOrDER []byte) ([]byte, error) {
	_, err := keys.ParsePrivate(pemOrDER)
	if err == nil {
		return nil, refuse(ErrNotEncrypted, "read it with keys.ParsePrivate, or protect it with: openssl pkcs8 -topk8 -in private_key.pem -out encrypted.pem")
	}
	var encrypted *keys.EncryptedError
	if !errors.As(err, &encrypted) {
		return nil, fmt.Errorf("encrypted: %w", err)
	}
	der := encrypted.DER()
	if der == nil {
		return nil, refuse(ErrUnsupported, "%s, the form before PKCS#8: %s", encrypted.Format, convert)
	}
	return der, nil
}

// wrong reports a passphrase that did not give a key.
func wrong(passphrase []byte) error {
	hint := ""
	if bytes.HasSuffix(passphrase, []byte("\n")) || bytes.HasSuffix(passphrase, []byte("\r")) {
		hint = " (it ends in a line break, as what is read from a file does: cut that off)"
	}
	return refuse(ErrPassphrase, "it is the wrong one, or the file is damaged%s", hint)
}
