// SPDX-License-Identifier: Apache-2.0

package valkeystore_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/sign/valkeystore"
)

// newCache returns a cache that shares its signatures. In production you also set a user, a
// password and TLS: see valkey.ClientOption.
func newCache(signer *sign.Signer, addresses []string) (*sign.Cache, error) {
	client, err := valkey.NewClient(valkey.ClientOption{InitAddress: addresses, DisableCache: true})
	if err != nil {
		return nil, err
	}
	store, err := valkeystore.New(client, valkeystore.Options{})
	if err != nil {
		return nil, err
	}
	return sign.NewCache(signer, time.Hour, sign.CacheOptions{
		Store:      store,
		StoreError: func(err error) { log.Print(err) },
	})
}

// Two processes return the same URL. The key signs once, although each ECDSA signature by KMS
// differs.
func Example() {
	address := exampleServer() // "valkey.example.com:6379"
	key := &countingKey{Signer: testkeys.P256()}
	signer, err := sign.New("K2JCJMDEHXQW5F", key, sign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	var urls [2]string
	for i := range urls {
		cache, err := newCache(signer, []string{address})
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
	_, err := valkeystore.New(nil, valkeystore.Options{})
	fmt.Println(err)
	// Output: valkeystore: the client is nil: pass one, such as from valkey.NewClient
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

// exampleStore is a store on a server of its own.
func exampleStore() *valkeystore.Store {
	client, err := valkey.NewClient(valkey.ClientOption{InitAddress: []string{exampleServer()}, DisableCache: true})
	if err != nil {
		log.Fatal(err)
	}
	store, err := valkeystore.New(client, valkeystore.Options{Prefix: "example:"})
	if err != nil {
		log.Fatal(err)
	}
	return store
}

// A cache does this for you.
func ExampleStore_Claim() {
	ctx, store := context.Background(), exampleStore()
	const name = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
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
	const name = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
	if err := store.Save(ctx, name, []byte("signature"), time.Now().Add(time.Hour)); err != nil {
		log.Fatal(err)
	}
	signature, claimed, err := store.Claim(ctx, name, time.Minute)
	fmt.Printf("%s %t %v\n", signature, claimed, err)
	// Output: signature false <nil>
}
