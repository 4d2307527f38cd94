// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/sign"
)

// signOne prints a URL that is signed for an hour, with a secret in your account.
func signOne(ctx context.Context, secretID, rawURL string, stdout io.Writer) error {
	ctx, cancel := context.WithCancel(ctx) // ends the following of the secret
	defer cancel()
	configuration, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	signer, _, err := newSigner(ctx, secretsmanager.NewFromConfig(configuration), secretID, nil, sign.Options{Within: sign.Bounds{Lifetime: time.Hour}})
	if err != nil {
		return err
	}
	signedURL, err := signer.URL(ctx, rawURL, time.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, signedURL)
	return err
}
