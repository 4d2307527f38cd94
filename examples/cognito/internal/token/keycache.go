// SPDX-License-Identifier: Apache-2.0

package token

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"sync"
	"time"
)

// When keys are fetched.
const (
	// refreshAfter: keys of that age are fetched again while they are still used, so
	// that a key that was taken away stops counting.
	refreshAfter = 10 * time.Minute
	// maxAge: keys of that age are not used, also if no others can be had.
	maxAge = time.Hour
	// pause is the time between two fetches that unknown keys cause. A new key may
	// take so long until it is known.
	pause = 10 * time.Second
	// retry is the time after a fetch that failed.
	retry = time.Second
)

// A keyCache keeps the keys of an issuer. The key set of go-oidc fetches for every token
// whose key it does not know, or whose signature is wrong, keeps removed keys until
// that happens, and reads answers of any length. This one does none of it.
type keyCache struct {
	url    string
	client *http.Client
	clock  func() time.Time

	mu      sync.Mutex
	keys    keySet
	fetched time.Time // when keys were asked for; zero if there are none
	tried   time.Time // when the last fetch ended
	failure error     // of the last fetch
	flight  chan struct{}
}

func newKeyCache(url string, client *http.Client, clock func() time.Time) *keyCache {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &keyCache{url: url, client: &own, clock: clock}
}

// lookup returns the keys with an ID, or all if it is empty, and waits for them if they
// have to be fetched. Unless that is possible, the error is [ErrUnavailable]; if there is
// no such key, [ErrSignature].
func (k *keyCache) lookup(ctx context.Context, id string) ([]crypto.PublicKey, error) {
	if found, ok := k.cached(ctx, id); ok {
		return found, nil
	}
	if flight := k.fetch(ctx); flight != nil {
		select {
		case <-flight:
		case <-ctx.Done():
			return nil, unavailable(context.Cause(ctx))
		}
	}
	return k.result(id)
}

// cached returns keys that may be used without waiting. Those that are getting old are
// fetched meanwhile.
func (k *keyCache) cached(ctx context.Context, id string) ([]crypto.PublicKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := k.keys.find(id)
	if len(found) == 0 || k.isOlder(k.fetched, maxAge) {
		return nil, false
	}
	if k.isOlder(k.fetched, refreshAfter) {
		k.start(ctx)
	}
	return found, true
}

// fetch returns a channel that is closed when a fetch has ended, or nil if it is too early
// for one.
func (k *keyCache) fetch(ctx context.Context) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.start(ctx)
}

// start starts a fetch, unless one is under way or it is too early. It does not end with
// ctx, because others wait for it, too. The lock must be held.
func (k *keyCache) start(ctx context.Context) <-chan struct{} {
	if k.flight != nil {
		return k.flight
	}
	wait := pause
	if k.failure != nil {
		wait = retry
	}
	if !k.isOlder(k.tried, wait) {
		return nil
	}
	flight := make(chan struct{})
	k.flight = flight
	go k.run(context.WithoutCancel(ctx), flight)
	return flight
}

// run fetches the keys. A failure leaves those that are there.
func (k *keyCache) run(ctx context.Context, flight chan struct{}) {
	began := k.clock()
	keys, err := fetchKeys(ctx, k.client, k.url)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tried, k.failure, k.flight = k.clock(), err, nil
	if err == nil {
		k.keys, k.fetched = keys, began
	}
	close(flight)
}

var errStale = errors.New("the keys are older than an hour")

// result returns what is known after a fetch, or without one.
func (k *keyCache) result(id string) ([]crypto.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found := k.keys.find(id)
	switch {
	case len(found) > 0 && !k.isOlder(k.fetched, maxAge):
		return found, nil
	case k.failure != nil:
		return nil, unavailable(k.failure)
	case k.isOlder(k.fetched, maxAge):
		return nil, unavailable(errStale)
	}
	return nil, refuse(ErrSignature, "the issuer has no key with the token's kid; a token of another user pool looks so, too")
}

// isOlder reports whether a time is that long ago, or in the future, because somebody
// has set the clock.
func (k *keyCache) isOlder(t time.Time, age time.Duration) bool {
	passed := k.clock().Sub(t)
	return passed >= age || passed < 0
}
