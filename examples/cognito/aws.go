// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
	"github.com/cfsign/cfsign/examples/internal/localhost"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/sign"
)

// The names of the secrets, as in the article (docs/history.md).
const (
	privateKeySecret = "BP_COOKIE_SIGNER_PRIVATE_KEY"
	keyPairIDSecret  = "BP_COOKIE_SIGNER_PUBLIC_KEY_ID"
)

// serveAWS serves with the real services until ctx ends.
func serveAWS(ctx context.Context, s settings, logger *slog.Logger) error {
	users, err := token.New(token.Options{Issuer: s.issuer, AppClientID: s.appClientID})
	if err != nil {
		return err
	}
	if err := users.Ready(ctx); err != nil { // There is no such pool, or Cognito is down.
		logger.Warn("tokens cannot be verified now", "cause", err.Error())
	}
	source, err := openSource(ctx, s.secretRegion, logger)
	if err != nil {
		return err
	}
	keyPairID, key := source.Pair()
	signer, err := newSigner(keyPairID, key, s.cdn)
	if err != nil {
		return err
	}
	store, err := shares.Open(ctx, s.database)
	if err != nil {
		return fmt.Errorf("%s: %w", envDatabase, err)
	}
	defer store.Close() // after the last request
	service, err := newService(options{
		cdn: s.cdn, cookies: sign.CookieAttributes{Domain: s.cookieDomain}, origin: s.appOrigin,
		lifetime: s.lifetime, signer: signer, users: users, shares: store, logger: logger,
	})
	if err != nil {
		return err
	}
	// Listen last: a load balancer may send requests at once.
	listener, err := localhost.Listen(ctx, s.listen)
	if err != nil {
		return err
	}
	following, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { source.Run(following, signer.Rotate) })
	defer wait.Wait()
	defer stop()
	logger.Info("listening", "address", listener.Addr().String(), "issuer", s.issuer, "cdn", s.cdn, "cookies", s.reach(), "key pair ID", keyPairID)
	return serve(ctx, listener, service, logger)
}

// openSource returns the key pair in Secrets Manager: one secret has the private key, and
// one its ID. If the first one has the ID, too, as cfsign rotate writes it, the second one is
// not read.
func openSource(ctx context.Context, region string, logger *slog.Logger) (*awssecrets.Source, error) {
	configuration, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, err
	}
	client := secretsmanager.NewFromConfig(configuration)
	options := awssecrets.Options{
		Observe: func(ctx context.Context, e awssecrets.Event) {
			if e.Err != nil {
				logger.ErrorContext(ctx, "the key pair cannot be renewed", "event", e)
				return
			}
			logger.InfoContext(ctx, "a new key pair signs", "event", e)
		},
	}
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, privateKeySecret), options)
	if errors.Is(err, keys.ErrKeyPairID) {
		options.KeyPairIDFrom = awssecrets.Secret(client, keyPairIDSecret)
		return awssecrets.New(ctx, awssecrets.Secret(client, privateKeySecret), options)
	}
	return source, err
}
