// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// A version is a version of the secret.
type version struct {
	value     []byte
	isBinary  bool
	keyPairID string
	key       crypto.Signer
}

// read reads a version, or returns nil if it has no value.
func (r *rotation) read(ctx context.Context, id string) (*version, error) {
	output, err := r.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &r.event.SecretID, VersionId: &id})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		return nil, nil
	case err != nil:
		return nil, failed(ctx, "GetSecretValue", err)
	}
	v := &version{value: output.SecretBinary, isBinary: output.SecretString == nil}
	if !v.isBinary {
		v.value = []byte(*output.SecretString)
	}
	v.keyPairID, v.key, err = awssecrets.ParsePair(v.value)
	return v, err
}

// failed returns the error of a request to AWS. It goes into the log of the function, so it has
// the code of the answer, and the message only if access is denied: other messages may quote the
// secret or the session token.
func failed(ctx context.Context, operation string, err error) error {
	var api smithy.APIError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", operation, ctx.Err())
	case !errors.As(err, &api):
		return fmt.Errorf("%s: no answer from AWS", operation)
	case strings.HasPrefix(api.ErrorCode(), "AccessDenied"):
		return fmt.Errorf("%s: %s: %s", operation, api.ErrorCode(), api.ErrorMessage())
	}
	return fmt.Errorf("%s: AWS says %s", operation, api.ErrorCode())
}

// put writes the value of AWSPENDING, unless it has one by now, from a call at the same time.
func (r *rotation) put(ctx context.Context, value []byte, isBinary bool) error {
	input := &secretsmanager.PutSecretValueInput{SecretId: &r.event.SecretID, ClientRequestToken: &r.event.ClientRequestToken, VersionStages: []string{stagePending}}
	if r.event.RotationToken != "" {
		input.RotationToken = &r.event.RotationToken
	}
	if isBinary {
		input.SecretBinary = value
	} else {
		input.SecretString = aws.String(string(value))
	}
	_, err := r.secrets.PutSecretValue(ctx, input)
	var exists *types.ResourceExistsException
	if err == nil || errors.As(err, &exists) {
		return nil
	}
	return failed(ctx, "PutSecretValue", err)
}
