// SPDX-License-Identifier: Apache-2.0

/*
Package awskms signs for CloudFront with a key that never leaves AWS Key Management Service
(KMS):

	client := kms.NewFromConfig(config)
	key, err := awskms.New(ctx, client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		return nil, err
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		return nil, err
	}
	return sign.NewCache(signer, time.Hour, sign.CacheOptions{})

[New] asks KMS for the public key, once. The README of this package lists the permissions
you need, and shows how the public key gets to CloudFront.

# Which keys

The key must have the spec RSA_2048 or ECC_NIST_P256 and the usage SIGN_VERIFY, or
CloudFront cannot use it. You can sign SHA-256 digests only, because KMS has no signing
algorithm with SHA-1.

# One request for each signature

Every signature is a request to KMS. It takes milliseconds, costs money and counts against a
quota. You should use a sign.Cache, or sign one policy for many URLs.

# Several Regions

A multi-Region key has the same private key and the same ID in several Regions. With
[Options.Replicas], another Region signs if the first one fails:

	return awskms.New(ctx, east, "mrk-1234abcd12ab34cd56ef000000000001", awskms.Options{
		Replicas: []awskms.API{west},
		Observe:  func(_ context.Context, e awskms.Event) { log.Print(e) },
	})

New asks the Regions in their order for the public key, until one answers. If a key is not
the expected one, or of the wrong kind, the settings are wrong, and New returns an error at
once.

A signature comes from the first Region that makes one. The package asks the next Region
after every failure except the end of the caller's context, even if a Region answers with
another key. This is safe, because a signature is only returned if it verifies with the one
public key. Options.Observe gets every failure. A Region that failed comes last for 30
seconds. Then one signature at a time tries it again in its turn. Each Region gets an equal
share of the time that is left, so a Region that does not answer costs half of
Options.Timeout once in 30 seconds, if there are two.

Name the key by its ID if it is in the account of the caller. If you name it by an ARN, as
you must for a key of another account, each Region is asked for the ARN with the Region of
its client. The package does not use an alias after New, but New needs the alias in each
Region that it asks. An alias may lead to different keys: set [Options.Public].

# Rotation

A [Store] rotates the key behind an alias, with package keygroup. A Key goes on with its key
until you call New again. The README shows how a running process follows a rotation.

# Errors

Every error about a key wraps exactly one of these, or the error of the context. If several
Regions failed, the error wraps one for each Region. If the caller's context has ended, it
only wraps the error of the context.
[keys.ErrAccessDenied], [keys.ErrKeyNotFound], [keys.ErrDisabled], [keys.ErrPendingDeletion],
[keys.ErrThrottled], [keys.ErrUnavailable], [keys.ErrUnsupportedKey], [keys.ErrMismatch],
[keys.ErrSignature], [keys.ErrHash] and [keys.ErrNoKey].

errors.As and errors.Is also find the SDK's error, except if the SDK could not read the
answer of KMS. errors.Unwrap does not return the SDK's error. If its text could contain a
secret, the error message leaves it out: an answer about a wrong request signature repeats
the session token, and the SDK quotes the output of a failing credential_process.
*/
package awskms
