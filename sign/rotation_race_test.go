// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/verify"
)

// TestNoSignatureIsForgotten: a key that has signed nothing signs for the first time at the
// moment when it is replaced. If it still has signed nothing, it is forgotten. Everything
// that it signs must be trusted afterwards.
func TestNoSignatureIsForgotten(t *testing.T) {
	const rounds, signers = 1500, 6
	p, err := policy.Canned(base+"/a.txt", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	old, next := testkeys.P256(), testkeys.OtherP256()
	byOld := 0
	for n := range rounds {
		s, err := sign.New("K1", old, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		start := make(chan struct{})
		signed := make([]sign.SignedPolicy, signers)
		for i := range signers {
			all.Go(func() {
				<-start
				for range (n + i) % 50 * 20 { // Begin a little later each time.
					runtime.KeepAlive(n)
				}
				var err error
				if signed[i], err = s.Sign(context.Background(), p); err != nil {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			<-start
			if err := s.Rotate(context.Background(), "K2", next); err != nil {
				t.Error(err)
			}
			s.RetiredKeys()
		})
		close(start)
		all.Wait()
		trusted := s.Trusted()
		for _, policy := range signed {
			if policy.KeyPairID() == "K1" {
				byOld++
			}
			if _, ok := trusted.Lookup(policy.KeyPairID()); !ok {
				t.Fatalf("round %d: signed with %q, which is not trusted", n, policy.KeyPairID())
			}
		}
	}
	t.Logf("the key that was replaced signed %d of %d", byOld, rounds*signers)
}

// TestForgottenWhileSigning stops a goroutine between its two reads of the active key, while
// the key is replaced and forgotten: the key must not sign any more.
func TestForgottenWhileSigning(t *testing.T) {
	s := newRotating(t, newMoveableClock())
	goOn := sign.BeginSigning(s, s.Now().Add(time.Hour).Unix())
	rotate(t, s, "K2", testkeys.RSA())
	if retired := s.RetiredKeys(); retired != nil {
		t.Fatalf("retired keys: %v", retired)
	}
	if goOn() {
		t.Error("K1 signs, although it is not trusted")
	}
	if !sign.BeginSigning(s, s.Now().Add(time.Hour).Unix())() {
		t.Error("K2 does not sign, and it is the active key")
	}
}

// TestManyRotateAtOnce: however many goroutines replace the key and read the keys, every
// signature stays trusted, and is by the key that it names.
func TestManyRotateAtOnce(t *testing.T) {
	const rotators, rounds = 4, 60
	s, err := sign.New("K", testkeys.P256(), sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 300 { // A rotation then takes a while.
		signFor(t, s, time.Hour)
		rotate(t, s, fmt.Sprintf("F%d", n), testkeys.P256())
	}
	ctx, cancel := context.WithCancel(t.Context())
	var lookers, all sync.WaitGroup
	lookers.Go(func() {
		for ctx.Err() == nil {
			s.RetiredKeys()
			s.Trusted()
		}
	})
	urls := make(chan string, rotators*rounds)
	for r := range rotators {
		all.Go(func() {
			for n := range rounds {
				number := n
				if r%2 == 1 {
					number = n % 7 // Go back to earlier keys.
				}
				id := fmt.Sprintf("K%dx%d", r, number)
				key := crypto.Signer(testkeys.P256())
				if number%2 == 1 {
					key = testkeys.OtherP256()
				}
				// The first key signs nothing, so the next read forgets it.
				for _, id := range []string{id + "y", id} {
					if err := s.Rotate(ctx, id, key); err != nil {
						t.Error(err)
					}
				}
				lifetime := time.Hour
				if n%3 == 0 {
					lifetime = time.Second // The key is forgotten soon.
				}
				url, err := s.URL(ctx, base+"/a.txt", time.Now().Add(lifetime+time.Second))
				if err != nil {
					t.Error(err)
				}
				if lifetime == time.Hour {
					urls <- url
				}
			}
		})
	}
	all.Wait()
	cancel()
	lookers.Wait()
	close(urls)
	v := verify.Verifier{Keys: s.Trusted()}
	for url := range urls {
		if _, err := v.Verify(verify.Request{URL: url}); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// A hookClock calls a function the n-th time that it is read.
type hookClock struct {
	n    atomic.Int64
	hook func()
}

func (c *hookClock) Now() time.Time {
	if c.n.Add(-1) == 0 {
		c.hook()
	}
	return now
}

// TestCacheAndRotationBack: a key replaces another for a moment and signs for the cache.
// Afterwards the cache does not return what it signed.
func TestCacheAndRotationBack(t *testing.T) {
	c := &hookClock{}
	s, err := sign.New("K1", testkeys.P256(), sign.Options{Clock: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := sign.NewCache(s, time.Hour, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.hook = func() { rotate(t, s, "K2", testkeys.OtherP256()) }
	c.n.Store(2) // Rotate after the cache has read the clock, and before the signer does.
	for _, want := range []string{"K2", "K1"} {
		url, err := cache.URL(t.Context(), base+"/a.txt")
		if err != nil {
			t.Fatal(err)
		}
		grant, err := (&verify.Verifier{Keys: s.Trusted(), Clock: c.Now}).Verify(verify.Request{URL: url})
		if err != nil || grant.KeyPairID() != want {
			t.Errorf("%v, by %s, want %s", err, grant.KeyPairID(), want)
		}
		rotate(t, s, "K1", testkeys.P256())
	}
}

// TestCacheDoesNotWaitForAKeyThatWasReplaced: neither by a key with another ID and back, nor
// by another crypto.Signer for the same key.
func TestCacheDoesNotWaitForAKeyThatWasReplaced(t *testing.T) {
	for _, way := range [][]string{{"K1"}, {"K2", "K1"}, {"K2"}} {
		slow := gate{testkeys.P256(), make(chan struct{}), make(chan struct{})}
		s, err := sign.New("K1", slow, sign.Options{Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		cache, err := sign.NewCache(s, time.Hour, sign.CacheOptions{Timeout: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := cache.URL(context.Background(), base+"/a.txt"); err != nil {
				t.Error(err)
			}
		})
		<-slow.entered
		for _, id := range way {
			rotate(t, s, id, map[string]crypto.Signer{"K1": testkeys.P256(), "K2": testkeys.OtherP256()}[id])
		}
		if _, err := cache.URL(t.Context(), base+"/a.txt"); err != nil { // If it waited, it would wait for an hour.
			t.Error(err)
		}
		close(slow.open)
		waiting.Wait()
	}
}

// TestClockThatUsesTheSigner: the signer must not wait for itself.
func TestClockThatUsesTheSigner(t *testing.T) {
	var s *sign.Signer
	var inside atomic.Bool
	var seconds atomic.Int64
	reentrant := func() time.Time {
		if s != nil && inside.CompareAndSwap(false, true) {
			s.RetiredKeys()
			inside.Store(false)
		}
		return now.Add(time.Duration(seconds.Load()) * time.Second)
	}
	signer, err := sign.New("K1", testkeys.P256(), sign.Options{Clock: reentrant})
	if err != nil {
		t.Fatal(err)
	}
	s = signer
	signFor(t, s, time.Minute)
	rotate(t, s, "K2", testkeys.OtherP256())
	seconds.Store(120)
	rotate(t, s, "K3", testkeys.RSA())
}

// TestNothingReserved: a key is not needed for a signature that did not begin.
func TestNothingReserved(t *testing.T) {
	s := newRotating(t, newMoveableClock())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.URL(ended, base+"/a.txt", s.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	rotate(t, s, "K2", testkeys.RSA())
	if retired := s.RetiredKeys(); retired != nil {
		t.Errorf("retired keys: %v", retired)
	}
}

// TestForgottenID: once nothing needs a key, another key can have its ID. It does not
// matter whether RetiredKeys was called before.
func TestForgottenID(t *testing.T) {
	for _, look := range []bool{true, false} {
		c := newMoveableClock()
		s := newRotating(t, c)
		signFor(t, s, 10*time.Second)
		rotate(t, s, "K2", testkeys.RSA())
		c.Advance(10 * time.Second)
		if look {
			s.RetiredKeys()
		}
		if err := s.Rotate(t.Context(), "K1", testkeys.OtherP256()); err != nil {
			t.Errorf("looked %t: %v", look, err)
		}
	}
}
