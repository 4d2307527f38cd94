// SPDX-License-Identifier: Apache-2.0

package keys

// maxDER is the longest DER that is parsed, in bytes. An RSA private key with 2,048
// bits has about 1,200, and one with 16,384 bits 9,300, so keys of any usual kind are
// still refused by their name. The limit bounds the work for a file from elsewhere.
const maxDER = 16 << 10

// checkSize refuses DER that is too long for a key. Call it before crypto/x509.
func checkSize(der []byte) error {
	if len(der) > maxDER {
		return refuse(ErrUnsupportedKey, "%d bytes of DER, and a key has at most %d: pass an RSA key with 2048 bits or an ECDSA key on P-256", len(der), maxDER)
	}
	return nil
}
