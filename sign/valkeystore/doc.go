// SPDX-License-Identifier: Apache-2.0

/*
Package valkeystore shares the signatures of a fleet through Valkey, or Redis from version
7.0:

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

A process that needs a signature asks the server in one round trip. The first one gets the
claim, signs, and saves the signature for the others.

The client is yours: its options decide on TLS, passwords, clusters, Sentinel and reconnects.
DisableCache lets it connect to servers without CLIENT TRACKING. The README of this package
says what the server needs.

# What the server holds

A key is the prefix and a name that the cache derives from the policy. Its value is empty for
a claim, or the bytes of a signature. Each key expires. Nothing in it tells which viewer or
file a signature is for, but a signature is a credential for those who can guess its policy.

# Failures

The server can lose everything at any time: then each policy costs one more key operation. If
the server fails, the methods return an error, and the cache signs without the store.

# Errors

Errors wrap the error of the client, or of the context if it has ended. They never contain a
signature.
*/
package valkeystore
