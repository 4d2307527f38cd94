// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/sign"
)

// newSigner returns a signer with the key pair in a secret, and the source that reads the
// secret.
func newSigner(ctx context.Context, client awssecrets.SecretsManagerAPI, secretID string) (*sign.Signer, *awssecrets.Source, error) {
	within, err := demo.Within()
	if err != nil {
		return nil, nil, err
	}
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, secretID), awssecrets.Options{})
	if err != nil {
		return nil, nil, err
	}
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, sign.Options{Within: within})
	return signer, source, err
}

// following returns f with a signer that follows its secret. Lambda freezes the process
// between invocations, so a goroutine cannot do this.
func following(source *awssecrets.Source, signer *sign.Signer, f function) function {
	return func(ctx context.Context, event request) (response, error) {
		if err := source.RefreshIfDue(ctx, signer.Rotate); err != nil {
			log.Print(err) // the key that the signer has goes on
		}
		return f(ctx, event)
	}
}
