// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
)

// An API is the part of *cloudfront.Client that a [Rotator] needs. The names of its methods
// are the permissions.
type API interface {
	CreatePublicKey(ctx context.Context, input *cloudfront.CreatePublicKeyInput, o ...func(*cloudfront.Options)) (*cloudfront.CreatePublicKeyOutput, error)
	DeletePublicKey(ctx context.Context, input *cloudfront.DeletePublicKeyInput, o ...func(*cloudfront.Options)) (*cloudfront.DeletePublicKeyOutput, error)
	GetDistribution(ctx context.Context, input *cloudfront.GetDistributionInput, o ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)
	GetKeyGroup(ctx context.Context, input *cloudfront.GetKeyGroupInput, o ...func(*cloudfront.Options)) (*cloudfront.GetKeyGroupOutput, error)
	GetPublicKey(ctx context.Context, input *cloudfront.GetPublicKeyInput, o ...func(*cloudfront.Options)) (*cloudfront.GetPublicKeyOutput, error)
	ListDistributionsByKeyGroup(ctx context.Context, input *cloudfront.ListDistributionsByKeyGroupInput, o ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsByKeyGroupOutput, error)
	ListKeyGroups(ctx context.Context, input *cloudfront.ListKeyGroupsInput, o ...func(*cloudfront.Options)) (*cloudfront.ListKeyGroupsOutput, error)
	ListPublicKeys(ctx context.Context, input *cloudfront.ListPublicKeysInput, o ...func(*cloudfront.Options)) (*cloudfront.ListPublicKeysOutput, error)
	UpdateKeyGroup(ctx context.Context, input *cloudfront.UpdateKeyGroupInput, o ...func(*cloudfront.Options)) (*cloudfront.UpdateKeyGroupOutput, error)
	UpdatePublicKey(ctx context.Context, input *cloudfront.UpdatePublicKeyInput, o ...func(*cloudfront.Options)) (*cloudfront.UpdatePublicKeyOutput, error)
}

// Options configure a [Rotator]. The zero value rotates, and removes no key.
type Options struct {
	// KeepRetired is how long CloudFront trusts a key after it has been replaced. It must be
	// at least the longest lifetime of what you sign, plus the time until all your processes
	// sign with the new key. Zero: for ever, so you must remove keys yourself before the key
	// group is full.
	KeepRetired time.Duration
	// Name tells apart the marks of several stores whose keys are in one key group: a Rotator
	// retires and removes only keys with its own name. It has up to 32 letters, digits, dots,
	// hyphens and underscores. Do not change it while a retired key is trusted. Empty: this is
	// the only store.
	Name string
	// InUse returns the IDs of more keys that must stay trusted, such as the IDs that
	// sign.Signer.RetiredKeys returns in your processes. Nil: KeepRetired alone decides.
	InUse func(ctx context.Context) ([]string, error)
	// MinAge is the age from which a key is rotated, so that a job can call Rotate often. If
	// CloudFront has had the current key for less time, Rotate begins no rotation. Zero: it
	// always begins one.
	MinAge time.Duration
	// Settle is how long [Rotator.Wait] waits after the last change of a key group, even if
	// every distribution shows the key, because CloudFront does not document when a change
	// has reached all edge locations. Negative: no time. Zero: 5 minutes.
	Settle time.Duration
	// Poll is the time between two looks at the distributions. Zero: 10 seconds.
	Poll time.Duration
	// Observe is called after each step of [Rotator.Rotate] and [Rotator.Clean], and while
	// [Rotator.Wait] waits, if what it waits for has changed. It must not panic. Nil: no hook.
	Observe func(ctx context.Context, s Step)
	// Clock is for tests. Nil: the time in CloudFront's answers, so a wrong clock of this
	// machine removes no key too early.
	Clock func() time.Time
}

// A Rotator rotates the public keys in CloudFront's key groups. It keeps no state, and is
// safe for concurrent use if its API is; *cloudfront.Client is. Create it with [New].
type Rotator struct {
	client  API
	options Options
	groups  []string
}

// New returns a Rotator for the key groups with these IDs. All of them get the same keys. It
// makes no request. Most users have one key group.
//
// It returns an error for a nil client, for a missing or repeated ID, for an invalid name, and
// for negative times other than Settle.
func New(client API, o Options, keyGroupIDs ...string) (*Rotator, error) {
	switch {
	case client == nil:
		return nil, errors.New("keygroup: the client is nil: pass cloudfront.NewFromConfig(config)")
	case len(keyGroupIDs) == 0:
		return nil, errors.New("keygroup: there is no key group: pass its ID, such as 2f1c8b0e-0a51-4a8c-9d7b-1f6f0c4f2a55")
	case !nameForm.MatchString(o.Name):
		return nil, fmt.Errorf("keygroup: the name %q is invalid: write up to 32 letters, digits, dots, hyphens and underscores", o.Name)
	case o.KeepRetired < 0 || o.MinAge < 0 || o.Poll < 0:
		return nil, errors.New("keygroup: a time in the options is negative: leave it out")
	}
	for i, id := range keyGroupIDs {
		switch {
		case id == "":
			return nil, errors.New("keygroup: the ID of a key group is empty, perhaps from a variable that was not set")
		case slices.Contains(keyGroupIDs[:i], id):
			return nil, fmt.Errorf("keygroup: the key group %s is named twice: name it once", id)
		}
	}
	if o.Settle == 0 {
		o.Settle = 5 * time.Minute
	}
	if o.Poll == 0 {
		o.Poll = 10 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(context.Context, Step) {}
	}
	return &Rotator{client: client, options: o, groups: slices.Clone(keyGroupIDs)}, nil
}
