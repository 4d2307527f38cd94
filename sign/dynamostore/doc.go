// SPDX-License-Identifier: Apache-2.0

/*
Package dynamostore shares the signatures of a fleet through a table of Amazon DynamoDB:

	store, err := dynamostore.New(dynamodb.NewFromConfig(config), "cfsign", dynamostore.Options{})
	if err != nil {
		return nil, err
	}
	return sign.NewCache(signer, time.Hour, sign.CacheOptions{
		Store:      store,
		StoreError: func(err error) { log.Print(err) },
	})

A process that needs a signature makes one request. The first one gets the claim, signs, and
saves the signature for the others.

The README of this package has the table, the permissions and the costs.

# What the table holds

An item has a name that the cache derives from the policy, and a claim or a signature. Nothing
in it tells which viewer or file a signature is for, but a signature is a credential for those
who can guess its policy.

DynamoDB deletes an item some time after it has expired. Until then, the Store takes it for
absent.

# Clocks

DynamoDB compares times with the clock of the process that asks. If the clocks of two
processes differ by more than the lease of a claim, both may sign the same policy, and return
different URLs for a while. Each of the URLs works.

# Retries

The SDK sends a request again if DynamoDB throttles it, or gives no answer, as often as the
options of the client say, until the context ends. So a request can reach DynamoDB twice.
Each claim has a random owner, so a process does not take its own claim for the claim of
another one.

# Errors

If the context has ended, errors wrap the error of the context. errors.As finds the SDK's
error. The error message leaves out its text, which could contain a session token.
*/
package dynamostore
