// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Wait waits until every distribution with one of the key groups is deployed and shows the
// key, and then until Options.Settle after the last change of the key groups. It returns an
// error if a key group does not have the key, the error of ctx if it ends, and the errors of
// CloudFront that [Rotator.Rotate] returns.
//
// Source: "GetDistribution", ActiveTrustedKeyGroups,
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GetDistribution.html
func (r *Rotator) Wait(ctx context.Context, keyPairID string) error {
	if ctx == nil {
		return errNilContext
	}
	var last []string
	for looks := 1; ; looks++ {
		waiting, err := r.waiting(ctx, keyPairID)
		if is[*absentError](err) && looks < mostConflicts {
			err = nil // CloudFront's answers can be late
		}
		if err != nil || len(waiting) == 0 {
			return err
		}
		if !slices.Equal(waiting, last) {
			r.options.Observe(ctx, Step{Action: Wait, KeyPairID: keyPairID, Waiting: waiting})
		}
		last = waiting
		if err := pause(ctx, r.options.Poll); err != nil {
			return err
		}
	}
}

// An absentError reports a key group that does not have a key.
type absentError struct{ group, keyPairID string }

// Error names the key group and the key.
func (e *absentError) Error() string {
	return fmt.Sprintf("keygroup: the key group %s does not have %s: add it before you wait for it", e.group, e.keyPairID)
}

// settle is what [Step.Waiting] has after the distributions.
const settle = "settle"

// waiting returns the distributions that do not have the key yet, or settle. If a key group
// does not have the key, it returns that, and an [*absentError].
func (r *Rotator) waiting(ctx context.Context, keyPairID string) ([]string, error) {
	var waiting []string
	isSettled := true
	for _, id := range r.groups {
		group, err := r.keyGroup(ctx, id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(group.KeyGroup.KeyGroupConfig.Items, keyPairID) {
			return []string{"the key group " + id}, &absentError{id, keyPairID}
		}
		since := r.timeOf(group).Sub(*group.KeyGroup.LastModifiedTime)
		isSettled = isSettled && (r.options.Settle < 0 || since >= r.options.Settle)
		without, err := r.without(ctx, id, keyPairID)
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, without...)
	}
	if len(waiting) == 0 && !isSettled {
		return []string{settle}, nil
	}
	return waiting, nil
}

// without returns the distributions of a key group that do not have the key yet.
func (r *Rotator) without(ctx context.Context, group, keyPairID string) ([]string, error) {
	var without []string
	input := &cloudfront.ListDistributionsByKeyGroupInput{KeyGroupId: &group}
	for {
		page, err := call(ctx, "ListDistributionsByKeyGroup", r.client.ListDistributionsByKeyGroup, input)
		if err != nil {
			return nil, err
		}
		if page.DistributionIdList == nil {
			return nil, incomplete("ListDistributionsByKeyGroup")
		}
		for _, id := range page.DistributionIdList.Items {
			has, err := r.has(ctx, id, group, keyPairID)
			if err != nil {
				return nil, err
			}
			if !has {
				without = append(without, id)
			}
		}
		input.Marker = page.DistributionIdList.NextMarker
		if aws.ToString(input.Marker) == "" {
			return without, nil
		}
	}
}

// has reports whether a distribution is deployed with the key.
func (r *Rotator) has(ctx context.Context, distribution, group, keyPairID string) (bool, error) {
	output, err := call(ctx, "GetDistribution", r.client.GetDistribution, &cloudfront.GetDistributionInput{Id: &distribution})
	switch {
	case is[*types.NoSuchDistribution](err):
		return true, nil // it was deleted in the meantime
	case err != nil:
		return false, err
	case output.Distribution == nil:
		return false, incomplete("GetDistribution")
	}
	const deployed = "Deployed"
	active := output.Distribution.ActiveTrustedKeyGroups
	if aws.ToString(output.Distribution.Status) != deployed || active == nil {
		return false, nil
	}
	return slices.ContainsFunc(active.Items, func(g types.KGKeyPairIds) bool {
		return aws.ToString(g.KeyGroupId) == group && g.KeyPairIds != nil && slices.Contains(g.KeyPairIds.Items, keyPairID)
	}), nil
}
