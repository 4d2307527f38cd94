// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// exampleSite is KMS and CloudFront on loopback, with one key in both, an hour after the last
// change.
func exampleSite(ctx context.Context) (config aws.Config, keyGroupID string) {
	server := &awslocal.Server{}
	service, cloudFront := awslocal.NewKMS(server), awslocal.NewCloudFront(server)
	service.SetAlias(alias, service.Add(testkeys.P256()))
	cloudFront.SetClock(func() time.Time { return time.Now().Add(-time.Hour) })
	config = aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(httptest.NewServer(server).URL), Credentials: credentials(good)}
	pem, err := keys.MarshalPublic(testkeys.P256().Public())
	if err != nil {
		log.Fatal(err)
	}
	client := cloudfront.NewFromConfig(config)
	public, err := client.CreatePublicKey(ctx, &cloudfront.CreatePublicKeyInput{PublicKeyConfig: &types.PublicKeyConfig{
		Name: aws.String("first"), CallerReference: aws.String("first"), EncodedKey: aws.String(string(pem)),
	}})
	if err != nil {
		log.Fatal(err)
	}
	group, err := client.CreateKeyGroup(ctx, &cloudfront.CreateKeyGroupInput{KeyGroupConfig: &types.KeyGroupConfig{Name: aws.String("viewers"), Items: []string{*public.PublicKey.Id}}})
	if err != nil {
		log.Fatal(err)
	}
	return config, *group.KeyGroup.Id
}

// A scheduled job rotates a key, and a process that starts finds its ID.
func ExampleNewStore() {
	ctx := context.Background()
	config, keyGroupID := exampleSite(ctx)
	keyPairID, err := rotateAlias(ctx, config, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}

	rotator, err := keygroup.New(cloudfront.NewFromConfig(config), keygroup.Options{}, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := newRotatedSigner(ctx, config, rotator)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID() == keyPairID)
	// Output: true
}

// exampleStore is a store for alias/cloudfront.
func exampleStore() *awskms.Store {
	_, _, client := exampleService()
	store, err := awskms.NewStore(client, "alias/cloudfront", awskms.StoreOptions{})
	if err != nil {
		log.Fatal(err)
	}
	return store
}

// A rotation by hand: keygroup.Rotator does the same.
func ExampleStore_Switch() {
	ctx := context.Background()
	store := exampleStore()
	public, err := store.Create(ctx)
	if err != nil {
		log.Fatal(err)
	}
	// Create a public key at CloudFront from it, add the public key to the key group, and wait.

	fmt.Println(store.Switch(ctx, public, "K36X4X2EO997HM"))
	// Output: <nil>
}

func ExampleStore_Create() {
	public, err := exampleStore().Create(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%T\n", public)
	// Output: *ecdsa.PublicKey
}

func ExampleStore_Current() {
	current, err := exampleStore().Current(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(testkeys.P256().PublicKey.Equal(current))
	// Output: true
}

// If a rotation was interrupted, there is a next key.
func ExampleStore_Next() {
	ctx := context.Background()
	store := exampleStore()
	if _, err := store.Create(ctx); err != nil {
		log.Fatal(err)
	}
	next, err := store.Next(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(next != nil)
	// Output: true
}
