// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Trust adds a public key to the key groups. It also writes into the comment of the key which
// key it replaces, so that [Rotator.Clean] and [Rotator.Rotate] can retire that key if nobody
// else does. replaces is the ID of the key that signs now, or "" if there is none. Trust
// returns [ErrFull], [ErrConflict], and the errors of CloudFront that Rotate returns. CloudFront
// needs some minutes until it trusts the key everywhere: call [Rotator.Wait] next.
func (r *Rotator) Trust(ctx context.Context, keyPairID, replaces string) error {
	if _, err := r.mark(ctx, keyPairID, mark{replaces: replaces}); err != nil {
		return err
	}
	for _, group := range r.groups {
		err := r.updateGroup(ctx, group, func(ids []string) []string {
			if slices.Contains(ids, keyPairID) {
				return ids
			}
			return append(ids, keyPairID)
		})
		if isFull(err) {
			return r.full(ctx, group, replaces)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// removeFromGroups removes a key from all key groups of the Rotator.
func (r *Rotator) removeFromGroups(ctx context.Context, id string) error {
	without := func(ids []string) []string {
		return slices.DeleteFunc(ids, func(other string) bool { return other == id })
	}
	for _, group := range r.groups {
		if err := r.updateGroup(ctx, group, without); err != nil {
			return err
		}
	}
	return nil
}

// updateGroup changes the keys of a group. It makes no request if that changes nothing.
func (r *Rotator) updateGroup(ctx context.Context, group string, change func([]string) []string) error {
	return r.retry(ctx, "the key group "+group, func() error {
		now, err := r.keyGroup(ctx, group)
		if err != nil {
			return err
		}
		config := *now.KeyGroup.KeyGroupConfig
		items := change(slices.Clone(config.Items))
		if slices.Equal(items, config.Items) {
			return nil
		}
		config.Items = items
		_, err = call(ctx, "UpdateKeyGroup", r.client.UpdateKeyGroup, &cloudfront.UpdateKeyGroupInput{Id: &group, IfMatch: now.ETag, KeyGroupConfig: &config})
		return err
	})
}

// keyGroup reads a key group.
func (r *Rotator) keyGroup(ctx context.Context, id string) (*cloudfront.GetKeyGroupOutput, error) {
	group, err := call(ctx, "GetKeyGroup", r.client.GetKeyGroup, &cloudfront.GetKeyGroupInput{Id: &id})
	switch {
	case is[*types.NoSuchResource](err):
		return nil, fmt.Errorf("keygroup: there is no key group %s in this account: write the ID of the key group, not its name: %w", id, err)
	case err != nil:
		return nil, err
	case group.KeyGroup == nil || group.KeyGroup.KeyGroupConfig == nil || group.KeyGroup.LastModifiedTime == nil:
		return nil, incomplete("GetKeyGroup")
	}
	return group, nil
}

// full returns the error for a key group without room. It says why each key is there.
func (r *Rotator) full(ctx context.Context, group, current string) error {
	s, err := r.read(ctx)
	if err != nil {
		return err
	}
	var inUse []string
	if r.options.InUse != nil {
		if inUse, err = r.options.InUse(ctx); err != nil {
			return fmt.Errorf("keygroup: Options.InUse: %w", err)
		}
	}
	var has []string
	for _, id := range s.trusted[group] {
		why := r.whyKept(s.key(id))
		switch {
		case id == current:
			why = "signs now"
		case slices.Contains(inUse, id):
			why = "in use"
		}
		has = append(has, id+" ("+why+")")
	}
	return fmt.Errorf("keygroup: %w in the key group %s. It has %s. Remove one that nothing signs with, or wait", ErrFull, group, strings.Join(has, ", "))
}

func (r *Rotator) whyKept(k *publicKey) string {
	switch {
	case k == nil || !k.mark.isRetired():
		return "not retired"
	case k.mark.name != r.options.Name:
		return "retired by another rotation"
	case r.options.KeepRetired == 0:
		return "retired, and kept because no time was set for it"
	}
	return "retired, and kept until " + k.mark.retired.Add(r.options.KeepRetired).UTC().Format(time.RFC3339)
}
