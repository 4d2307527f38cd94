// SPDX-License-Identifier: Apache-2.0

package shares_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/cfsign/cfsign/examples/cognito/internal/shares"
)

// What a program stores shares in is one setting: a file, or a PostgreSQL server.
func ExampleOpen() {
	store, err := shares.Open(context.Background(), ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	fmt.Println(store.Ping(context.Background()))

	_, err = shares.Open(context.Background(), "mysql://root:secret@localhost/shares")
	fmt.Println(errors.Is(err, shares.ErrDSN))
	// Output:
	// <nil>
	// true
}

func ExampleStore_Add() {
	store := newStore()
	defer store.Close()
	ctx := context.Background()
	fmt.Println(store.Add(ctx, "anna", "bert"))
	fmt.Println(store.Add(ctx, "anna", "bert")) // nothing happens twice

	err := store.Add(ctx, "anna", "../carl")
	fmt.Println(errors.Is(err, shares.ErrUser))
	// Output:
	// <nil>
	// <nil>
	// true
}

func ExampleStore_Remove() {
	store := newStore()
	defer store.Close()
	ctx := context.Background()
	err := errors.Join(store.Add(ctx, "anna", "bert"), store.Remove(ctx, "anna", "bert"))
	fmt.Println(err)
	fmt.Println(store.Has(ctx, "anna", "bert"))
	// Output:
	// <nil>
	// false <nil>
}

func ExampleStore_Has() {
	store := newStore()
	defer store.Close()
	ctx := context.Background()
	if err := store.Add(ctx, "anna", "bert"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Has(ctx, "anna", "bert"))
	fmt.Println(store.Has(ctx, "bert", "anna")) // not the other way round
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleStore_By() {
	store := newStore()
	defer store.Close()
	ctx := context.Background()
	if err := errors.Join(store.Add(ctx, "anna", "carl"), store.Add(ctx, "anna", "bert")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.By(ctx, "anna"))
	// Output: [bert carl] <nil>
}

func ExampleStore_With() {
	store := newStore()
	defer store.Close()
	ctx := context.Background()
	if err := errors.Join(store.Add(ctx, "carl", "anna"), store.Add(ctx, "bert", "anna")); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.With(ctx, "anna"))
	// Output: [bert carl] <nil>
}

// A health check asks the database, not only the process.
func ExampleStore_Ping() {
	store := newStore()
	fmt.Println(store.Ping(context.Background()))
	if err := store.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Ping(context.Background()) != nil)
	// Output:
	// <nil>
	// true
}

func ExampleStore_Close() {
	store := newStore()
	fmt.Println(store.Close())
	// Output: <nil>
}

func newStore() *shares.Store {
	store, err := shares.Open(context.Background(), ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	return store
}
