// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/keys"
)

// A StoreAPI is the part of [*secretsmanager.Client] that a [Store] needs. The names of its
// methods are the permissions.
type StoreAPI interface {
	SecretsManagerAPI
	DescribeSecret(ctx context.Context, input *secretsmanager.DescribeSecretInput, o ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	PutSecretValue(ctx context.Context, input *secretsmanager.PutSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(ctx context.Context, input *secretsmanager.UpdateSecretVersionStageInput, o ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

// StoreOptions configure a [Store]. The zero value is ready to use.
type StoreOptions struct {
	// Generate makes the private key of the next pair: an *rsa.PrivateKey with 2,048 bits, or
	// an *ecdsa.PrivateKey with P-256. Nil: a key of the type that the current one has, or
	// P-256 if there is no current one.
	Generate func() (crypto.Signer, error)
}

// A Store rotates the pair in a secret of Secrets Manager. It is a keygroup.Store. Create it
// with [NewStore]. It is safe for concurrent use if its API is; [*secretsmanager.Client] is.
// But do not run two rotations of one secret at once.
//
// The current pair is in the version AWSCURRENT, and the next one in AWSPENDING. A [Source]
// in your application sees one pair or the other, and nothing in between. Between Create and
// Switch, AWSPENDING has the keys without an ID, because CloudFront has not given one yet.
//
// All methods return the errors of [Source.Refresh] about AWS, the context and the content of
// the secret. They also return an error if Secrets Manager rotates the secret with a Lambda
// function: use one or the other.
type Store struct {
	held **writer // two pointers, because the client may hold credentials: see Location
}

// A writer is the content of a Store.
type writer struct {
	client   StoreAPI
	location Location
	id       string
	generate func() (crypto.Signer, error)
}

// NewStore returns a store for a secret, by its name or ARN. It makes no request. The secret
// must exist. It may have no value yet; otherwise it must be a JSON object with the key pair
// ID and the private key. NewStore returns an error for a nil client or an invalid name.
func NewStore(client StoreAPI, secretID string, o StoreOptions) (*Store, error) {
	w := &writer{client: client, location: Secret(client, secretID), id: secretID, generate: o.Generate}
	if err := w.location.check(); err != nil {
		return nil, own(err)
	}
	return &Store{&w}, nil
}

// String returns the name of the secret.
func (s *Store) String() string {
	if s == nil || s.held == nil {
		return "awssecrets.Store(nothing)"
	}
	return "awssecrets.Store(" + (*s.held).location.String() + ")"
}

// Format writes String for every verb, because the client may have a type that prints its
// credentials.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// Current returns the public key of the pair in AWSCURRENT, or nil if the secret has no value.
// It returns an error that wraps [keys.ErrKeyPairID] if the secret has the private key alone,
// because applications then have the ID from elsewhere, and cannot follow a rotation.
func (s *Store) Current(ctx context.Context) (crypto.PublicKey, error) {
	_, v, err := s.look(ctx)
	return v.current.public(), err
}

// Next returns the public key of the pair in AWSPENDING, or nil if there is none. The label does
// not count on AWSCURRENT, where Secrets Manager may leave it, nor on AWSPREVIOUS: somebody has
// gone back from that pair.
func (s *Store) Next(ctx context.Context) (crypto.PublicKey, error) {
	_, v, err := s.look(ctx)
	return v.next.public(), err
}

// Create generates the next pair, writes it into a new version AWSPENDING, and returns its
// public key.
//
// Call Create only if Next returns nil, or if you give up the next pair: Create takes AWSPENDING
// away from it. Only the first pair of a secret stays, and Create returns its public key again.
func (s *Store) Create(ctx context.Context) (crypto.PublicKey, error) {
	w, v, err := s.look(ctx)
	if err != nil || v.current == nil && v.next != nil {
		return v.next.public(), err
	}
	key, err := w.newKey(v.current)
	if err != nil {
		return nil, w.at(err)
	}
	value, err := valueWithoutID(key)
	if err != nil {
		return nil, w.at(err)
	}
	if _, err = w.put(ctx, content{value: value}); err != nil {
		return nil, err
	}
	return key.Public(), nil
}

// valueWithoutID is the value that Create writes.
func valueWithoutID(key crypto.Signer) ([]byte, error) {
	texts, err := textsOf(key)
	if err != nil {
		return nil, err
	}
	return json.Marshal(texts)
}

// switchings is how often Switch tries while somebody else writes the secret.
const switchings = 8

// Switch makes the next pair the current one, with the ID that CloudFront has given to its
// public key. Other members of the JSON object, the names of all members and their order stay
// as AWSCURRENT has them. If somebody else writes the secret at the same time, nothing of that
// is lost. The version before becomes AWSPREVIOUS.
//
// next is the public key of the next pair. If AWSPENDING has another pair, Switch changes
// nothing, and returns an error that wraps [keys.ErrMismatch]: another process has made that
// pair, and CloudFront does not trust it under this ID. Run the rotation again.
//
// If the current pair has the key and the ID already, Switch changes neither. If there is no next
// pair, it returns an error that wraps [keys.ErrNoKey].
func (s *Store) Switch(ctx context.Context, next crypto.PublicKey, keyPairID string) error {
	var failed error
	var before string // the current version when it failed
	for tries := 0; ; tries++ {
		w, v, err := s.look(ctx)
		isCurrent := v.current.is(next, keyPairID)
		switch {
		case err != nil:
			return err
		case isCurrent && !v.isPending:
			return nil
		case failed != nil && v.currentID == before:
			return failed
		case tries == switchings:
			return w.at(refuse(keys.ErrUnavailable, "somebody else writes the secret all the time: try again later"))
		case isCurrent:
			failed = w.removePending(ctx, v.currentID)
		case v.next == nil:
			return w.at(refuse(keys.ErrNoKey, "there is no next pair in AWSPENDING: call Create first"))
		case !v.next.hasKey(next):
			return w.at(refuse(keys.ErrMismatch, "AWSPENDING has another pair than the one to switch to, perhaps from another process: run the rotation again"))
		default:
			failed = w.replace(ctx, v, keyPairID)
		}
		if failed != nil && ctx.Err() != nil {
			return failed
		}
		before = v.currentID
	}
}

// replace writes the next pair with its ID, and makes it the current one. Secrets Manager moves
// the label only from the version that has it, so replace fails if somebody else was faster.
//
// Source: RemoveFromVersionId of "UpdateSecretVersionStage",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func (w *writer) replace(ctx context.Context, v versions, keyPairID string) error {
	var full content
	if v.current != nil {
		full = *v.current
	}
	var err error
	if full.value, err = replacePair(full.value, keyPairID, v.next.private); err != nil {
		return w.at(err)
	}
	id := v.next.id
	if !bytes.Equal(full.value, v.next.value) {
		if id, err = w.put(ctx, full); err != nil {
			return err
		}
	}
	input := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &w.id, VersionStage: aws.String(stageCurrent), MoveToVersionId: &id}
	if v.currentID != "" {
		input.RemoveFromVersionId = &v.currentID
	}
	_, err = w.client.UpdateSecretVersionStage(ctx, input)
	return w.failed(ctx, "UpdateSecretVersionStage", err)
}

// removePending removes AWSPENDING from the version that has become AWSCURRENT. If somebody goes
// back to an earlier version, the label must not make this one the next pair again.
//
// Source: "RotateSecret",
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (w *writer) removePending(ctx context.Context, id string) error {
	_, err := w.client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &w.id, VersionStage: aws.String(stagePending), RemoveFromVersionId: &id,
	})
	return w.failed(ctx, "UpdateSecretVersionStage", err)
}

// newKey generates a key for the pair after current, which may be nil.
func (w *writer) newKey(current *content) (crypto.Signer, error) {
	if w.generate != nil {
		key, err := w.generate()
		if err != nil {
			return nil, fmt.Errorf("StoreOptions.Generate: %w", err)
		}
		return key, nil
	}
	if _, isRSA := current.public().(*rsa.PublicKey); isRSA {
		return keys.GenerateRSA()
	}
	return keys.GenerateECDSA()
}
