// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// A SecretsManagerAPI is what is needed of a [*secretsmanager.Client].
type SecretsManagerAPI interface {
	// GetSecretValue is that of the client.
	GetSecretValue(ctx context.Context, params *secretsmanager.GetSecretValueInput, optFns ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// secretNames are the names and ARNs of secrets.
//
// Source: "CreateSecret" and "GetSecretValue" in the API reference of Secrets Manager.
var secretNames = regexp.MustCompile(`^(arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@!-]+$`)

// Staging labels.
const (
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
)

// Secret is a secret in Secrets Manager, by its name or ARN. It is a string or binary.
func Secret(client SecretsManagerAPI, secretID string) Location {
	return newLocation(&place{
		store: secretStore{client, secretID},
		kind:  "secret", name: secretID, names: secretNames, client: client,
	})
}

type secretStore struct {
	client SecretsManagerAPI
	id     string
}

func (s secretStore) current(ctx context.Context) (version, error) {
	return s.stage(ctx, stageCurrent)
}

func (s secretStore) previous(ctx context.Context, _ string) (version, bool, error) {
	v, err := s.stage(ctx, stagePrevious)
	if errors.Is(err, keys.ErrKeyNotFound) {
		return version{}, false, nil // no version has the label before the first rotation
	}
	return v, err == nil, err
}

func (s secretStore) stage(ctx context.Context, stage string) (version, error) {
	output, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &s.id, VersionStage: &stage})
	switch {
	case err != nil:
		return version{}, clientError(ctx, err)
	case output == nil || output.SecretString == nil && output.SecretBinary == nil:
		return version{}, awserror.Incomplete()
	}
	v := version{value: output.SecretBinary}
	if output.SecretString != nil {
		v.value = []byte(*output.SecretString)
	}
	if output.VersionId != nil {
		v.id = *output.VersionId
	}
	return v, nil
}
