// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// exampleSite is KMS and CloudFront, with one key in both. A rotation does not
// wait there.
func exampleSite() (config aws.Config, keyGroupID string) {
	cloud := exampleAWS()
	cloud.Hasten(10 * time.Minute)
	distribution := cloud.CloudFront.AddDistribution(testkeys.P256().Public())
	return cloud.Config, distribution.KeyGroupID
}

// A process starts and finds the ID of its key. Then a scheduled job rotates the key, and the
// process follows.
func ExampleNewStore() {
	ctx := context.Background()
	config, keyGroupID := exampleSite()
	rotator, err := keygroup.New(cloudfront.NewFromConfig(config), keygroup.Options{}, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := newRotatedSigner(ctx, config, rotator)
	if err != nil {
		log.Fatal(err)
	}

	keyPairID, err := rotateAlias(ctx, config, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID() == keyPairID)
	if err := follow(ctx, config, rotator, signer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(signer.KeyPairID() == keyPairID)
	// Output:
	// false
	// true
}

// exampleStore is a store for alias/cloudfront.
func exampleStore() *awskms.Store {
	store, err := awskms.NewStore(kms.NewFromConfig(exampleAWS().Config), "alias/cloudfront", awskms.StoreOptions{})
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
