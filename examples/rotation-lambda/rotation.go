// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// A function is the rotation function of a secret. Secrets Manager calls it four times for a
// rotation, and again if it fails. It keeps nothing, so each step can be repeated, and a step
// that was interrupted goes on where it was.
//
// Source: "Rotation by Lambda function",
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda.html
type function struct {
	settings   settings
	secrets    *secretsmanager.Client
	cloudFront *cloudfront.Client
	rotator    *keygroup.Rotator
}

// newFunction returns the function. observe is called after each step of the rotator.
func newFunction(config aws.Config, s settings, observe func(context.Context, keygroup.Step)) (*function, error) {
	client := cloudfront.NewFromConfig(config)
	rotator, err := keygroup.New(client, keygroup.Options{
		Name: s.name, KeepRetired: s.keepRetired, Settle: s.settle, Poll: s.poll, Clock: s.clock, Observe: observe,
	}, s.keyGroups...)
	if err != nil {
		return nil, err
	}
	return &function{settings: s, secrets: secretsmanager.NewFromConfig(config), cloudFront: client, rotator: rotator}, nil
}

// A rotation is one call of the function.
type rotation struct {
	*function
	event events.SecretsManagerSecretRotationEvent
	// currentID is the version with AWSCURRENT.
	currentID string
}

// handle takes one step.
func (f *function) handle(ctx context.Context, event events.SecretsManagerSecretRotationEvent) error {
	ctx, cancel := beforeTimeout(ctx)
	defer cancel()
	r := &rotation{function: f, event: event}
	if err := r.check(ctx); err != nil {
		return fmt.Errorf("%s: %w", event.Step, err)
	}
	steps := map[string]func(context.Context) error{
		"createSecret": r.create, "setSecret": r.set, "testSecret": r.test, "finishSecret": r.finish,
	}
	step, ok := steps[event.Step]
	switch {
	case !ok:
		return fmt.Errorf("unknown step %q", event.Step)
	case r.isFinished() && event.Step != "finishSecret":
		return nil
	}
	if err := step(ctx); err != nil {
		return fmt.Errorf("%s: %w", event.Step, err)
	}
	return nil
}

// beforeTimeout returns a context that ends shortly before Lambda ends the function, so that
// the function can say what it was waiting for.
func beforeTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	const margin = 5 * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

const (
	stageCurrent = "AWSCURRENT"
	stagePending = "AWSPENDING"
)

// check refuses a call that is not from a rotation of the secret.
func (r *rotation) check(ctx context.Context) error {
	secret, err := r.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &r.event.SecretID})
	if err != nil {
		return failed(ctx, "DescribeSecret", err)
	}
	for id, labels := range secret.VersionIdsToStages {
		if slices.Contains(labels, stageCurrent) {
			r.currentID = id
		}
	}
	labels, ok := secret.VersionIdsToStages[r.event.ClientRequestToken]
	switch {
	case !aws.ToBool(secret.RotationEnabled):
		return errors.New("rotation is not turned on: call aws secretsmanager rotate-secret")
	case !ok:
		return errors.New("the secret has no version with this ClientRequestToken: only Secrets Manager should call this function")
	case r.currentID == "":
		return errors.New("the secret has no value: write the first key pair into it, as README.md shows")
	case !r.isFinished() && !slices.Contains(labels, stagePending):
		return errors.New("the version of this ClientRequestToken is not AWSPENDING")
	}
	return nil
}

// isFinished reports whether the new pair is the current one.
func (r *rotation) isFinished() bool { return r.currentID == r.event.ClientRequestToken }

// both reads the current pair and the next one.
func (r *rotation) both(ctx context.Context) (current, next *version, err error) {
	if current, err = r.read(ctx, r.currentID); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", stageCurrent, err)
	}
	if next, err = r.read(ctx, r.event.ClientRequestToken); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", stagePending, err)
	}
	if current == nil {
		return nil, nil, fmt.Errorf("%s has no value", stageCurrent)
	}
	return current, next, nil
}

// create removes the keys of earlier rotations whose time has come, and writes a new pair into
// AWSPENDING. If it is interrupted before that, CloudFront has a public key that nothing signs
// with. A later rotation removes the key.
func (r *rotation) create(ctx context.Context) error {
	current, next, err := r.both(ctx)
	switch {
	case err != nil || next != nil:
		return err
	case current.keyPairID == "":
		return errors.New("the secret has the private key alone, so applications would not get the new ID: write keyPairId and privateKey into it, as a JSON object")
	}
	if err := r.checkID(ctx, stageCurrent, current); err != nil {
		return err
	}
	if _, err := r.rotator.Clean(ctx, current.key.Public(), nil); err != nil {
		return err
	}
	key, err := newKey(current.key)
	if err != nil {
		return err
	}
	id, err := r.rotator.Register(ctx, key.Public(), current.keyPairID)
	if err != nil {
		return err
	}
	value, err := awssecrets.ReplacePair(current.value, id, key)
	if err != nil {
		return err
	}
	return r.put(ctx, value, current.isBinary)
}

// newKey generates a key of the type that the current one has.
func newKey(current crypto.Signer) (crypto.Signer, error) {
	if _, isRSA := current.Public().(*rsa.PublicKey); isRSA {
		return keys.GenerateRSA()
	}
	return keys.GenerateECDSA()
}

// set adds the new public key to the key groups.
func (r *rotation) set(ctx context.Context) error {
	current, next, err := r.pending(ctx)
	if err != nil {
		return err
	}
	if err := r.checkID(ctx, stageCurrent, current); err != nil {
		return err
	}
	if err := r.checkID(ctx, stagePending, next); err != nil {
		return err
	}
	return r.rotator.Trust(ctx, next.keyPairID, current.keyPairID)
}

// checkID refuses a version with the ID of another key, such as after an edit by hand. The
// rotation would retire that key. The error does not repeat the ID, which may be something else
// in the wrong place.
func (r *rotation) checkID(ctx context.Context, stage string, v *version) error {
	id, err := r.rotator.Find(ctx, v.key.Public())
	switch {
	case err != nil:
		return fmt.Errorf("the key in %s: %w", stage, err)
	case id != v.keyPairID:
		return fmt.Errorf("%s has the key pair ID of another key: write %q as its keyPairId, which is the ID of its key at CloudFront", stage, id)
	}
	return nil
}

// test waits until all distributions trust the new key, and tries it.
func (r *rotation) test(ctx context.Context) error {
	_, next, err := r.pending(ctx)
	if err != nil {
		return err
	}
	if err := r.wait(ctx, next.keyPairID); err != nil {
		return err
	}
	return r.try(ctx, next.keyPairID, next.key)
}

// finish makes the new pair the current one, unless it is, and marks the old key as retired. It
// looks at the key group once more: an hour may have passed since the test.
func (r *rotation) finish(ctx context.Context) error {
	_, next, err := r.pending(ctx)
	if err != nil {
		return err
	}
	if !r.isFinished() {
		if err := r.wait(ctx, next.keyPairID); err != nil {
			return err
		}
		_, err = r.secrets.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
			SecretId: &r.event.SecretID, VersionStage: aws.String(stageCurrent),
			MoveToVersionId: &r.event.ClientRequestToken, RemoveFromVersionId: &r.currentID,
		})
		if err != nil {
			return failed(ctx, "UpdateSecretVersionStage", err)
		}
	}
	_, err = r.rotator.Clean(ctx, next.key.Public(), nil)
	return err
}

// pending returns both pairs, which must be there after createSecret.
func (r *rotation) pending(ctx context.Context) (current, next *version, err error) {
	current, next, err = r.both(ctx)
	switch {
	case err != nil:
		return nil, nil, err
	case next == nil:
		return nil, nil, fmt.Errorf("%s has no value: createSecret comes first", stagePending)
	case next.keyPairID == "":
		return nil, nil, fmt.Errorf("%s has no key pair ID: remove the label, and rotate again", stagePending)
	}
	return current, next, nil
}

// wait waits until all distributions trust a key. If the time of Lambda ends before, Secrets
// Manager calls the step again.
func (r *rotation) wait(ctx context.Context, keyPairID string) error {
	err := r.rotator.Wait(ctx, keyPairID)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("CloudFront needs more time for %s. Secrets Manager tries again; if this repeats, raise the timeout of the function to 15 minutes: %w", keyPairID, err)
	}
	return err
}
