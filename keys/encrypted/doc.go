// SPDX-License-Identifier: Apache-2.0

/*
Package encrypted reads and writes private keys that a passphrase protects.

[ParsePrivate] does with a passphrase what keys.ParsePrivate does without one.
It is a package of its own because of what it imports.

# Which encryption

The form is PKCS#8 with PBES2 (RFC 8018), which OpenSSL, Java and others write
today, with AES in CBC mode (128, 192 or 256 bits). The key of that comes out of
the passphrase by PBKDF2 with HMAC-SHA-256 or HMAC-SHA-1, or by scrypt. All of
these are what these commands make:

	openssl pkcs8 -topk8 -in private_key.pem -out encrypted.pem
	openssl pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1 -in private_key.pem -out encrypted.pem
	openssl pkcs8 -topk8 -scrypt -in private_key.pem -out encrypted.pem

Anything else is refused with [ErrUnsupported] and the command that converts it:
PBES1, DES, RC2, other hashes, and RFC 1423, the encryption inside of PEM (with a
line "Proc-Type: 4,ENCRYPTED") that openssl genrsa wrote before OpenSSL 3 and
openssl ec still does.

# Cost

A file says itself how much work the passphrase takes. Up to 10,000,000
iterations of PBKDF2 are done, which take some seconds (OpenSSL writes 2,048, and
[MarshalPrivate] 600,000), and scrypt up to N·r·p = 2,097,152 with r up to 64, which
takes 256 MiB and a second or two (OpenSSL writes 131,072, with an r of 8). More is
[ErrUnsupported], so that a file from elsewhere stops nobody. DER of more than 16,384
bytes is keys.ErrUnsupportedKey, before and after decryption, as in package keys.

# Passphrases

A passphrase is taken byte for byte: nothing is trimmed, and letters beyond ASCII
are compared in their encoding, which is UTF-8 for OpenSSL in a UTF-8 terminal.
What was read from a file often ends in a line break, which is not part of it: use
bytes.TrimRight(data, "\r\n").

# What encryption does not do

It does not prove that nobody changed the file: a key that matters is compared
with the public key that CloudFront has. It does not protect the key in the memory
of this process, where copies of the key and of the passphrase remain.

# FIPS 140-3

Under GODEBUG=fips140=only, PBKDF2 with HMAC-SHA-256 and a salt of at least 16
bytes works, as MarshalPrivate writes it; OpenSSL 3.0 writes 8 bytes. The rest is
ErrUnsupported.

# Secrets

No error of this package contains any part of a key or a passphrase.
*/
package encrypted
