// SPDX-License-Identifier: Apache-2.0

package encrypted

import (
	"bytes"
	"encoding/asn1"

	"github.com/youmark/pkcs8"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// A pbes2 is an encrypted key with all that is to be known before the passphrase is.
// Everything in it was checked: the library panics if it does not fit together. Its
// own parser is not used, because it skips the length of the key that Java writes, and
// the hash behind it, and says that the passphrase is wrong.
type pbes2 struct {
	derivation
	cipher pkcs8.Cipher
	iv     []byte
	data   []byte
}

// parse reads an EncryptedPrivateKeyInfo (RFC 5958) whose algorithm is PBES2
// (RFC 8018).
func parse(input []byte) (pbes2, error) {
	whole := cryptobyte.String(input)
	var info, data cryptobyte.String
	if !whole.ReadASN1(&info, der.SEQUENCE) || !whole.Empty() {
		return pbes2{}, malformed("it is not one value in DER")
	}
	scheme, parameters, ok := readAlgorithm(&info)
	if !ok || !info.ReadASN1(&data, der.OCTET_STRING) || !info.Empty() {
		return pbes2{}, malformed("it is not an encrypted key in PKCS#8 form")
	}
	if !scheme.Equal(oidPBES2) {
		return pbes2{}, unsupported("the scheme", scheme)
	}
	file, err := parseParameters(parameters)
	if err != nil {
		return pbes2{}, err
	}
	file.data = data
	if len(data) == 0 || len(data)%file.cipher.IVSize() != 0 {
		return pbes2{}, malformed("what is encrypted is not whole blocks")
	}
	return file, file.checkFIPS()
}

// parseParameters reads PBES2-params.
func parseParameters(parameters cryptobyte.String) (pbes2, error) {
	var params cryptobyte.String
	if !parameters.ReadASN1(&params, der.SEQUENCE) || !parameters.Empty() {
		return pbes2{}, malformed("the parameters of PBES2 are incomplete")
	}
	kdf, kdfParameters, ok := readAlgorithm(&params)
	scheme, cipherParameters, ok2 := readAlgorithm(&params)
	if !ok || !ok2 || !params.Empty() {
		return pbes2{}, malformed("the parameters of PBES2 are incomplete")
	}
	cipher, err := findCipher(scheme)
	if err != nil {
		return pbes2{}, err
	}
	var iv cryptobyte.String
	if !cipherParameters.ReadASN1(&iv, der.OCTET_STRING) || !cipherParameters.Empty() || len(iv) != cipher.IVSize() {
		return pbes2{}, malformed("the cipher has not got an IV of its block size")
	}
	derived, err := parseDerivation(kdf, kdfParameters, cipher.KeySize())
	if err != nil {
		return pbes2{}, err
	}
	return pbes2{derivation: derived, cipher: cipher, iv: iv}, nil
}

// findCipher returns the library's cipher for scheme. Its GCM is CBC under another
// name, and its registry is open to others; so neither is used.
func findCipher(scheme asn1.ObjectIdentifier) (pkcs8.Cipher, error) {
	for _, cipher := range []pkcs8.Cipher{pkcs8.AES256CBC, pkcs8.AES192CBC, pkcs8.AES128CBC} {
		if cipher.OID().Equal(scheme) {
			return cipher, nil
		}
	}
	return nil, unsupported("the cipher", scheme)
}

// readAlgorithm reads an AlgorithmIdentifier and returns its parameters undecoded.
func readAlgorithm(from *cryptobyte.String) (id asn1.ObjectIdentifier, parameters cryptobyte.String, ok bool) {
	ok = from.ReadASN1(&parameters, der.SEQUENCE) && parameters.ReadASN1ObjectIdentifier(&id)
	return id, parameters, ok
}

// decrypt returns what is encrypted without its padding, and false if there is none,
// as with nearly every wrong passphrase.
func (p pbes2) decrypt(passphrase []byte) ([]byte, bool) {
	key, _, err := p.kdf.DeriveKey(passphrase, p.salt, p.cipher.KeySize())
	if err != nil {
		return nil, false
	}
	plain, err := p.cipher.Decrypt(key, p.iv, p.data)
	if err != nil {
		return nil, false
	}
	n := int(plain[len(plain)-1])
	if n == 0 || n > p.cipher.IVSize() {
		return nil, false
	}
	padding := bytes.Repeat([]byte{byte(n)}, n)
	return bytes.CutSuffix(plain, padding)
}

// isPKCS8 reports whether plain looks like a PrivateKeyInfo, which what a wrong
// passphrase gives does not.
func isPKCS8(plain []byte) bool {
	whole := cryptobyte.String(plain)
	var info, key cryptobyte.String
	var version int
	if !whole.ReadASN1(&info, der.SEQUENCE) || !whole.Empty() || !info.ReadASN1Integer(&version) {
		return false
	}
	_, _, ok := readAlgorithm(&info)
	return ok && info.ReadASN1(&key, der.OCTET_STRING)
}
