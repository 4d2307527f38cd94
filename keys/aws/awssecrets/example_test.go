// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/sign"
)

// exampleAWS is a local AWS, with a pair in prod/cdn of Secrets Manager and of Parameter Store. You
// get your configuration from the SDK's config.LoadDefaultConfig.
func exampleAWS() (aws.Config, *awstest.Secrets) {
	cloud := awstest.Start()
	cloud.Secrets.Put("prod/cdn", pairJSON("K2JCJMDEHXQW5F", keyA))
	cloud.Parameters.Put("/prod/cdn", pairJSON("K2JCJMDEHXQW5F", keyA))
	return cloud.Config, cloud.Secrets
}

// newSigner returns a signer with a key from Secrets Manager. The signer follows the secret
// until ctx ends.
func newSigner(ctx context.Context, config aws.Config) (*sign.Signer, error) {
	client := secretsmanager.NewFromConfig(config)
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, "prod/cdn"), awssecrets.Options{
		Observe: func(_ context.Context, e awssecrets.Event) { log.Print(e) }, // if it fails, the old key goes on
	})
	if err != nil {
		return nil, err
	}
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	go source.Run(ctx, signer.Rotate)
	return signer, nil
}

func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	config, _ := exampleAWS()

	signer, err := newSigner(ctx, config)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(signer.KeyPairID())
	// Output: K2JCJMDEHXQW5F
}

// The secret has both the ID and the key.
func ExampleNew() {
	config, _ := exampleAWS()
	client := secretsmanager.NewFromConfig(config)

	source, err := awssecrets.New(context.Background(), awssecrets.Secret(client, "prod/cdn"), awssecrets.Options{})
	if err != nil {
		log.Fatal(err)
	}

	keyPairID, key := source.Pair()
	fmt.Printf("%s %T\n", keyPairID, key)
	fmt.Println(source)
	// Output:
	// K2JCJMDEHXQW5F *ecdsa.PrivateKey
	// awssecrets.Source(secret prod/cdn: K2JCJMDEHXQW5F)
}

// The key and its ID are in two secrets. The key group shows whether they belong
// together.
func ExampleSecret() {
	config, secrets := exampleAWS()
	secrets.Put("prod/cdn/key", pemOf(keyA))
	secrets.Put("prod/cdn/key-id", "K2JCJMDEHXQW5F")
	client := secretsmanager.NewFromConfig(config)
	trusted, err := keys.NewSet(map[string]crypto.PublicKey{"K2JCJMDEHXQW5F": keyA.Public()})
	if err != nil {
		log.Fatal(err)
	}

	source, err := awssecrets.New(context.Background(), awssecrets.Secret(client, "prod/cdn/key"), awssecrets.Options{
		KeyPairIDFrom: awssecrets.Secret(client, "prod/cdn/key-id"),
		KeyGroup:      trusted,
	})
	if err != nil {
		log.Fatal(err)
	}

	keyPairID, _ := source.Pair()
	fmt.Println(keyPairID)
	// Output: K2JCJMDEHXQW5F
}

func ExampleParameter() {
	config, _ := exampleAWS()
	client := ssm.NewFromConfig(config)

	source, err := awssecrets.New(context.Background(), awssecrets.Parameter(client, "/prod/cdn"), awssecrets.Options{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(source)
	// Output: awssecrets.Source(parameter /prod/cdn: K2JCJMDEHXQW5F)
}

// An operator changes the key and forgets its ID. The old pair stays in use.
func ExampleSource_Refresh() {
	config, secrets := exampleAWS()
	ctx := context.Background()
	source, err := awssecrets.New(ctx, awssecrets.Secret(secretsmanager.NewFromConfig(config), "prod/cdn"), awssecrets.Options{})
	if err != nil {
		log.Fatal(err)
	}

	secrets.Put("prod/cdn", pairJSON("K2JCJMDEHXQW5F", keyB))
	fmt.Println(errors.Is(source.Refresh(ctx), keys.ErrMismatch))

	secrets.Put("prod/cdn", pairJSON("K36X4TSO5NMTOX", keyB))
	fmt.Println(source.Refresh(ctx))
	fmt.Println(source)
	fmt.Println(source.Trusted().IDs())
	// Output:
	// true
	// <nil>
	// awssecrets.Source(secret prod/cdn: K36X4TSO5NMTOX)
	// [K2JCJMDEHXQW5F K36X4TSO5NMTOX]
}

// Run passes a new pair on, here as soon as Refresh has found it.
func ExampleSource_Run() {
	config, secrets := exampleAWS()
	ctx, cancel := context.WithCancel(context.Background())
	source, err := awssecrets.New(ctx, awssecrets.Secret(secretsmanager.NewFromConfig(config), "prod/cdn"), awssecrets.Options{})
	if err != nil {
		log.Fatal(err)
	}
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	secrets.Put("prod/cdn", pairJSON("K36X4TSO5NMTOX", keyB))
	if err := source.Refresh(ctx); err != nil {
		log.Fatal(err)
	}

	err = source.Run(ctx, func(ctx context.Context, keyPairID string, key crypto.Signer) error {
		defer cancel() // enough for an example
		return signer.Rotate(ctx, keyPairID, key)
	})

	fmt.Println(err)
	fmt.Println(signer.KeyPairID())
	// Output:
	// context canceled
	// K36X4TSO5NMTOX
}

// newHandler returns the handler of a function in AWS Lambda. Pass it to lambda.Start of
// github.com/aws/aws-lambda-go.
func newHandler(ctx context.Context, config aws.Config) (func(context.Context) (string, error), error) {
	client := secretsmanager.NewFromConfig(config)
	source, err := awssecrets.New(ctx, awssecrets.Secret(client, "prod/cdn"), awssecrets.Options{})
	if err != nil {
		return nil, err
	}
	keyPairID, key := source.Pair()
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		if err := source.RefreshIfDue(ctx, signer.Rotate); err != nil {
			log.Print(err) // the key that the signer has goes on
		}
		return signer.URL(ctx, "https://cdn.example.com/private/report.pdf", signer.Now().Add(time.Hour))
	}, nil
}

// Lambda freezes the process between invocations, so a goroutine cannot follow the secret.
func ExampleSource_RefreshIfDue() {
	config, _ := exampleAWS()
	handler, err := newHandler(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}

	signedURL, err := handler(context.Background())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(strings.Contains(signedURL, "Key-Pair-Id=K2JCJMDEHXQW5F"))
	// Output: true
}

// rotateSecret rotates the pair in prod/cdn, and returns the ID of the key that signs now.
func rotateSecret(ctx context.Context, config aws.Config, keyGroupID string) (keyPairID string, err error) {
	rotator, err := keygroup.New(cloudfront.NewFromConfig(config), keygroup.Options{
		KeepRetired: 25 * time.Hour, // URLs are valid for a day, and all processes follow the secret within an hour
	}, keyGroupID)
	if err != nil {
		return "", err
	}
	store, err := awssecrets.NewStore(secretsmanager.NewFromConfig(config), "prod/cdn", awssecrets.StoreOptions{})
	if err != nil {
		return "", err
	}
	result, err := rotator.Rotate(ctx, store)
	return result.KeyPairID, err
}
