// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cfsign/cfsign/keys"
)

// A publicKey is one that CloudFront is to trust.
type publicKey struct {
	// name follows from the key, not from its file or its place in the list: CloudFront
	// cannot change the key behind an ID, so another key has to be another resource, and a
	// key that moves in the list the same one.
	name string
	pem  string
}

const makeKeys = "make a pair with: openssl genrsa -out private_key.pem 2048 && openssl rsa -in private_key.pem -pubout -out public_key.pem"

// readPublicKey returns the key in a file. A private key is refused: the template is no
// place for it.
func readPublicKey(path string, readFile func(string) ([]byte, error)) (publicKey, error) {
	data, err := readFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return publicKey{}, fmt.Errorf("there is no public key %s: name the file in %s, or %s", path, publicKeysSetting, makeKeys)
	case err != nil:
		return publicKey{}, fmt.Errorf("the public key: %w", err)
	}
	key, err := newPublicKey(data)
	if err != nil {
		return publicKey{}, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

func newPublicKey(data []byte) (publicKey, error) {
	if _, err := keys.ParsePrivate(data); err == nil {
		return publicKey{}, errors.New("this is a private key, which only the secret may have: name the file with its public key")
	}
	parsed, err := keys.ParsePublic(data)
	if err != nil {
		return publicKey{}, fmt.Errorf("%w (%s)", err, makeKeys)
	}
	der, err := x509.MarshalPKIXPublicKey(parsed)
	if err != nil {
		return publicKey{}, err
	}
	const enough = 8 // bytes of the hash, for at most five keys
	fingerprint := sha256.Sum256(der)
	return publicKey{
		name: "PublicKey" + hex.EncodeToString(fingerprint[:enough]),
		// Written anew, so that white space in the file is no change of the stack.
		pem: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
	}, nil
}
