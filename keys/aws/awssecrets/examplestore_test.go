// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/cfsign/cfsign/keys/aws/awssecrets"
	"github.com/cfsign/cfsign/keys/aws/awstest"
)

// exampleSite is Secrets Manager and CloudFront, with one key pair in both. A rotation does not
// wait there.
func exampleSite() (config aws.Config, keyGroupID string) {
	cloud := awstest.Start()
	cloud.Hasten(10 * time.Minute)
	distribution := cloud.CloudFront.AddDistribution(keyA.Public())
	cloud.Secrets.Put("prod/cdn", pairJSON(distribution.KeyPairIDs[0], keyA))
	return cloud.Config, distribution.KeyGroupID
}

// A scheduled job rotates a secret.
func ExampleNewStore() {
	ctx := context.Background()
	config, keyGroupID := exampleSite()
	keyPairID, err := rotateSecret(ctx, config, keyGroupID)
	if err != nil {
		log.Fatal(err)
	}

	source, err := awssecrets.New(ctx, awssecrets.Secret(secretsmanager.NewFromConfig(config), "prod/cdn"), awssecrets.Options{})
	if err != nil {
		log.Fatal(err)
	}
	current, _ := source.Pair()
	fmt.Println(current == keyPairID)
	// Output: true
}

// exampleStore is a store whose secret has the pair K2JCJMDEHXQW5F.
func exampleStore() *awssecrets.Store {
	config, _ := exampleAWS()
	store, err := awssecrets.NewStore(secretsmanager.NewFromConfig(config), "prod/cdn", awssecrets.StoreOptions{})
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
	ctx := context.Background()
	store := exampleStore()
	public, err := store.Create(ctx)
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
	fmt.Println(keyA.PublicKey.Equal(current))
	// Output: true
}

// If a rotation was interrupted, there is a next pair.
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

func ExampleParsePair() {
	keyPairID, key, err := awssecrets.ParsePair([]byte(pairJSON("K2JCJMDEHXQW5F", keyA)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %T\n", keyPairID, key)
	// Output: K2JCJMDEHXQW5F *ecdsa.PrivateKey
}

// The other members stay.
func ExampleReplacePair() {
	secret := jsonOf("stage", "prod", "keyPairId", "K2JCJMDEHXQW5F", "privateKey", pemOf(keyA))
	replaced, err := awssecrets.ReplacePair([]byte(secret), "K36X4X2EO997HM", keyB)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.60s\n", replaced)
	// Output: {"stage": "prod", "keyPairId": "K36X4X2EO997HM", "privateKey
}
