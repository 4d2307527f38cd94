// SPDX-License-Identifier: Apache-2.0

/*
Package libcrypto signs with the OpenSSL 3 of the system, without cgo. It makes RSA signatures
cheaper, or makes them in OpenSSL's FIPS provider.

	key, err := keys.ParsePrivate(privatePEM)
	if err != nil {
		return nil, err
	}
	fast, err := libcrypto.New(key, libcrypto.Options{})
	switch {
	case errors.Is(err, libcrypto.ErrLibrary):
		log.Printf("signing with the standard library: %v", err)
		return sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	case err != nil:
		return nil, err
	}
	log.Printf("signing with %v", fast)
	return sign.New("K2JCJMDEHXQW5F", fast, sign.Options{})

# When you need it

You probably do not. If you sign a policy once with a sign.Cache, or have a P-256 key, the
standard library is fast enough. Use this package if you have an RSA key, sign thousands of
different URLs a second, and the processor time matters. For P-256 it is slower than the
standard library, because package sign verifies each signature of a [Key]. The README has the
figures.

# The library

New loads libcrypto from the absolute path where the system installs it, or from
Options.Library. A program that imports this package is linked dynamically, also with
CGO_ENABLED=0: it does not start in an image without the C library, such as scratch or
distroless/static.

LD_LIBRARY_PATH does not change which libcrypto is loaded, but it can change the libraries that
libcrypto itself needs. On macOS, DYLD_LIBRARY_PATH can replace every library. OpenSSL reads
openssl.cnf, or the file that OPENSSL_CONF names, and loads modules that this file names. So you
must not let others set the environment of the process.

OpenSSL runs in the memory of the process. A bug in it can crash the process, which Go cannot
recover from.

# Equal signatures

RSA signatures are deterministic, so equal policies give equal URLs. ECDSA signatures are
deterministic since OpenSSL 3.2, and equal to the signatures of the standard library. OpenSSL 3.0
and 3.1 and the FIPS provider 3.5 sign the same policy differently each time. Each of these
signatures is valid, but caches and logs see different URLs. [Key.String] says which is the case.

# FIPS 140-3

With Options.FIPS the FIPS provider signs, in a context of its own in which no other provider's
algorithms are found. OpenSSL finds the provider with openssl.cnf, and with OPENSSL_CONF and
OPENSSL_MODULES if they are set. Without Options.FIPS, the default provider signs, even if
openssl.cnf activates the FIPS provider. New returns an error if an engine in openssl.cnf would
sign instead.

In a process with GODEBUG=fips140=only, New returns [ErrLibrary] unless Options.FIPS is set. The
standard library's own FIPS module signs there without this package.

# Secrets

New copies the private key into the memory of OpenSSL, and overwrites the copies that it makes on
the way. OpenSSL overwrites its copy when the [Key] is closed. The key that you passed stays in
the memory of Go until the garbage collector reuses it. No error contains any part of a key.
*/
package libcrypto
