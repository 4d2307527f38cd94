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
	comment, _ := joinComment("", r.named(mark{replaces: replaces}))
	print, err := fingerprintOf(public)
	if err != nil {
		return "", err
	}
	config := &types.PublicKeyConfig{
		// With one name for each key, a repeated request cannot create a second one.
		Name: aws.String(print.name()), CallerReference: aws.String(print.name()),
		EncodedKey: aws.String(string(pem)),
		Comment:    &comment,
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
	case group.KeyGroup == nil || group.KeyGroup.KeyGroupConfig == nil || group.KeyGroup.LastModifiedTime == nil:
		return nil, incomplete("GetKeyGroup")
	}
	return group, nil
}

// named returns a mark with the name of the Rotator.
func (r *Rotator) named(m mark) mark { return (&decision{options: r.options}).marks(m) }

// mark writes a mark into the comment of a public key. It returns a note if that cut the
// comment.
func (r *Rotator) mark(ctx context.Context, id string, m mark) (note string, err error) {
	if ctx == nil {
		return "", errNilContext
	}
	m = r.named(m)
	err = r.retry(ctx, "the public key "+id, func() error {
		now, err := r.publicKey(ctx, id)
		if err != nil {
			return err
		}
		config := *now.PublicKey.PublicKeyConfig
		text, old := splitComment(aws.ToString(config.Comment))
		if old == m {
			return nil
		}
		comment, cut := joinComment(text, m)
		if note = ""; cut {
			note = "its comment was too long, and has lost its end"
		}
		config.Comment = &comment
		_, err = call(ctx, "UpdatePublicKey", r.client.UpdatePublicKey, &cloudfront.UpdatePublicKeyInput{Id: &id, IfMatch: now.ETag, PublicKeyConfig: &config})
		return err
	})
	return note, err
}

// confirm returns an error unless the public key itself has the mark of k. CloudFront's lists
// can be late.
func (r *Rotator) confirm(ctx context.Context, k publicKey) error {
	now, err := r.publicKey(ctx, k.id)
	if err != nil {
		return err
	}
	if _, m := splitComment(aws.ToString(now.PublicKey.PublicKeyConfig.Comment)); m != k.mark {
		return fmt.Errorf("keygroup: the public key %s: %w (its mark is new)", k.id, ErrConflict)
	}
	return nil
}

func (r *Rotator) publicKey(ctx context.Context, id string) (*cloudfront.GetPublicKeyOutput, error) {
	key, err := call(ctx, "GetPublicKey", r.client.GetPublicKey, &cloudfront.GetPublicKeyInput{Id: &id})
	if err == nil && (key.PublicKey == nil || key.PublicKey.PublicKeyConfig == nil) {
		err = incomplete("GetPublicKey")
	}
	return key, err
}

// deleteKey deletes a public key. It returns a note if CloudFront keeps the key.
func (r *Rotator) deleteKey(ctx context.Context, k publicKey) (note string, err error) {
	err = r.retry(ctx, "the public key "+k.id, func() error {
		now, err := r.publicKey(ctx, k.id)
		if err != nil {
			return err
		}
		if _, m := splitComment(aws.ToString(now.PublicKey.PublicKeyConfig.Comment)); m != k.mark {
			return fmt.Errorf("keygroup: the public key %s: %w (its mark is new)", k.id, ErrConflict)
		}
		_, err = call(ctx, "DeletePublicKey", r.client.DeletePublicKey, &cloudfront.DeletePublicKeyInput{Id: &k.id, IfMatch: now.ETag})
		return err
	})
	switch {
	case is[*types.PublicKeyInUse](err):
		return "something else uses it, so CloudFront keeps it", nil
	case is[*types.NoSuchPublicKey](err):
		return "", nil
	case errors.Is(err, keys.ErrAccessDenied):
		return "it stays, because the permission cloudfront:DeletePublicKey is missing", nil
	}
	return "", err
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
