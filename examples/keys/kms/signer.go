// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/sign"
)

// newClient returns a client with the configuration that all AWS SDKs share: of the
// environment, of ~/.aws, or of the machine.
func newClient(ctx context.Context) (*kms.Client, error) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return kms.NewFromConfig(c), nil
}

// newSigner returns a signer with a key in KMS, whose public key CloudFront knows as
// keyPairID. Make one when the application starts: it asks KMS for the public key.
func newSigner(ctx context.Context, client awskms.API, keyID, keyPairID string, o sign.Options) (*sign.Signer, error) {
	key, err := awskms.New(ctx, client, keyID, awskms.Options{})
	if err != nil {
		return nil, err
	}
	return sign.New(keyPairID, key, o)
}
