// SPDX-License-Identifier: Apache-2.0

/*
Package awssecrets takes the key that signs for CloudFront, and its key pair ID, from AWS
Secrets Manager or SSM Parameter Store, and follows it when it is rotated.

[New] reads them once, [Source.Pair] returns them, and [Source.Run] reads them again from
time to time and hands a new pair on:

	source, err := awssecrets.New(ctx, awssecrets.Secret(client, "prod/cdn"), awssecrets.Options{})
	...
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, sign.Options{})
	...
	go source.Run(ctx, signer.Rotate)

# What a secret looks like

Either a private key alone (PEM or DER), whose ID is in [Options], or a JSON object with
both:

	{"keyPairId": "K2JCJMDEHXQW5F", "privateKey": "-----BEGIN PRIVATE KEY-----\n...", "publicKey": "-----BEGIN PUBLIC KEY-----\n..."}

Names are compared without case, underscores, hyphens, "CloudFront" in front and "PEM"
behind; publicKeyId and keyId stand for keyPairId, too. The public key is optional: it is
what the private key must belong to. Other members are ignored. A member that is there
twice, or is not a string, is refused.

# Rotation

AWSCURRENT is what signs; in Parameter Store that is the newest version. AWSPREVIOUS, the
version before it, is trusted by [Source.Trusted]. AWSPENDING is never read.

A pair that fails a check is refused, and the last good one stays: where the ID has changed
without the key or the key without the ID, compared with the pair in use and the one before
it, where the private key does not belong to the public key that is expected, and where
[Options.KeyGroup] does not know the ID. All these are [keys.ErrMismatch]. A key that gets
another ID on purpose needs a restart, or a KeyGroup that says so.

Whether the first pair that a process sees belongs together, only the key group can tell,
or a public key that is named beside the ID in a place of its own. The member publicKey
beside the private key tells that this is the one that was meant.

# Secrets

No error of this package contains any part of a secret, and fmt prints none of it.
*/
package awssecrets
