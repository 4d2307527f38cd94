// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"time"
)

// A Store lets several processes share signatures, so that each policy of their caches costs
// one key operation for all of them, and all of them return the same URLs and cookies. See
// [CacheOptions].Store.
//
// A Store is not trusted. A [Cache] only gets signatures from it, never policies, and
// verifies each one with the public key. But a signature is a credential for those who can
// guess its policy, so do not let others read the Store.
//
// The modules sign/valkeystore and sign/dynamostore have Stores for Valkey, Redis and
// DynamoDB. The package sign/storetest tests one of your own. All methods must be safe for
// concurrent use, and must return when ctx ends.
type Store interface {
	// Claim returns the signature that Save has stored under name. If there is none, and
	// no other caller has claimed the name, Claim claims it for lease, and returns nil and
	// true: the caller signs. If another caller has claimed it, Claim returns nil and
	// false. A claim ends with Save, or after lease.
	//
	// name has 43 characters of the base64 alphabet for URLs. It tells nothing about the
	// policy. lease is a millisecond or more.
	Claim(ctx context.Context, name string, lease time.Duration) (signature []byte, claimed bool, err error)
	// Save stores signature under name until expires or later. It replaces a claim and
	// any other signature. The signature has at most 512 bytes.
	Save(ctx context.Context, name string, signature []byte, expires time.Time) error
}
