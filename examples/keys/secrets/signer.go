// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/sign"
)

// newSigner returns a signer with the pair that a secret of Secrets Manager has, and what
// reads it. The signer follows the secret until ctx ends; observe is told of each new pair,
// and of what goes wrong while the pair from before goes on.
func newSigner(ctx context.Context, client *secretsmanager.Client, secretID string, observe func(context.Context, awssecrets.Event), o sign.Options) (*sign.Signer, *awssecrets.Source, error) {
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, secretID), awssecrets.Options{Observe: observe})
	if err != nil {
		return nil, nil, err
	}
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, o)
	if err != nil {
		return nil, nil, err
	}
	go source.Run(ctx, signer.Rotate)
	return signer, source, nil
}
