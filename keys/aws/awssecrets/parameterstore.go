// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// A ParameterStoreAPI is what is needed of a [*ssm.Client].
type ParameterStoreAPI interface {
	// GetParameter is that of the client.
	GetParameter(ctx context.Context, params *ssm.GetParameterInput, optFns ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// parameterNames are the names and ARNs of parameters, without a version or label.
//
// Source: "PutParameter" and "GetParameter" in the API reference of Systems Manager.
var parameterNames = regexp.MustCompile(`^(arn:[a-z0-9-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/)?[A-Za-z0-9_./-]+$`)

// Parameter is a parameter in Parameter Store, by its name or ARN. One that holds a
// private key has to be a SecureString. Its newest version counts, so one put is a
// rotation; versions and labels in the name are refused.
func Parameter(client ParameterStoreAPI, name string) Location {
	return newLocation(&place{
		store: parameterStore{client, name},
		kind:  "parameter", name: name, names: parameterNames, client: client,
	})
}

type parameterStore struct {
	client ParameterStoreAPI
	name   string
}

func (s parameterStore) current(ctx context.Context) (version, error) { return s.get(ctx, s.name) }

// previous returns the version with the number before, since they are counted.
func (s parameterStore) previous(ctx context.Context, currentID string) (version, bool, error) {
	number, err := strconv.ParseInt(currentID, 10, 64)
	if err != nil || number <= 1 {
		return version{}, false, nil
	}
	v, err := s.get(ctx, s.name+":"+strconv.FormatInt(number-1, 10))
	if errors.Is(err, keys.ErrKeyNotFound) {
		return version{}, false, nil // the service forgets old versions
	}
	return v, err == nil, err
}

func (s parameterStore) get(ctx context.Context, name string) (version, error) {
	decrypt := true
	output, err := s.client.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: &decrypt})
	switch {
	case err != nil:
		return version{}, clientError(ctx, err)
	case output == nil || output.Parameter == nil || output.Parameter.Value == nil:
		return version{}, awserror.Incomplete()
	}
	p := output.Parameter
	return version{
		id:    strconv.FormatInt(p.Version, 10),
		value: []byte(*p.Value),
		plain: p.Type == types.ParameterTypeString || p.Type == types.ParameterTypeStringList,
	}, nil
}
