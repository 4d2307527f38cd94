// SPDX-License-Identifier: Apache-2.0

/*
Package awskms signs for CloudFront with a key that never leaves AWS Key Management
Service. [New] asks KMS for the public key, once, and gives a [Key] for sign.New.

It is a module of its own, so that only those who use KMS have its client among their
dependencies. Its README has the permissions that are needed, and how the public key
gets to CloudFront.

# Which keys

Of the key specs of KMS, CloudFront takes RSA_2048 and ECC_NIST_P256, with the usage
SIGN_VERIFY. Digests are those of SHA-256: KMS has no signing algorithm with SHA-1.

# One request for each signature

Every signature is a request to KMS, which takes milliseconds, costs money and counts
against a quota. Hand out signed policies with sign.Cache, or sign one policy for many
URLs.

# Errors

An error is of one kind, which errors.Is tells: that of the context, or one of
[keys.ErrAccessDenied], [keys.ErrKeyNotFound], [keys.ErrDisabled],
[keys.ErrPendingDeletion], [keys.ErrThrottled], [keys.ErrUnavailable],
[keys.ErrUnsupportedKey], [keys.ErrMismatch], [keys.ErrSignature] and [keys.ErrHash].

The error of the SDK is behind it, for errors.As alone. Its text is not part of ours
where it could hold a secret, and errors.Unwrap does not lead to it, so that what
reports a chain of errors does not print it: an answer about a wrong request
signature repeats the session token, and a failing credential_process is
quoted with what it wrote.
*/
package awskms
