// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/sign"
)

// exampleConfig is a KMS on loopback with the key alias/cloudfront. You get your
// configuration from the SDK's config.LoadDefaultConfig.
func exampleConfig() aws.Config {
	server := &awslocal.Server{}
	service := awslocal.NewKMS(server)
	service.SetAlias(alias, service.Add(testkeys.P256()))
	return aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(httptest.NewServer(server).URL), Credentials: credentials(good)}
}

// newCache returns a cache of signatures by a key in KMS.
func newCache(ctx context.Context, config aws.Config) (*sign.Cache, error) {
	client := kms.NewFromConfig(config)
	key, err := awskms.New(ctx, client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		return nil, err
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		return nil, err
	}
	return sign.NewCache(signer, time.Hour, sign.CacheOptions{})
}

func Example() {
	cache, err := newCache(context.Background(), exampleConfig())
	if err != nil {
		log.Fatal(err)
	}
	_, err = cache.URL(context.Background(), "https://cdn.example.com/private/film.mp4")
	fmt.Println(err)
	// Output: <nil>
}

// exampleService is a KMS on loopback with the key alias/cloudfront.
func exampleService() (*awslocal.KMS, *awslocal.Server, *kms.Client) {
	server := &awslocal.Server{}
	listener := httptest.NewServer(server)
	service := awslocal.NewKMS(server)
	service.SetAlias(alias, service.Add(testkeys.P256()))
	return service, server, kms.New(kms.Options{BaseEndpoint: &listener.URL, Region: "us-east-1", Credentials: credentials(good), Retryer: impatient()})
}

// A hundred URLs need one signature by KMS.
func ExampleNew() {
	_, server, client := exampleService()
	ctx := context.Background()

	key, err := awskms.New(ctx, client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		log.Fatal(err)
	}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	cache, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for range 100 {
		signedURL, err := cache.URL(ctx, "https://cdn.example.com/private/film.mp4")
		if err != nil {
			log.Fatal(err)
		}
		_ = signedURL // for a viewer who may see the film
	}

	fmt.Println(cache.Stats().Misses, server.Count(awslocal.KMSGetPublicKey))
	// Output: 1 1
}

// The error shows what to do.
func ExampleKey_SignContext() {
	service, _, client := exampleService()
	ctx := context.Background()
	key, err := awskms.New(ctx, client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		log.Fatal(err)
	}
	service.SetState(key.ARN(), "Disabled")

	digest := sha256.Sum256([]byte("policy"))
	_, err = key.SignContext(ctx, digest[:], crypto.SHA256)
	switch {
	case errors.Is(err, keys.ErrThrottled), errors.Is(err, keys.ErrUnavailable):
		fmt.Println("try again later")
	case errors.Is(err, keys.ErrDisabled):
		fmt.Println("an administrator must enable the key")
	}
	// Output: an administrator must enable the key
}

// KMS does not sign with SHA-1.
func ExampleKey_Sign() {
	_, _, client := exampleService()
	key, err := awskms.New(context.Background(), client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = key.Sign(nil, make([]byte, 20), crypto.SHA1)
	fmt.Println(errors.Is(err, keys.ErrHash), strings.Contains(err.Error(), "SHA-1"))
	// Output: true true
}
