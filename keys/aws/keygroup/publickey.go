// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"crypto"
	"errors"
	"fmt"

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
	comment, _ := joinComment("", mark{replaces: replaces}.named(r.options.Name))
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

// mark writes a mark into the comment of a public key. It returns a note if that cut the
// comment.
func (r *Rotator) mark(ctx context.Context, id string, m mark) (note string, err error) {
	if ctx == nil {
		return "", errNilContext
	}
	m = m.named(r.options.Name)
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
	return k.check(now)
}

// check returns an error unless CloudFront's answer about the key has the mark that k has.
func (k *publicKey) check(now *cloudfront.GetPublicKeyOutput) error {
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
		if err := k.check(now); err != nil {
			return err
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
