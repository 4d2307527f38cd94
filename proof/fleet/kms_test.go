// SPDX-License-Identifier: Apache-2.0

package fleet_test

import (
	"context"
	"crypto"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/keys"
)

const (
	kmsLatency = 10 * time.Millisecond

	// attempts and longestBackoff are the defaults of the AWS SDK for Go, version 2.
	attempts       = 3
	longestBackoff = 20 * time.Second
)

// A kms is a model of a key in KMS: it takes a while, refuses what exceeds its quota, and its
// client tries again. Each signature is another one.
type kms struct {
	crypto.Signer
	perSecond float64
	signed    *atomic.Int64 // signatures that KMS made
	throttled *atomic.Int64 // requests that KMS refused

	mu       *sync.Mutex
	tokens   *float64
	refilled *time.Time
}

func newKMS(key crypto.Signer, perSecond float64) kms {
	now, tokens := time.Now(), perSecond
	return kms{key, perSecond, new(atomic.Int64), new(atomic.Int64), new(sync.Mutex), &tokens, &now}
}

var errNoContext = errors.New("kms: the cache must pass a context")

// Sign is not used: a kms is a keys.ContextSigner.
func (k kms) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errNoContext }

// SignContext makes a signature, unless the quota is used up at every attempt.
func (k kms) SignContext(ctx context.Context, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	for attempt := range attempts {
		if err := wait(ctx, kmsLatency); err != nil {
			return nil, err
		}
		if k.take() {
			k.signed.Add(1)
			return k.Signer.Sign(nil, digest, o)
		}
		k.throttled.Add(1)
		backoff := min(longestBackoff, time.Second<<attempt)
		if err := wait(ctx, time.Duration(rand.Float64()*float64(backoff))); err != nil {
			return nil, err
		}
	}
	return nil, keys.ErrThrottled
}

// take reports whether the quota has room for one more signature.
func (k kms) take() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	*k.tokens = min(max(1, k.perSecond), *k.tokens+now.Sub(*k.refilled).Seconds()*k.perSecond)
	*k.refilled = now
	if *k.tokens < 1 {
		return false
	}
	*k.tokens--
	return true
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
