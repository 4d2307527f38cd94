// SPDX-License-Identifier: Apache-2.0

/*
Package keygroup rotates the key that signs for CloudFront, without a viewer who notices:

	rotator, err := keygroup.New(cloudfront.NewFromConfig(config), keygroup.Options{
		KeepRetired: 25 * time.Hour, // URLs are valid for a day, and all processes follow the secret within an hour
	}, keyGroupID)
	if err != nil {
		return "", err
	}
	store, err := awssecrets.NewStore(secretsmanager.NewFromConfig(config), "prod/cdn", awssecrets.StoreOptions{})
	if err != nil {
		return "", err
	}
	result, err := rotator.Rotate(ctx, store)
	return result.KeyPairID, err

A [Store] keeps the key pair that your applications sign with: awssecrets.NewStore is for
AWS Secrets Manager, awskms.NewStore for AWS KMS, and you can write your own with four methods.
[Rotator.Plan] says what [Rotator.Rotate] would do.

# The four steps

CloudFront must trust a new key before anything signs with it, and the old key until
everything that it signed has expired. So [Rotator.Rotate]

  - creates a public key at CloudFront from the new pair,
  - adds it to the key group, and waits until every distribution with the group has it,
  - switches the store, so applications sign with the new pair, and
  - marks the old key as retired.

The next call removes a retired key from the key group after Options.KeepRetired, and
deletes it. So no call waits for hours.

# Interruptions

The Rotator keeps nothing. Before each step it reads what CloudFront and the store have, and
decides what to do next. If a call is interrupted, call again: it goes on from there. It also
finishes a rotation whose last step is missing, and then begins no other.

What CloudFront has no field for is in the comment of a public key, after your own text:
"[cfsign replaces K1]" in the comment of a new key, and "[cfsign retired
2026-11-29T18:05:00Z]" in the comment of an old one. Times are CloudFront's, so a wrong clock
removes no key too early.

If you go back to an old key in the store while CloudFront still trusts it, the next call
retires the new key.

# What is never removed

The Rotator only removes keys that a store has signed with, or that it created, and deletes only
public keys that it created: others may belong to a template. It removes no key that the store
signs with, and none that Options.InUse names. A key that another key group has stays there.

If several stores rotate keys in one key group, give each Rotator its own Options.Name. Keep a
key in one store only: a second store does not learn that the first one has another key now.

If the current key is also in another key group, Rotate refuses to begin: the distributions of
that group would refuse the new key. Pass all key groups to [New].

# Other tools

CloudFormation and Terraform undo a change of the key group if they manage its list of
keys. The page docs/rotate.md shows how both can be used together, and the permissions that
you need.

Sources: "Specify signers that can create signed URLs and signed cookies", section "Rotating
key pairs",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html;
"UpdatePublicKey", which can change nothing but the comment,
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdatePublicKey.html.
*/
package keygroup
