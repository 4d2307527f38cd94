// SPDX-License-Identifier: Apache-2.0

/*
Package awssecrets reads the private key that signs for CloudFront, and its key pair ID, from
AWS Secrets Manager or SSM Parameter Store, and follows them when they are rotated. It also
rotates them in Secrets Manager.

[New] reads them once, [Source.Pair] returns them, and [Source.Run] reads them again from
time to time and passes each new pair to the signer:

	client := secretsmanager.NewFromConfig(config)
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, "prod/cdn"), awssecrets.Options{
		Observe: func(_ context.Context, e awssecrets.Event) { log.Print(e) }, // if it fails, the old key goes on
	})
	if err != nil {
		return nil, err
	}
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	go source.Run(ctx, signer.Rotate)
	return signer, nil

In AWS Lambda, call [Source.RefreshIfDue] at the start of each invocation instead of Run.

# What a secret looks like

A secret is either a private key alone, with its ID in [Options], or a JSON object with
both. Keys are read as [keys.ParsePrivate] reads them:

	{"keyPairId": "K2JCJMDEHXQW5F", "privateKey": "-----BEGIN PRIVATE KEY-----\n...", "publicKey": "-----BEGIN PUBLIC KEY-----\n..."}

Names are equal if they differ only in case, underscores, hyphens, "CloudFront" in front or
"PEM" at the end. You can also write publicKeyId or keyId for keyPairId. The public key is
optional: the private key must belong to it. New ignores other members. It refuses a member
that appears twice or that is not a string.

# Rotation

A [Store] rotates the pair in a secret, with package keygroup. For rotations by another
program, [ParsePair] and [ReplacePair] read and write the value of a secret.

A signer uses the version AWSCURRENT; in Parameter Store this is the newest version.
[Source.Trusted] also trusts AWSPREVIOUS, the version before. A Source never reads
AWSPENDING.

A source refuses a pair that fails a check, and keeps the last valid pair. It refuses a pair
with [keys.ErrMismatch] if

  - the ID has changed without the key, or the key without the ID, compared with the pair in
    use and the pair before it,
  - the private key does not belong to the expected public key, or
  - [Options.KeyGroup] does not have the ID.

If you give a key another ID on purpose, you must restart, or set KeyGroup.

For the first pair of a process, there is no earlier pair to compare with. Only two things
then show that the ID and the key belong together: Options.KeyGroup, or a public key next to
the ID in Options.KeyPairIDFrom. A member publicKey next to the private key does not show
it: it only shows that this is the intended key.

# Secrets

No error of this package contains any part of a secret, and fmt prints none of it.
*/
package awssecrets
