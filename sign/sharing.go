// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/policy"
)

// sharing is how a [Cache] uses its [Store].
type sharing struct {
	store    Store
	timeout  time.Duration
	onError  func(error)
	counters *counters

	begun  time.Time
	resume atomic.Int64 // when the Store may be used again after an error, since begun
	took   atomic.Int64 // how long the last claim took
}

const (
	// pauseAfterError is how long a Store is left alone after an error, so that not every
	// policy has to wait for a Store that is down.
	pauseAfterError = time.Second

	// A process that waits for the signature of another one asks again after firstPoll, and
	// then less and less often, up to longestPoll.
	firstPoll, longestPoll = 5 * time.Millisecond, 50 * time.Millisecond

	// quick is how fast a Store must be to be asked by a policy that holds a place of the key.
	quick = 10 * time.Millisecond
)

func newSharing(o CacheOptions, c *counters) *sharing {
	return &sharing{store: o.Store, timeout: o.StoreTimeout, onError: o.StoreError, counters: c, begun: time.Now()}
}

// find returns the signature by key over p, if another process has made it or is making it. If
// it returns nil, the caller must sign.
func (s *sharing) find(key *privateKey, p *policy.Policy) []byte {
	if s.isPaused() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	document := p.JSON()
	name := storeName(key, document)
	for poll := firstPoll; ; poll = min(2*poll, longestPoll) {
		a, err := s.claim(ctx, name)
		switch {
		case err != nil && ctx.Err() != nil && poll > firstPoll:
			return nil // The other process is slow, and not the Store.
		case err != nil:
			s.fail(fmt.Errorf("sign: cache: the store: %w", err))
			return nil
		case len(a.signature) > 0:
			return s.verified(key, document, a.signature)
		case a.claimed:
			return nil
		}
		select {
		case <-time.After(poll):
		case <-ctx.Done():
			return nil
		}
	}
}

// findAgain is find for a policy that has waited for its turn at the key. It does not wait, and
// asks a Store that is quick only, because the caller holds a place of the key.
func (s *sharing) findAgain(key *privateKey, p *policy.Policy) []byte {
	if s.isPaused() || s.took.Load() >= int64(quick) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), quick)
	defer cancel()
	document := p.JSON()
	a, err := s.claim(ctx, storeName(key, document))
	switch {
	case err != nil && ctx.Err() == nil: // It failed, and was not only slow.
		s.fail(fmt.Errorf("sign: cache: the store: %w", err))
	case err == nil && len(a.signature) > 0:
		return s.verified(key, document, a.signature)
	}
	return nil
}

// claim calls [Store.Claim], and notes how long it took.
func (s *sharing) claim(ctx context.Context, name string) (answer, error) {
	begun := time.Now()
	defer func() { s.took.Store(int64(time.Since(begun))) }()
	return s.call(ctx, func() (a answer, err error) {
		a.signature, a.claimed, err = s.store.Claim(ctx, name, s.lease())
		return a, err
	})
}

// verified returns the signature if key made it over document, or nil.
func (s *sharing) verified(key *privateKey, document, signature []byte) []byte {
	if scheme.Verify(key.public, key.hash, scheme.Digest(key.hash, document), signature) != nil {
		s.report(refuse(ErrSignature, "the store has a signature that the key %s did not make: check which programs can write to the store", key.id))
		return nil
	}
	s.counters.storeHits.Add(1)
	return signature
}

// lease returns how long a claim lasts. It is shorter than the time that others wait, so that one
// of them can sign in time if the claim ends.
func (s *sharing) lease() time.Duration { return s.timeout / 2 }

// save stores the signature by key over p for the other processes.
func (s *sharing) save(key *privateKey, p *policy.Policy, signature []byte) {
	if s.isPaused() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	_, err := s.call(ctx, func() (answer, error) {
		return answer{}, s.store.Save(ctx, storeName(key, p.JSON()), signature, p.Expires())
	})
	if err != nil {
		s.fail(fmt.Errorf("sign: cache: the store: %w", err))
	}
}

// storeName returns the name of a signature in a Store. It depends on all that the signature
// depends on, and cannot be read.
func storeName(key *privateKey, document []byte) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "cfsign %s %v\n", key.id, key.hash)
	hash.Write(document)
	return base64.RawURLEncoding.EncodeToString(hash.Sum(nil))
}

// An answer is the result of [Store.Claim].
type answer struct {
	signature []byte
	claimed   bool
}

// call calls a method of the Store. It returns when ctx ends, even if the method does not, and
// returns a panic as an error.
func (s *sharing) call(ctx context.Context, method func() (answer, error)) (answer, error) {
	type result struct {
		answer answer
		err    error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errors.New("it ended its goroutine")}
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("it panicked: %v", p)
			}
			done <- r
		}()
		r.answer, r.err = method()
	}()
	select {
	case r := <-done:
		return r.answer, r.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

func (s *sharing) isPaused() bool { return int64(time.Since(s.begun)) < s.resume.Load() }

// fail is report for an error after which the Store is left alone for a while.
func (s *sharing) fail(err error) {
	s.resume.Store(int64(time.Since(s.begun) + pauseAfterError))
	s.report(err)
}

func (s *sharing) report(err error) {
	s.counters.storeErrors.Add(1)
	s.onError(err)
}
