// SPDX-License-Identifier: Apache-2.0

/*
Package keys reads, checks and makes the keys that sign for CloudFront, and the
set of public keys that a trusted key group is.

[ParsePrivate] takes a private key from wherever it was kept, and gives a
[crypto.Signer] for package sign. Any other crypto.Signer does as well, such as
one in an HSM or a key management service; one whose key operation takes a
context implements [ContextSigner]. Package keys/keystest checks whether it
keeps its contract. Package keys/encrypted reads keys that a passphrase protects.

# Which keys

CloudFront's key groups take RSA with 2,048 bits and ECDSA on P-256. Others are
refused when they are read, not when the first viewer gets a 403. P-256 is the
better choice for new keys: signatures are shorter and far cheaper.

A key from a stranger costs little time: DER of more than 16,384 bytes, and RSA numbers
that are longer than the modulus of such a key, are refused before anything is computed.
An RSA modulus with a prime factor below 4,096 is refused too. This does not prove that a
key was well made.

# Key pair IDs

A key pair ID is the ID that CloudFront gives to an uploaded public key, such as
K2JCJMDEHXQW5F. It is neither the ID of the key group nor that of an access key.

# Where keys live

An environment variable is read by everything in the process, and by whoever sees a crash
report. Better, from easy to safe: a file under a passphrase (keys/encrypted), a secret
that is rotated without a restart (keys/aws/awssecrets), and a key that nobody can copy, in KMS
(keys/aws/awskms) or an HSM (examples/keys/hsm). Errors of keys that are kept elsewhere are of one
kind each, such as [ErrThrottled] and [ErrDisabled], wherever that is.

# Secrets

No error of this package contains any part of a key.
*/
package keys
