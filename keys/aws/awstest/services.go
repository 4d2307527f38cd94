// SPDX-License-Identifier: Apache-2.0

package awstest

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
)

// A KMS has the keys of Key Management Service in a Region. It is safe for concurrent use.
type KMS struct {
	service *awslocal.KMS
	account *account
}

// Add adds a private key of package rsa or ecdsa, enabled and for signatures, and returns its
// ARN. The aliases, such as "alias/cloudfront", lead to it. Nil: a new P-256 key. Add panics for
// other keys, for a nil pointer, and for an alias that KMS refuses, such as one without "alias/".
//
// The methods of the SDK's client make and change keys, too.
func (k *KMS) Add(key crypto.Signer, aliases ...string) (arn string) {
	return k.add(k.service.Add, key, aliases)
}

// AddMultiRegion is Add for the primary key of a multi-Region key.
func (k *KMS) AddMultiRegion(key crypto.Signer, aliases ...string) (arn string) {
	return k.add(k.service.AddMultiRegion, key, aliases)
}

// Replicate adds a replica of a multi-Region key to the KMS of another Region, enabled, and returns
// its ARN. The key ID is the same. Replicate panics for other keys, if there is no such key, and if
// into is nil, of the same Region or of another account, or has the replica.
func (k *KMS) Replicate(arn string, into *KMS) (replica string) {
	if into == nil || into == k || into.account != k.account {
		panic(`awstest: Replicate needs the KMS of another Region of the same AWS: write cloud.Region("us-west-2").KMS`)
	}
	return k.service.Replicate(arn, into.service)
}

func (k *KMS) add(add func(crypto.Signer) string, key crypto.Signer, aliases []string) (arn string) {
	for _, alias := range aliases {
		if !strings.HasPrefix(alias, "alias/") {
			panic(fmt.Sprintf("awstest: the alias is %q: write %q", alias, "alias/"+alias))
		}
	}
	if key == nil {
		key = newKey()
	}
	arn = add(key)
	for _, alias := range aliases {
		k.service.SetAlias(alias, arn)
	}
	return arn
}

// SetState sets the state of a key: Enabled, Disabled, PendingDeletion, PendingReplicaDeletion
// or PendingImport. It panics if there is no such key or state.
func (k *KMS) SetState(arn, state string) {
	states := []string{"Enabled", "Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport"}
	if !slices.Contains(states, state) {
		panic(fmt.Sprintf("awstest: the state is %q: write one of %s", state, strings.Join(states, ", ")))
	}
	k.service.SetState(arn, state)
}

// Replace puts another private key behind an ARN, so that signatures are wrong. KMS never does.
// It panics if there is no such key, if the other key is nil, and if KMS has no keys of its type.
func (k *KMS) Replace(arn string, key crypto.Signer) { k.service.Replace(arn, key) }

// Secrets are the secrets of Secrets Manager. It is safe for concurrent use.
type Secrets struct{ service *awslocal.Secrets }

// Create adds a secret without a value, or empties one. It panics for a name that Secrets Manager
// refuses: names have up to 512 letters, digits and -/_+=.@!
func (s *Secrets) Create(name string) { s.service.Create(name) }

// Put adds a version to a secret, and returns its ID. If there is no such secret, Put creates
// it. The version becomes AWSCURRENT. The version that was AWSCURRENT becomes AWSPREVIOUS, as at
// the end of a rotation. Put panics for a name as [Secrets.Create] does.
func (s *Secrets) Put(name, value string) (versionID string) { return s.service.Put(name, value) }

// PutPending is Put for a version that becomes AWSPENDING, as in the middle of a rotation.
func (s *Secrets) PutPending(name, value string) (versionID string) {
	return s.service.PutPending(name, value)
}

// MoveCurrent makes a version AWSCURRENT, and the version that was AWSCURRENT becomes
// AWSPREVIOUS. This finishes a rotation, or undoes one. It panics if there is no such secret or
// version.
func (s *Secrets) MoveCurrent(name, versionID string) { s.service.MoveCurrent(name, versionID) }

// Delete marks a secret for deletion. It panics if there is no such secret.
func (s *Secrets) Delete(name string) { s.service.Delete(name) }

// Restore undoes Delete. It panics if there is no such secret.
func (s *Secrets) Restore(name string) { s.service.Restore(name) }

// Parameters are the parameters of Parameter Store. It is safe for concurrent use.
type Parameters struct{ service *awslocal.Parameters }

// Put adds a version to a SecureString, and returns its number. If there is no such parameter,
// Put creates it. Put panics for a name that Parameter Store refuses: one with other characters than
// letters, digits and -_./, one that begins with aws or ssm, with levels and without a slash in
// front, with an empty level, with more than 15 levels, or with more than 1,011 characters in its ARN.
func (p *Parameters) Put(name, value string) (version int) { return p.service.Put(name, value) }

// Delete removes a parameter with its versions.
func (p *Parameters) Delete(name string) { p.service.Delete(name) }

// A CloudFront has public keys, key groups and distributions. It is safe for concurrent use.
type CloudFront struct {
	service *awslocal.CloudFront
	made    atomic.Int64 // distributions
}

// A Distribution trusts one key group. The fields do not change.
type Distribution struct {
	// ID is the ID of the distribution.
	ID string
	// KeyGroupID is the ID of its key group.
	KeyGroupID string
	// KeyPairIDs are the IDs of the public keys that the key group had at first.
	KeyPairIDs []string

	service *awslocal.CloudFront
}

// AddDistribution adds a distribution with a new key group, and creates a public key in the key
// group for each of the given ones. It panics if CloudFront refuses the keys: there must be one
// to five, RSA with 2048 bits or P-256, and 10 in the account.
func (c *CloudFront) AddDistribution(public ...crypto.PublicKey) *Distribution {
	number := c.made.Add(1)
	d := &Distribution{ID: fmt.Sprintf("E%013d", number), service: c.service}
	for i, key := range public {
		pem, err := keys.MarshalPublic(key)
		check(err)
		id, err := c.service.AddPublicKey(fmt.Sprintf("distribution-%d-key-%d", number, i+1), string(pem))
		check(err)
		d.KeyPairIDs = append(d.KeyPairIDs, id)
	}
	var err error
	d.KeyGroupID, err = c.service.AddKeyGroup(fmt.Sprintf("distribution-%d", number), d.KeyPairIDs...)
	check(err)
	c.service.AddDistribution(d.ID, fmt.Sprintf("d%d.cloudfront.net", number), d.KeyGroupID)
	return d
}

// SetDelay sets how long a change of a key group takes until the edge locations have it, by the
// clock of [AWS.SetClock], also for changes that are on their way. Zero, as at first: no time.
// SetDelay panics if d is negative.
func (c *CloudFront) SetDelay(d time.Duration) {
	checkDuration("SetDelay", d)
	c.service.SetDelay(d)
}

// Trusted returns the key group as the edge locations have it now, for edge.Behavior or a
// verify.Verifier. The set does not follow later changes: after each change, such as a rotation,
// call Trusted again, and pass the new set to edgetest's Server.Update or to a new verify.Verifier.
func (d *Distribution) Trusted() keys.Set {
	set, err := keys.NewSet(d.service.Trusted(d.ID))
	check(err)
	return set
}

func newKey() crypto.Signer {
	key, err := keys.GenerateECDSA()
	check(err)
	return key
}

// check panics if a test gives to AWS what it refuses.
func check(err error) {
	if err != nil {
		panic(fmt.Sprintf("awstest: %v", err))
	}
}
