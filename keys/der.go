// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
)

// Algorithms in PKCS#8.
var (
	oidRSA = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidEC  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

// privateFromBlock returns the key in a PEM block with a label that ends in PRIVATE KEY.
func privateFromBlock(block *pem.Block) (crypto.Signer, error) {
	if block.Headers["Proc-Type"] == encryptedHeader {
		return nil, &EncryptedError{Format: formRFC1423}
	}
	if err := checkSize(block.Bytes); err != nil {
		return nil, err
	}
	switch block.Type {
	case labelPKCS8:
		return parsePKCS8(block.Bytes)
	case labelPKCS1:
		return parsePKCS1(block.Bytes)
	case labelSEC1:
		return parseSEC1(block.Bytes)
	case labelEncrypted:
		return nil, encryptedPKCS8(block.Bytes)
	case labelOpenSSH:
		return nil, refuse(ErrUnsupportedKey, "it is in OpenSSH's format: convert a copy of the file with: ssh-keygen -p -m PKCS8 -f COPY")
	}
	return nil, refuse(ErrUnsupportedKey, "the PEM label is not a label of RSA or EC keys: %s", supported)
}

// privateFromDER tries the forms one after the other. No key has two of them.
func privateFromDER(der []byte) (crypto.Signer, error) {
	if !isOneValue(der) {
		return nil, refuse(ErrNoKey, "it is neither PEM, which begins with -----BEGIN, nor DER")
	}
	if err := checkSize(der); err != nil {
		return nil, err
	}
	if isEncryptedPKCS8(der) {
		return nil, encryptedPKCS8(der)
	}
	if _, ok := readPKCS8(der); ok {
		return parsePKCS8(der)
	}
	if _, ok := readPKCS1(der); ok {
		return parsePKCS1(der)
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return checkedEC(key, der)
	}
	return nil, refuse(ErrNoKey, "it is DER, but not a private key in PKCS#8, PKCS#1 or SEC1 form")
}

func parsePKCS8(der []byte) (crypto.Signer, error) {
	info, ok := readPKCS8(der)
	if !ok {
		return nil, refuse(ErrMalformedKey, "it is not in PKCS#8 form")
	}
	switch algorithm := info.Algorithm.Algorithm; {
	case algorithm.Equal(oidRSA):
		return parsePKCS1(info.PrivateKey)
	case algorithm.Equal(oidEC):
		return parseEC(der, info.PrivateKey)
	default:
		return nil, refuse(ErrUnsupportedKey, "%s: %s", algorithmName(algorithm), supported)
	}
}

// algorithmName returns the name of an unsupported algorithm.
func algorithmName(algorithm asn1.ObjectIdentifier) string {
	switch id := algorithm.String(); id {
	case "1.2.840.113549.1.1.10":
		return "RSA limited to PSS"
	case "1.2.840.10040.4.1":
		return "DSA"
	case "1.3.101.112":
		return "Ed25519"
	default:
		return "an algorithm with the object identifier " + id
	}
}

// maxDER is the longest DER that this package parses, in bytes. An RSA private key with
// 2,048 bits has about 1,200 bytes, and one with 16,384 bits 9,300, so usual keys that
// CloudFront does not take are refused by name. The limit bounds the work for a file from
// elsewhere.
const maxDER = 16 << 10

// checkSize refuses DER that is too long for a key. Call it before crypto/x509.
func checkSize(der []byte) error {
	if len(der) > maxDER {
		return refuse(ErrUnsupportedKey, "%d bytes of DER, and a key has at most %d: pass an RSA key with 2048 bits or an ECDSA key on P-256", len(der), maxDER)
	}
	return nil
}

// privateKeyInfo is a PrivateKeyInfo of PKCS#8 (RFC 5208), without its attributes.
type privateKeyInfo struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

// readPKCS8 returns the parts of a private key in PKCS#8 form, and whether der has that
// form.
func readPKCS8(der []byte) (privateKeyInfo, bool) {
	var info privateKeyInfo
	rest, err := asn1.Unmarshal(der, &info)
	return info, err == nil && len(rest) == 0
}

// isEncryptedPKCS8 reports whether der is an EncryptedPrivateKeyInfo (RFC 5208).
func isEncryptedPKCS8(der []byte) bool {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	rest, err := asn1.Unmarshal(der, &info)
	return err == nil && len(rest) == 0
}

// isOneValue reports whether der is one DER value with nothing behind it.
func isOneValue(der []byte) bool {
	var value asn1.RawValue
	rest, err := asn1.Unmarshal(der, &value)
	return err == nil && len(rest) == 0
}
