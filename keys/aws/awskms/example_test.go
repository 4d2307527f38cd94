// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/awstest"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
	"github.com/cfsign/cfsign/sign"
)

// exampleAWS is a local AWS with the key alias/cloudfront in KMS. You get your configuration from
// the SDK's config.LoadDefaultConfig.
func exampleAWS() *awstest.AWS {
	cloud := awstest.Start()
	cloud.KMS.Add(testkeys.P256(), alias)
	return cloud
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
	cache, err := newCache(context.Background(), exampleAWS().Config)
	if err != nil {
		log.Fatal(err)
	}
	_, err = cache.URL(context.Background(), "https://cdn.example.com/private/film.mp4")
	fmt.Println(err)
	// Output: <nil>
}

// A hundred URLs need one signature by KMS.
func ExampleNew() {
	cloud := exampleAWS()
	client := kms.NewFromConfig(cloud.Config)
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

	fmt.Println(cache.Stats().Misses, cloud.Count("kms:GetPublicKey"))
	// Output: 1 1
}

// exampleRegions is the KMS of two Regions with one multi-Region key, without a network. You
// get your configuration from the SDK's config.LoadDefaultConfig.
func exampleRegions() (aws.Config, []*place) {
	places := newPlaces("aws", "us-east-1", "us-west-2")
	byHost := map[string]http.Handler{"kms.us-east-1.amazonaws.com": places[0].server, "kms.us-west-2.amazonaws.com": places[1].server}
	endpoint := func(w http.ResponseWriter, r *http.Request) { byHost[r.URL.Host].ServeHTTP(w, r) }
	return aws.Config{Credentials: credentials(good), HTTPClient: handlerClient{http.HandlerFunc(endpoint)}}, places
}

// newKey returns a key that signs in two Regions.
func newKey(ctx context.Context, config aws.Config) (*awskms.Key, error) {
	east := kms.NewFromConfig(config, func(o *kms.Options) { o.Region = "us-east-1" })
	west := kms.NewFromConfig(config, func(o *kms.Options) { o.Region = "us-west-2" })
	return awskms.New(ctx, east, "mrk-1234abcd12ab34cd56ef000000000001", awskms.Options{
		Replicas: []awskms.API{west},
		Observe:  func(_ context.Context, e awskms.Event) { log.Print(e) },
	})
}

// The key is disabled in one Region. The other one signs.
func ExampleOptions_replicas() {
	config, places := exampleRegions()
	log.SetOutput(os.Stdout) // where an example can show it
	log.SetFlags(0)
	defer log.SetOutput(os.Stderr)
	ctx := context.Background()
	key, err := newKey(ctx, config)
	if err != nil {
		log.Fatal(err)
	}
	places[0].SetState(places[0].arn, "Disabled")

	digest := sha256.Sum256([]byte("policy"))
	_, err = key.SignContext(ctx, digest[:], crypto.SHA256)

	fmt.Println(err)
	// Output:
	// awskms: Sign arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000001: the key is disabled: DisabledException "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef000000000001 is disabled." (us-west-2 took over)
	// <nil>
}

// checkRegions returns an error unless each Region has the key.
func checkRegions(ctx context.Context, keyID string, public crypto.PublicKey, east, west awskms.API) error {
	for _, client := range []awskms.API{east, west} {
		if _, err := awskms.New(ctx, client, keyID, awskms.Options{Public: public}); err != nil {
			return err
		}
	}
	return nil
}

// A start of the program finds the Region without a replica.
func ExampleOptions_public() {
	_, places := exampleRegions()
	keyID := places[0].id()
	places[1].server.Fail(awslocal.KMSGetPublicKey, always, &awslocal.Error{Type: "NotFoundException"})

	err := checkRegions(context.Background(), keyID, testkeys.P256().Public(), places[0].client, places[1].client)

	fmt.Println(errors.Is(err, keys.ErrKeyNotFound))
	// Output: true
}

// The error shows what to do.
func ExampleKey_SignContext() {
	cloud := exampleAWS()
	client := kms.NewFromConfig(cloud.Config)
	ctx := context.Background()
	key, err := awskms.New(ctx, client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		log.Fatal(err)
	}
	cloud.KMS.SetState(key.ARN(), "Disabled")

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
	client := kms.NewFromConfig(exampleAWS().Config)
	key, err := awskms.New(context.Background(), client, "alias/cloudfront", awskms.Options{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = key.Sign(nil, make([]byte, 20), crypto.SHA1)
	fmt.Println(errors.Is(err, keys.ErrHash), strings.Contains(err.Error(), "SHA-1"))
	// Output: true true
}

// rotateAlias rotates the key behind alias/cloudfront, and returns the ID of the key that signs
// now.
func rotateAlias(ctx context.Context, config aws.Config, keyGroupID string) (keyPairID string, err error) {
	rotator, err := keygroup.New(cloudfront.NewFromConfig(config), keygroup.Options{
		KeepRetired: 25 * time.Hour, // URLs are valid for a day, and all processes follow the alias within an hour
	}, keyGroupID)
	if err != nil {
		return "", err
	}
	store, err := awskms.NewStore(kms.NewFromConfig(config), "alias/cloudfront", awskms.StoreOptions{
		Tags: map[string]string{"cfsign": "cloudfront"}, // the application may use keys with this tag
	})
	if err != nil {
		return "", err
	}
	result, err := rotator.Rotate(ctx, store)
	return result.KeyPairID, err
}

// newRotatedSigner returns a signer with the key that the alias leads to, and its ID.
func newRotatedSigner(ctx context.Context, config aws.Config, rotator *keygroup.Rotator) (*sign.Signer, error) {
	key, err := awskms.New(ctx, kms.NewFromConfig(config), "alias/cloudfront", awskms.Options{})
	if err != nil {
		return nil, err
	}
	keyPairID, err := rotator.Find(ctx, key.Public())
	if err != nil {
		return nil, err
	}
	return sign.New(keyPairID, key, sign.Options{})
}

// follow makes the signer use the key that the alias leads to now.
func follow(ctx context.Context, config aws.Config, rotator *keygroup.Rotator, signer *sign.Signer) error {
	key, err := awskms.New(ctx, kms.NewFromConfig(config), "alias/cloudfront", awskms.Options{})
	if err != nil {
		return err
	}
	keyPairID, err := rotator.Find(ctx, key.Public())
	if err != nil || keyPairID == signer.KeyPairID() { // no rotation since the last call
		return err
	}
	return signer.Rotate(ctx, keyPairID, key)
}
