// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/encrypted"
)

// A form is how a private key is written. The next key has the form of the current one, because
// many programs read only the form that they know.
type form struct {
	label      string // of the PEM block
	passphrase []byte // nil: the key is not encrypted
}

// The labels of PEM blocks.
const (
	labelPKCS1 = "RSA PRIVATE KEY"
	labelSEC1  = "EC PRIVATE KEY"
)

var errNotPEM = errors.New("the file is not PEM, and the next key would be: convert it with openssl pkey -in FILE -out private_key.pem")

// formOf returns the form of a key.
func formOf(data []byte, passphrase func() ([]byte, error)) (form, error) {
	var f form
	for block, rest := pem.Decode(data); ; block, rest = pem.Decode(rest) {
		if block == nil {
			return form{}, errNotPEM
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			f.label = block.Type
			break
		}
	}
	if _, err := keys.ParsePrivate(data); !errors.Is(err, keys.ErrEncrypted) {
		return f, nil // parse returns the error
	} else if passphrase == nil {
		return form{}, err
	}
	secret, err := passphrase()
	f.passphrase = secret
	return f, err
}

func (f form) parse(data []byte) (crypto.Signer, error) {
	if f.passphrase == nil {
		return keys.ParsePrivate(data)
	}
	return encrypted.ParsePrivate(data, f.passphrase)
}

func (f form) marshal(key crypto.Signer) ([]byte, error) {
	if f.passphrase != nil {
		return encrypted.MarshalPrivate(key, f.passphrase)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if f.label == labelPKCS1 {
			return pem.EncodeToMemory(&pem.Block{Type: f.label, Bytes: x509.MarshalPKCS1PrivateKey(key)}), nil
		}
	case *ecdsa.PrivateKey:
		if f.label == labelSEC1 {
			der, err := x509.MarshalECPrivateKey(key)
			return pem.EncodeToMemory(&pem.Block{Type: f.label, Bytes: der}), err
		}
	}
	return keys.MarshalPrivate(key)
}

// generateLike returns a new key of the same type.
func generateLike(key crypto.Signer) (crypto.Signer, error) {
	if _, isRSA := key.Public().(*rsa.PublicKey); isRSA {
		return keys.GenerateRSA()
	}
	return keys.GenerateECDSA()
}
