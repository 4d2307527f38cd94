// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/cfsign/cfsign/keys"
)

// Register creates a public key at CloudFront, and returns its ID. If CloudFront has the key
// already, it returns the ID that the key has. replaces is the ID of the key that signs now,
// or "" if there is none. It returns [ErrFull] if the account has no room, and the errors of
// CloudFront that [Rotator.Rotate] returns.
func (r *Rotator) Register(ctx context.Context, public crypto.PublicKey, replaces string) (keyPairID string, err error) {
	if ctx == nil {
		return "", errNilContext
	}
	pem, err := keys.MarshalPublic(public)
	if err != nil {
		return "", fmt.Errorf("keygroup: the next key: %w", err)
	}
	print, err := fingerprintOf(public)
	if err != nil {
		return "", err
	}
	config := &types.PublicKeyConfig{
		// With one name for each key, a repeated request cannot create a second one.
		Name: aws.String(print.name()), CallerReference: aws.String(print.name()),
		EncodedKey: aws.String(string(pem)),
		Comment:    aws.String(joinComment("", mark{replaces: replaces})),
	}
	err = r.retry(ctx, "the public key "+print.name(), func() error {
		if keyPairID, err = r.Find(ctx, public); errors.Is(err, keys.ErrKeyNotFound) {
			keyPairID, err = r.create(ctx, config)
		}
		return err
	})
	return keyPairID, err
}

func (r *Rotator) create(ctx context.Context, config *types.PublicKeyConfig) (string, error) {
	output, err := call(ctx, "CreatePublicKey", r.client.CreatePublicKey, &cloudfront.CreatePublicKeyInput{PublicKeyConfig: config})
	switch {
	case isFull(err):
		return "", fmt.Errorf("keygroup: %w in this account: delete public keys that no key group uses, or request a higher quota", ErrFull)
	case err != nil:
		return "", err
	case output.PublicKey == nil:
		return "", incomplete("CreatePublicKey")
	}
	id := aws.ToString(output.PublicKey.Id)
	return id, keys.CheckID(id)
}

// Find returns the ID that CloudFront has given to a public key. With it, an application that
// has only a private key can learn its key pair ID. If the key has several IDs, Find returns
// one that the key groups of the Rotator have, if there is one. It returns
// [keys.ErrKeyNotFound] if CloudFront does not have the key, and the errors of CloudFront that
// [Rotator.Rotate] returns.
func (r *Rotator) Find(ctx context.Context, public crypto.PublicKey) (keyPairID string, err error) {
	if ctx == nil {
		return "", errNilContext
	}
	print, err := fingerprintOf(public)
	if err != nil {
		return "", err
	}
	s, err := r.read(ctx)
	if err != nil {
		return "", err
	}
	if k := s.best(print); k != nil {
		return k.id, nil
	}
	return "", fmt.Errorf("keygroup: %w at CloudFront: create a public key from it first", keys.ErrKeyNotFound)
}

// Trust adds a public key to the key groups. It also writes into the comment of the key which
// key it replaces, so that [Rotator.Clean] and [Rotator.Rotate] can retire that key if nobody
// else does. replaces is the ID of the key that signs now, or "" if there is none. Trust
// returns [ErrFull], [ErrConflict], and the errors of CloudFront that Rotate returns. CloudFront
// needs some minutes until it trusts the key everywhere: call [Rotator.Wait] next.
func (r *Rotator) Trust(ctx context.Context, keyPairID, replaces string) error {
	if err := r.mark(ctx, keyPairID, mark{replaces: replaces}); err != nil {
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
			return r.full(ctx, group)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Retire marks a key as retired from now on, in the comment of its public key. Call it when no
// process signs with the key any more, or when the last one will stop within the time that
// Options.KeepRetired allows for it. It returns [ErrConflict], and the errors of CloudFront that
// [Rotator.Rotate] returns.
func (r *Rotator) Retire(ctx context.Context, keyPairID string) error {
	if ctx == nil {
		return errNilContext
	}
	group, err := r.keyGroup(ctx, r.groups[0])
	if err != nil {
		return err
	}
	return r.mark(ctx, keyPairID, mark{retired: retirement(r.timeOf(group))})
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

// mostConflicts is how often a request is repeated because somebody else was faster.
const mostConflicts = 10

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
	case group.KeyGroup == nil || group.KeyGroup.KeyGroupConfig == nil:
		return nil, incomplete("GetKeyGroup")
	}
	return group, nil
}

// mark writes a mark into the comment of a public key.
func (r *Rotator) mark(ctx context.Context, id string, m mark) error {
	if ctx == nil {
		return errNilContext
	}
	return r.retry(ctx, "the public key "+id, func() error {
		now, err := r.publicKey(ctx, id)
		if err != nil {
			return err
		}
		config := *now.PublicKey.PublicKeyConfig
		text, old := splitComment(aws.ToString(config.Comment))
		if old == m {
			return nil
		}
		config.Comment = aws.String(joinComment(text, m))
		_, err = call(ctx, "UpdatePublicKey", r.client.UpdatePublicKey, &cloudfront.UpdatePublicKeyInput{Id: &id, IfMatch: now.ETag, PublicKeyConfig: &config})
		return err
	})
}

func (r *Rotator) publicKey(ctx context.Context, id string) (*cloudfront.GetPublicKeyOutput, error) {
	key, err := call(ctx, "GetPublicKey", r.client.GetPublicKey, &cloudfront.GetPublicKeyInput{Id: &id})
	if err == nil && (key.PublicKey == nil || key.PublicKey.PublicKeyConfig == nil) {
		err = incomplete("GetPublicKey")
	}
	return key, err
}

// deleteKey deletes a public key. It reports whether CloudFront keeps the key because
// something else uses it, such as field-level encryption.
func (r *Rotator) deleteKey(ctx context.Context, id string) (kept bool, err error) {
	err = r.retry(ctx, "the public key "+id, func() error {
		now, err := r.publicKey(ctx, id)
		if err != nil {
			return err
		}
		_, err = call(ctx, "DeletePublicKey", r.client.DeletePublicKey, &cloudfront.DeletePublicKeyInput{Id: &id, IfMatch: now.ETag})
		return err
	})
	switch {
	case is[*types.PublicKeyInUse](err):
		return true, nil
	case is[*types.NoSuchPublicKey](err):
		return false, nil
	}
	return false, err
}

// retry repeats a change that somebody else was faster than.
func (r *Rotator) retry(ctx context.Context, what string, change func() error) error {
	var err error
	for i := range mostConflicts {
		if err = change(); !isConflict(err) {
			return err
		}
		if err := pause(ctx, time.Duration(i)*100*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("keygroup: %s: %w (%v)", what, ErrConflict, err)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("keygroup: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}

// full returns the error for a key group without room. It says when there will be room.
func (r *Rotator) full(ctx context.Context, group string) error {
	s, err := r.read(ctx)
	if err != nil {
		return err
	}
	var has []string
	for _, id := range s.trusted[group] {
		has = append(has, id+" ("+r.whyKept(s.key(id))+")")
	}
	return fmt.Errorf("keygroup: %w in the key group %s. It has %s. Remove one that nothing signs with, or wait", ErrFull, group, strings.Join(has, ", "))
}

func (r *Rotator) whyKept(k *publicKey) string {
	switch {
	case k == nil || k.mark.retired.IsZero():
		return "not retired"
	case r.options.KeepRetired == 0:
		return "retired, and kept because no time was set for it"
	}
	return "retired, and kept until " + k.mark.retired.Add(r.options.KeepRetired).UTC().Format(time.RFC3339)
}
