// SPDX-License-Identifier: Apache-2.0

package dynamostore_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/sign/dynamostore"
)

// exampleConfig is a DynamoDB on loopback with the table cfsign. You get your configuration from
// the SDK's config.LoadDefaultConfig.
func exampleConfig() aws.Config {
	server := &awslocal.Server{}
	awslocal.NewDynamoDB(server).CreateTable("cfsign", "name")
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(httptest.NewServer(server).URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "SecretOfTheCaller"}, nil
		}),
	}
}

// newCache returns a cache that shares its signatures.
func newCache(signer *sign.Signer, config aws.Config) (*sign.Cache, error) {
	store, err := dynamostore.New(dynamodb.NewFromConfig(config), "cfsign", dynamostore.Options{})
	if err != nil {
		return nil, err
	}
	return sign.NewCache(signer, time.Hour, sign.CacheOptions{
		Store:      store,
		StoreError: func(err error) { log.Print(err) },
	})
}

// A countingKey is a key that counts its signatures.
type countingKey struct {
	crypto.Signer
	operations atomic.Int64
}

func (k *countingKey) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	k.operations.Add(1)
	return k.Signer.Sign(rand.Reader, digest, o)
}

// Two processes return the same URL. The key signs once, although each ECDSA signature by KMS
// differs.
func Example() {
	config := exampleConfig()
	key := &countingKey{Signer: testkeys.P256()}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	var urls [2]string
	for i := range urls {
		cache, err := newCache(signer, config)
		if err != nil {
			log.Fatal(err)
		}
		urls[i], err = cache.URL(context.Background(), "https://cdn.example.com/private/film.mp4")
		if err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(urls[0] == urls[1], key.operations.Load())
	// Output: true 1
}

func ExampleNew() {
	_, err := dynamostore.New(dynamodb.NewFromConfig(exampleConfig()), "", dynamostore.Options{})
	fmt.Println(err)
	// Output: dynamostore: the table is empty: pass its name or ARN
}

func exampleStore() *dynamostore.Store {
	store, err := dynamostore.New(dynamodb.NewFromConfig(exampleConfig()), "cfsign", dynamostore.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return store
}

// A cache does this for you.
func ExampleStore_Claim() {
	ctx, store := context.Background(), exampleStore()
	_, claimed, err := store.Claim(ctx, name, time.Minute)
	fmt.Println(claimed, err)
	_, claimed, err = store.Claim(ctx, name, time.Minute)
	fmt.Println(claimed, err)
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleStore_Save() {
	ctx, store := context.Background(), exampleStore()
	if err := store.Save(ctx, name, []byte("signature"), time.Now().Add(time.Hour)); err != nil {
		log.Fatal(err)
	}
	signature, claimed, err := store.Claim(ctx, name, time.Minute)
	fmt.Printf("%s %t %v\n", signature, claimed, err)
	// Output: signature false <nil>
}
