// SPDX-License-Identifier: Apache-2.0

package encrypted

import (
	"crypto"
	"crypto/fips140"
	"encoding/asn1"
	"math"
	"math/big"

	"github.com/youmark/pkcs8"
	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// What a file may ask for. PBKDF2: sixteen times what is recommended for new keys.
// scrypt: 256 MiB, sixteen times what OpenSSL writes and eight times what it reads. With
// another r than the usual 8 the library takes memory beside that.
const (
	maxIterations = 10_000_000
	maxScrypt     = 1 << 21 // N·r·p
	maxBlock      = 64      // r
)

// A derivation is how the key of the cipher comes out of the passphrase.
type derivation struct {
	kdf  pkcs8.KDFOpts
	salt []byte
}

func parseDerivation(kdf asn1.ObjectIdentifier, parameters cryptobyte.String, keySize int) (derivation, error) {
	var params, salt cryptobyte.String
	var read func(params *cryptobyte.String, keySize int) (pkcs8.KDFOpts, error)
	switch {
	case kdf.Equal(oidPBKDF2):
		read = readPBKDF2
	case kdf.Equal(oidScrypt):
		read = readScrypt
	default:
		return derivation{}, unsupported("the key derivation", kdf)
	}
	if !parameters.ReadASN1(&params, der.SEQUENCE) || !parameters.Empty() || !params.ReadASN1(&salt, der.OCTET_STRING) {
		return derivation{}, malformed("the key derivation has no salt")
	}
	opts, err := read(&params, keySize)
	if err != nil {
		return derivation{}, err
	}
	if !params.Empty() {
		return derivation{}, malformed("the key derivation has more parameters than there are")
	}
	return derivation{opts, salt}, nil
}

// readPBKDF2 reads the rest of PBKDF2-params (RFC 8018).
func readPBKDF2(params *cryptobyte.String, keySize int) (pkcs8.KDFOpts, error) {
	iterations, ok := readNumber(params)
	if !ok || !readKeySize(params, keySize) {
		return nil, malformed("the numbers of PBKDF2 are missing or wrong")
	}
	if iterations > maxIterations {
		return nil, refuse(ErrUnsupported, "more than %d iterations of PBKDF2: write it anew with fewer: openssl pkcs8 -topk8 -iter 600000 -in encrypted.pem -out private_key.pem", maxIterations)
	}
	hash, err := readPRF(params)
	return pkcs8.PBKDF2Opts{IterationCount: iterations, HMACHash: hash}, err
}

// readPRF returns the hash of PBKDF2's HMAC, which is SHA-1 where none is named.
func readPRF(params *cryptobyte.String) (crypto.Hash, error) {
	if params.Empty() {
		return crypto.SHA1, nil
	}
	prf, parameters, ok := readAlgorithm(params)
	if ok && !parameters.Empty() {
		var null cryptobyte.String
		ok = parameters.ReadASN1(&null, der.NULL) && null.Empty() && parameters.Empty()
	}
	switch {
	case !ok:
		return 0, malformed("the hash of PBKDF2 is incomplete")
	case prf.Equal(oidHMACWithSHA1):
		return crypto.SHA1, nil
	case prf.Equal(oidHMACWithSHA256):
		return crypto.SHA256, nil
	}
	return 0, unsupported("the hash of PBKDF2", prf)
}

// readScrypt reads the rest of scrypt-params (RFC 7914).
func readScrypt(params *cryptobyte.String, keySize int) (pkcs8.KDFOpts, error) {
	n, okN := readNumber(params)
	r, okR := readNumber(params)
	p, okP := readNumber(params)
	if !okN || !okR || !okP || !readKeySize(params, keySize) {
		return nil, malformed("the numbers of scrypt are missing or wrong")
	}
	if r > maxBlock || n > maxScrypt/r || p > maxScrypt/r/n {
		return nil, refuse(ErrUnsupported, "scrypt with N·r·p above %d, which is 256 MiB, or r above %d: write it anew with smaller parameters, where it was made", maxScrypt, maxBlock)
	}
	if n == 1 || n&(n-1) != 0 {
		return nil, malformed("N of scrypt is not a power of two")
	}
	return pkcs8.ScryptOpts{CostParameter: n, BlockSize: r, ParallelizationParameter: p}, nil
}

// readNumber reads a positive number. One that is beyond any limit comes back as the
// greatest there is.
func readNumber(from *cryptobyte.String) (int, bool) {
	n := new(big.Int)
	if !from.ReadASN1Integer(n) || n.Sign() <= 0 {
		return 0, false
	}
	if !n.IsInt64() || n.Int64() > math.MaxInt32 {
		return math.MaxInt32, true
	}
	return int(n.Int64()), true
}

// readKeySize reads the optional length of the key, which Java writes and which has to
// be the cipher's.
func readKeySize(from *cryptobyte.String, keySize int) bool {
	if !from.PeekASN1Tag(der.INTEGER) {
		return true
	}
	n, ok := readNumber(from)
	return ok && n == keySize
}

// checkFIPS refuses what the process may not compute: Go's FIPS module would panic
// inside of the library, or not notice scrypt.
func (d derivation) checkFIPS() error {
	const minSalt = 16
	if !fips140.Enforced() {
		return nil
	}
	if kdf, ok := d.kdf.(pkcs8.PBKDF2Opts); ok && kdf.HMACHash == crypto.SHA256 && len(d.salt) >= minSalt {
		return nil
	}
	return refuse(ErrUnsupported, "FIPS 140-3 allows PBKDF2 with HMAC-SHA-256 and a salt of %d bytes or more: write it anew with MarshalPrivate, or with a recent OpenSSL: openssl pkcs8 -topk8 -saltlen 16 -in encrypted.pem -out private_key.pem", minSalt)
}
