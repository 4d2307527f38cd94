// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// Staging labels.
const (
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
	stagePending  = "AWSPENDING"
)

// A content is a version of a secret.
type content struct {
	id     string
	value  []byte
	binary bool
	document
}

// public returns the public key, or nil if there is no such version.
func (c *content) public() crypto.PublicKey {
	if c == nil {
		return nil
	}
	return c.private.Public()
}

// is reports whether c is the pair of a public key and an ID.
func (c *content) is(public crypto.PublicKey, keyPairID string) bool {
	return c != nil && c.keyPairID == keyPairID && c.hasKey(public)
}

// isFromCreate reports whether c is what Create has written, so that nothing else is in it.
func (c *content) isFromCreate() bool {
	value, err := valueWithoutID(c.private)
	return err == nil && bytes.Equal(c.value, value)
}

// versions are the versions of a secret that matter to a rotation.
type versions struct {
	currentID     string   // of the version with AWSCURRENT; empty: there is none
	isPending     bool     // the same version has AWSPENDING, too
	current, next *content // nil: there is none
}

// look reads the secret.
func (s *Store) look(ctx context.Context) (*writer, versions, error) {
	if s == nil || s.held == nil {
		return nil, versions{}, own(errors.New("make the store with NewStore"))
	}
	if ctx == nil {
		return nil, versions{}, own(errNilContext)
	}
	w := *s.held
	v, err := w.look(ctx)
	return w, v, err
}

func (w *writer) look(ctx context.Context) (versions, error) {
	described, err := w.client.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &w.id})
	switch {
	case err != nil:
		return versions{}, w.failed(ctx, "DescribeSecret", err)
	case described == nil:
		return versions{}, w.at(awserror.Incomplete())
	case described.DeletedDate != nil:
		return versions{}, w.at(refuse(keys.ErrPendingDeletion, "restore the secret first"))
	case aws.ToBool(described.RotationEnabled):
		return versions{}, w.at(errors.New("rotation by Secrets Manager is turned on, and two rotations would disturb each other: turn it off with aws secretsmanager cancel-rotate-secret, or leave the rotation to its function"))
	}
	labeled := map[string]string{} // the ID of a version, by label
	for id, labels := range described.VersionIdsToStages {
		for _, label := range labels {
			labeled[label] = id
		}
	}
	v := versions{currentID: labeled[stageCurrent], isPending: labeled[stagePending] == labeled[stageCurrent]}
	var current, pending *content
	if v.currentID != "" {
		if current, err = w.read(ctx, v.currentID); err != nil {
			return versions{}, w.at(err)
		}
	}
	if id := labeled[stagePending]; id != "" && id != labeled[stagePrevious] {
		if pending, err = w.readPending(ctx, id); err != nil {
			return versions{}, w.at(err)
		}
	}
	switch {
	case current == nil:
		v.next = pending
	case current.keyPairID != "":
		v.current = current
		if !current.hasKeyOf(pending) {
			v.next = pending
		}
	// Secrets Manager makes the first version of a secret AWSCURRENT, even if it was written as
	// AWSPENDING, so a pair without an ID can be the next one.
	//
	// Source: "PutSecretValue",
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
	case current.isFromCreate() && v.isPending:
		v.next = current
	case current.isFromCreate() && current.hasKeyOf(pending):
		v.next = pending
	default:
		return versions{}, w.at(errAlone)
	}
	return v, nil
}

// hasKeyOf reports whether both versions have the same key.
func (c *content) hasKeyOf(other *content) bool {
	return other != nil && c.hasKey(other.public())
}

// readPending reads AWSPENDING. It returns nil if the version has no value: Secrets Manager
// attaches the label before a Lambda function writes one.
func (w *writer) readPending(ctx context.Context, id string) (*content, error) {
	pending, err := w.read(ctx, id)
	switch {
	case errors.Is(err, keys.ErrKeyNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w (in AWSPENDING: if it is not from this rotation, remove the label)", err)
	}
	return pending, nil
}

// read reads the version with an ID.
func (w *writer) read(ctx context.Context, id string) (*content, error) {
	output, err := w.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &w.id, VersionId: &id})
	switch {
	case err != nil:
		return nil, fmt.Errorf("GetSecretValue: %w", clientError(ctx, err))
	case output == nil || output.SecretString == nil && output.SecretBinary == nil:
		return nil, awserror.Incomplete()
	}
	c := &content{id: id, value: output.SecretBinary, binary: output.SecretString == nil}
	if !c.binary {
		c.value = []byte(*output.SecretString)
	}
	c.document, err = parsePair(c.value)
	return c, err
}

// put writes a new version AWSPENDING, and returns its ID.
func (w *writer) put(ctx context.Context, c content) (id string, err error) {
	input := &secretsmanager.PutSecretValueInput{SecretId: &w.id, VersionStages: []string{stagePending}}
	if c.binary {
		input.SecretBinary = c.value
	} else {
		input.SecretString = aws.String(string(c.value))
	}
	output, err := w.client.PutSecretValue(ctx, input)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", w.at(awserror.Ended(ctx.Err(), "the context ended before AWS answered PutSecretValue", nil))
	case err != nil:
		return "", w.at(fmt.Errorf("PutSecretValue: %w", awserror.ClassifyWrite(err)))
	case output == nil || aws.ToString(output.VersionId) == "":
		return "", w.at(awserror.Incomplete())
	}
	return *output.VersionId, nil
}

// failed returns the error of an operation. It returns nil for nil.
func (w *writer) failed(ctx context.Context, operation string, err error) error {
	if err == nil {
		return nil
	}
	return w.at(fmt.Errorf("%s: %w", operation, clientError(ctx, err)))
}

func (w *writer) at(err error) error { return errorAt(w.location, err) }
