// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/sign"
)

// TestObserveShortCallers: a key hangs forever, and the contexts of all callers end before
// the timeout. The hook hears of it all the same.
func TestObserveShortCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := &uses{}
		stop := make(chan bool)
		defer close(stop)
		key := &brokenKey{Signer: testkeys.P256(), breaks: func() { <-stop }}
		signer := must(sign.New("K1", key, sign.Options{Observe: told.observe}))(t)
		c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: 8 * time.Second}))(t) // patience: 9 s
		begun := time.Now()
		for time.Since(begun) < 8900*time.Millisecond { // one caller after the other, 0.35 s each
			ctx, cancel := context.WithTimeout(t.Context(), 350*time.Millisecond)
			_ = ask(ctx, c, "a")
			cancel()
		}
		time.Sleep(time.Hour)
		if got := told.take(); len(got) != 1 {
			t.Errorf("the key hangs for an hour, and %d uses were told: %v (Errors: %d)", len(got), got, c.Stats().Errors)
		}
	})
}

// TestObserveReplacedKey: a key hangs and is replaced. The report names this key, not its
// successor.
func TestObserveReplacedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := &uses{}
		stop := make(chan bool)
		defer close(stop)
		key := &brokenKey{Signer: testkeys.P256(), breaks: func() { <-stop }}
		signer := must(sign.New("K1", key, sign.Options{Observe: told.observe}))(t)
		c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: 8 * time.Second}))(t)
		go func() { _ = ask(t.Context(), c, "a") }()
		time.Sleep(time.Second)
		if err := signer.Rotate(t.Context(), "K2", testkeys.OtherP256()); err != nil {
			t.Fatal(err)
		}
		told.take()
		time.Sleep(time.Minute)
		for _, u := range told.take() {
			if u.Err != "" && u.KeyPairID != "K1" {
				t.Errorf("K1 hangs, and %s is reported", u.KeyPairID)
			}
		}
	})
}

// TestObserveOnce: with random cancellation, hanging keys and rotation, the hook hears of
// each operation once.
func TestObserveOnce(t *testing.T) {
	lost := 0
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			told := &uses{}
			var operations atomic.Int64
			var mu sync.Mutex
			newKey := func() *brokenKey {
				return &brokenKey{Signer: testkeys.P256(), breaks: func() {
					operations.Add(1)
					mu.Lock()
					d, panics := time.Duration(random.Int64N(int64(20*time.Second))), random.IntN(10) == 0
					if random.IntN(2) == 0 {
						d = time.Duration(random.Int64N(int64(time.Second)))
					}
					mu.Unlock()
					time.Sleep(d)
					if panics {
						panic("out of order")
					}
				}}
			}
			signer, err := sign.New("K1", newKey(), sign.Options{Observe: told.observe})
			if err != nil {
				t.Fatal(err)
			}
			c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: 8 * time.Second}))(t)
			for range 20 {
				mu.Lock()
				wait, patience := time.Duration(random.Int64N(int64(4*time.Second))), time.Duration(random.Int64N(int64(15*time.Second)))
				name := string(rune('a' + random.IntN(3)))
				mu.Unlock()
				time.Sleep(wait)
				go func() {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					_ = ask(ctx, c, name)
				}()
			}
			time.Sleep(2 * time.Minute)
			if got := len(told.take()); int64(got) != operations.Load() {
				lost++
				if lost < 3 {
					t.Errorf("seed %d: %d operations, %d told", seed, operations.Load(), got)
				}
			}
		})
	}
	t.Log(lost, "of 300")
}

// TestObservePanics: a hook that panics in a caller leaves all places and locks free.
// (In giveUp, and in land without waiters, the same panic ends the process.)
func TestObservePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer := must(sign.New("K1", testkeys.P256(), sign.Options{Observe: func(context.Context, sign.KeyUse) { panic("hook") }}))(t)
		c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: 8 * time.Second, Operations: 1}))(t)
		for n := range 5 {
			func() {
				defer func() { _ = recover() }()
				_ = ask(t.Context(), c, string(rune('a'+n)))
			}()
		}
		if n := c.Stats().Misses; n != 5 {
			t.Errorf("%d operations", n)
		}
	})
}
