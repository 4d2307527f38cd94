// SPDX-License-Identifier: Apache-2.0

package libcrypto

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/fips140"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"

	"github.com/cfsign/cfsign/keys"
)

// ErrLibrary means that this process cannot use OpenSSL 3: libcrypto is not installed, is too
// old, or is another library; the system is neither Linux nor macOS on amd64 or arm64; or the
// process runs with GODEBUG=fips140=only, and [Options.FIPS] is not set. The text says what to
// do. You can sign with the key that you passed to [New] instead.
//
// If Options.FIPS is set, no error wraps ErrLibrary, so that no program falls back to a key
// outside the FIPS provider by accident.
var ErrLibrary = errors.New("OpenSSL 3 cannot be used")

// Options configure [New]. The zero value loads the libcrypto of the system.
type Options struct {
	// Library is the absolute path of a libcrypto 3. The process trusts this file with its
	// keys, and runs its code. Empty: the first one that exists at the paths where Debian,
	// Ubuntu, Fedora, RHEL, Amazon Linux, SUSE, Alpine, Arch, Homebrew and MacPorts install it.
	Library string
	// FIPS makes the FIPS provider of OpenSSL sign. New returns an error if the provider is not
	// installed or fails its self-test. It then returns this error until you restart the
	// process. False: the default provider of OpenSSL signs, even if openssl.cnf activates the
	// FIPS provider.
	FIPS bool
}

// A Key is a [crypto.Signer] whose private key operation is OpenSSL's. It is safe for
// concurrent use. Create it with [New]: the zero Key has no public key, and signs nothing. Copies
// of a Key share the key in OpenSSL, so Close closes all of them.
type Key struct {
	public crypto.PublicKey
	native *nativeKey
}

// New copies a private key into OpenSSL. The key must be an [*rsa.PrivateKey] or
// [*ecdsa.PrivateKey], as [keys.ParsePrivate] returns it. New does not change or keep it. Call
// [Key.Close] when you no longer need the Key.
//
// New loads the library once, and it stays loaded until the process ends. OpenSSL checks the
// key, which takes about 0.1 s for RSA. Then the Key signs once, and Go verifies the signature.
//
// New returns:
//
//   - [ErrLibrary] if the process cannot use OpenSSL 3.
//   - The errors of [keys.Public], and [keys.ErrUnsupportedKey] for a key that is not in memory.
//   - [keys.ErrMalformedKey] if OpenSSL refuses the key, and [keys.ErrSignature] if its first
//     signature is wrong.
//   - An error of no kind if Options.FIPS is set, and OpenSSL or its FIPS provider is missing.
//
// No error contains any part of the key.
func New(key crypto.Signer, o Options) (*Key, error) {
	public, err := keys.Public(key)
	if err != nil {
		return nil, err
	}
	if fips140.Enforced() && !o.FIPS {
		return nil, refuse(ErrLibrary, "GODEBUG=fips140=only rules out its default provider: set Options.FIPS, or sign with the key itself")
	}
	native, err := newNativeKey(key, o)
	switch {
	case err != nil && o.FIPS && errors.Is(err, ErrLibrary):
		return nil, errors.New(err.Error()) // see ErrLibrary
	case err != nil:
		return nil, err
	}
	k := &Key{public: public, native: native}
	if err := k.test(); err != nil {
		_ = k.Close()
		return nil, err
	}
	return k, nil
}

// test signs once, and verifies the signature.
func (k *Key) test() error {
	digest := [32]byte{0: 1}
	signature, err := k.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return err
	}
	ok := false
	switch public := k.public.(type) {
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(public, digest[:], signature)
	}
	if !ok {
		return refuse(keys.ErrSignature, "%v made a wrong signature with the key: use another library, or sign with the key itself", k)
	}
	return nil
}

// Public returns the public key: an [*rsa.PublicKey] or [*ecdsa.PublicKey]. You must not change
// it.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Sign signs the digest of a message: PKCS#1 v1.5 for RSA, and ASN.1 DER for ECDSA. opts must
// be [crypto.SHA256] or [crypto.SHA1]. It ignores the [io.Reader], because OpenSSL has its own
// randomness.
//
// Equal digests have equal signatures with RSA. With ECDSA, they do if the library or its FIPS
// provider can make deterministic ones, since OpenSSL 3.2; [Key.String] says whether it can.
//
// OpenSSL makes at most 2×GOMAXPROCS signatures at once, with the value of GOMAXPROCS when New
// loaded the library. Other calls of Sign wait.
//
// Sign returns [keys.ErrHash] for another hash, for RSA-PSS, for a digest of the wrong length,
// and for SHA-1 with the FIPS provider; [keys.ErrNoKey] if the Key is closed; and an error with
// OpenSSL's reason if OpenSSL fails.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	hash, err := hashOf(opts, len(digest))
	if err != nil {
		return nil, err
	}
	if k == nil || k.native == nil {
		return nil, refuse(keys.ErrNoKey, "the Key is empty: create it with libcrypto.New")
	}
	return k.native.sign(digest, hash)
}

// hashOf returns the hash that opts ask for, if a Key can sign n bytes as its digest.
func hashOf(opts crypto.SignerOpts, n int) (crypto.Hash, error) {
	if opts == nil {
		return 0, refuse(keys.ErrHash, "it is not set: pass crypto.SHA256")
	}
	if _, ok := opts.(*rsa.PSSOptions); ok {
		return 0, refuse(keys.ErrHash, "CloudFront does not accept RSA-PSS: pass crypto.SHA256")
	}
	hash := opts.HashFunc()
	switch {
	case hash != crypto.SHA256 && hash != crypto.SHA1:
		return 0, refuse(keys.ErrHash, "CloudFront does not know %v: pass crypto.SHA256", hash)
	case n != hash.Size():
		return 0, refuse(keys.ErrHash, "a digest of %d bytes, but %v has %d: pass the hash of the message", n, hash, hash.Size())
	}
	return hash, nil
}

// Close removes the private key from the memory of OpenSSL, which overwrites it with zeros. It
// waits for signatures that are under way. After Close, Sign returns an error. Close always
// returns nil, and you can call it again. When nothing refers to a Key and its copies any more,
// the garbage collector closes it.
//
// Close cannot remove the key that you passed to [New] from the memory of Go.
func (k *Key) Close() error {
	if k != nil && k.native != nil {
		k.native.close()
	}
	return nil
}

// String names the version and the path of the library, for your log:
//
//	RSA in OpenSSL 3.0.22 25 Aug 2026 (/usr/lib/x86_64-linux-gnu/libcrypto.so.3)
//
// It also names the version of the FIPS provider if that one signs. For ECDSA, it says whether
// equal digests have equal signatures.
func (k *Key) String() string {
	if k == nil || k.native == nil {
		return "an empty libcrypto.Key"
	}
	return k.native.String()
}

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("libcrypto: %w: %s", reason, fmt.Sprintf(format, args...))
}
