// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// A reader is an API that does not sign.
type reader struct{ StoreAPI }

// Sign returns an error.
func (reader) Sign(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error) {
	return nil, errors.ErrUnsupported
}

// find returns the key behind an alias, or nil if there is no such alias.
func (k *keeper) find(ctx context.Context, alias string) (*Key, error) {
	key, err := New(ctx, reader{k.client}, alias, Options{Timeout: k.options.Timeout})
	if is[*types.NotFoundException](err) {
		return nil, nil
	}
	if err == nil && strings.Contains(key.ARN(), ":key/mrk-") {
		return nil, fmt.Errorf("awskms: %s leads to a multi-Region key: rotate it by hand, because aliases in other Regions would not follow", alias)
	}
	return key, err
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// createKey creates a key with the spec of the current one, and returns its ARN.
func (k *keeper) createKey(ctx context.Context, current *Key) (arn string, err error) {
	input := &kms.CreateKeyInput{
		KeyUsage:    types.KeyUsageTypeSignVerify,
		KeySpec:     types.KeySpecEccNistP256,
		Description: aws.String("CloudFront signed URLs and cookies: created by cfsign as the next key of " + k.alias),
	}
	if _, isRSA := current.Public().(*rsa.PublicKey); isRSA {
		input.KeySpec = types.KeySpecRsa2048
	}
	if k.options.Policy != "" {
		input.Policy = &k.options.Policy
	}
	for _, name := range slices.Sorted(maps.Keys(k.options.Tags)) {
		input.Tags = append(input.Tags, types.Tag{TagKey: &name, TagValue: aws.String(k.options.Tags[name])})
	}
	output, err := write(ctx, k, "CreateKey", k.client.CreateKey, input)
	if err != nil {
		return "", err
	}
	if output.KeyMetadata == nil || aws.ToString(output.KeyMetadata.Arn) == "" {
		return "", fmt.Errorf("awskms: CreateKey: %w", awserror.Incomplete())
	}
	return *output.KeyMetadata.Arn, nil
}

// createAlias makes a new alias lead to a key. There may be such an alias by now: one that KMS
// did not show before, or our own, if the client has repeated the request.
func (k *keeper) createAlias(ctx context.Context, alias, arn string) error {
	_, err := write(ctx, k, "CreateAlias", k.client.CreateAlias, &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: &arn})
	if !is[*types.AlreadyExistsException](err) {
		return err
	}
	key, err := k.waitFor(ctx, alias, "")
	if err == nil && key.ARN() != arn {
		err = fmt.Errorf("awskms: %s: %w: it leads to %s since a moment ago: call again", alias, keys.ErrUnavailable, key.ARN())
	}
	return err
}

func (k *keeper) updateAlias(ctx context.Context, alias, arn string) error {
	_, err := write(ctx, k, "UpdateAlias", k.client.UpdateAlias, &kms.UpdateAliasInput{AliasName: &alias, TargetKeyId: &arn})
	return err
}

// write makes a request that changes something.
func write[In, Out any](ctx context.Context, k *keeper, operation string, do func(context.Context, *In, ...func(*kms.Options)) (*Out, error), input *In) (*Out, error) {
	limited, end := context.WithTimeout(ctx, k.options.Timeout)
	defer end()
	output, err := do(limited, input)
	switch {
	case err == nil && output == nil:
		err = awserror.Incomplete()
	case err == nil:
		return output, nil
	case ctx.Err() != nil:
		err = awserror.Ended(ctx.Err(), "the context ended before KMS answered", err)
	case limited.Err() != nil:
		err = awserror.Ended(limited.Err(), fmt.Sprintf("KMS did not answer within %v, which is StoreOptions.Timeout", k.options.Timeout), err)
	default:
		err = awserror.Classify(err)
	}
	return nil, fmt.Errorf("awskms: %s for %s: %w", operation, k.alias, err)
}

const (
	aliasTime  = 5 * time.Minute // until an alias has moved everywhere
	aliasPause = time.Second
)

// waitFor waits until KMS says that an alias leads to a key, or to any key if arn is empty. A
// change of an alias is not visible at once. It returns the key.
//
// Source: "Eventual consistency",
// https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
func (k *keeper) waitFor(ctx context.Context, alias, arn string) (*Key, error) {
	for began := time.Now(); ; {
		key, err := k.find(ctx, alias)
		if err != nil || key != nil && (arn == "" || key.ARN() == arn) {
			return key, err
		}
		if time.Since(began) > aliasTime {
			return nil, fmt.Errorf("awskms: %s: %w: KMS does not show its new key after %v: somebody else may have moved it", alias, keys.ErrUnavailable, aliasTime)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("awskms: waiting for %s: %w", alias, ctx.Err())
		case <-time.After(aliasPause):
		}
	}
}
