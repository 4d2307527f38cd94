// SPDX-License-Identifier: Apache-2.0

package token_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfsign/cfsign/examples/cognito/internal/issuer"
	"github.com/cfsign/cfsign/examples/cognito/internal/token"
)

// wantFetches fails the test unless the keys were fetched so often since the start.
func (w *world) wantFetches(t *testing.T, want int64) {
	t.Helper()
	if got := w.fetches.Load(); got != want {
		t.Errorf("%d fetches, want %d", got, want)
	}
}

// inBubble runs a test with a world that has no network, and where time passes by itself.
// A fetch that nobody waits for has ended after synctest.Wait.
func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{clock: &clock{now: time.Now()}}
		w.issue(t, "http://localhost/pool", &http.Client{Transport: direct{w}})
		test(t, w)
		time.Sleep(time.Minute) // until every fetch has ended
	})
}

// hang is an issuer that never answers.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// TestRotation: new keys count at once, also while the old ones do.
func TestRotation(t *testing.T) {
	w := newWorld(t)
	before := w.token(t, issuer.UseAccess, nil)
	w.accept(t, before)
	if err := w.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(10 * time.Second)
	w.accept(t, w.token(t, issuer.UseAccess, nil))
	w.accept(t, w.token(t, issuer.UseID, nil))
	w.accept(t, before)
	w.wantFetches(t, 2)
}

// TestRemovedKey: a key that was taken away stops counting when the keys are fetched
// again, which use alone brings about.
func TestRemovedKey(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		before := w.token(t, issuer.UseAccess, nil)
		w.accept(t, before)
		if err := w.RotateKeys(); err != nil {
			t.Fatal(err)
		}
		w.DropOldKeys()
		w.clock.Advance(10*time.Minute - time.Second)
		w.accept(t, before)
		synctest.Wait()
		w.wantFetches(t, 1)
		w.clock.Advance(time.Second)
		w.accept(t, before) // which has the keys fetched
		synctest.Wait()
		w.refuse(t, before, token.ErrSignature)
		w.accept(t, w.token(t, issuer.UseAccess, nil))
		w.wantFetches(t, 2)
	})
}

// TestRemovedKeyAfterSilence: without use there is no fetch meanwhile, so keys of an hour
// are fetched before they are used.
func TestRemovedKeyAfterSilence(t *testing.T) {
	w := newWorld(t)
	before := w.token(t, issuer.UseAccess, map[string]any{"exp": w.clock.Now().Add(24 * time.Hour).Unix()})
	w.accept(t, before)
	if err := w.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	w.DropOldKeys()
	w.clock.Advance(time.Hour)
	w.refuse(t, before, token.ErrSignature)
}

// TestFlood: forged tokens with one unknown key after the other cause a fetch every ten
// seconds, and users do not notice.
func TestFlood(t *testing.T) {
	w := newWorld(t)
	good := w.token(t, issuer.UseAccess, nil)
	w.accept(t, good)
	for i := range 60 {
		for j := range 5 {
			w.refuse(t, unknownKid(good, 5*i+j), token.ErrSignature)
		}
		w.accept(t, good)
		w.clock.Advance(time.Second)
	}
	w.wantFetches(t, 1+5)
}

// TestForgedSignature: a wrong signature under a known kid causes no fetch at all.
func TestForgedSignature(t *testing.T) {
	w := newWorld(t)
	w.accept(t, w.token(t, issuer.UseAccess, nil))
	w.clock.Advance(time.Minute)
	w.refuse(t, attacker("")(t, w), token.ErrSignature)
	w.wantFetches(t, 1)
}

// answer returns a handler that answers a status and a body.
func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// TestOutage: what cannot be verified is not refused, and as soon as Cognito is back,
// tokens are accepted.
func TestOutage(t *testing.T) {
	for _, tt := range outages {
		t.Run(tt.name, func(t *testing.T) {
			if tt.why == "" {
				t.Fatal("no reason")
			}
			w := newWorld(t)
			raw := w.token(t, issuer.UseAccess, nil)
			w.setAnswer(tt.answer(t, w))
			w.refuse(t, raw, token.ErrUnavailable)
			checkReason(t, w.verifier.Ready(t.Context()), token.ErrUnavailable)
			w.refuse(t, w.withHeader(t, "alg", "none"), token.ErrAlgorithm) // for which no key is needed
			w.wantFetches(t, 1)                                             // within a second

			w.setAnswer(nil)
			w.refuse(t, raw, token.ErrUnavailable)
			w.clock.Advance(time.Second)
			w.accept(t, raw)
			checkReason(t, w.verifier.Ready(t.Context()), nil)
		})
	}
}

// TestOutageLater: with keys that are there, users go on for an hour; of unknown keys
// nobody knows whether they are new.
func TestOutageLater(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		raw := w.token(t, issuer.UseAccess, map[string]any{"exp": w.clock.Now().Add(24 * time.Hour).Unix()})
		unknown := w.withHeader(t, "kid", "unknown")
		w.accept(t, raw)
		w.setAnswer(answer(500, ""))
		w.clock.Advance(10 * time.Second)
		w.refuse(t, unknown, token.ErrUnavailable)
		w.accept(t, raw)
		w.clock.Advance(time.Hour - 11*time.Second)
		w.accept(t, raw)
		synctest.Wait()
		w.clock.Advance(time.Second)
		w.refuse(t, raw, token.ErrUnavailable)
		w.setAnswer(nil)
		w.clock.Advance(time.Second)
		w.accept(t, raw)
		w.refuse(t, unknown, token.ErrSignature)
	})
}

// TestClockSetBack: keys from the future are fetched again.
func TestClockSetBack(t *testing.T) {
	w := newWorld(t)
	w.accept(t, w.token(t, issuer.UseAccess, nil))
	w.clock.Advance(-24 * time.Hour)
	w.accept(t, w.token(t, issuer.UseAccess, nil))
	w.wantFetches(t, 2)
}

// TestSlow: three seconds are enough, and nobody waits longer than for himself.
func TestSlow(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.setAnswer(hang)
		raw := w.token(t, issuer.UseAccess, nil)
		begin := time.Now()
		w.refuse(t, raw, token.ErrUnavailable)
		if got := time.Since(begin); got != 3*time.Second {
			t.Errorf("it took %v", got)
		}

		w.clock.Advance(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin = time.Now()
		_, err := w.verifier.Verify(ctx, raw)
		checkReason(t, err, token.ErrUnavailable)
		if got := time.Since(begin); got != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it took %v: %v", got, err)
		}
	})
}

// TestCallerGoesAway: the fetch that a caller began is for those who still wait.
func TestCallerGoesAway(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		raw := w.token(t, issuer.UseAccess, nil)
		w.setAnswer(func(rw http.ResponseWriter, r *http.Request) {
			time.Sleep(2 * time.Second)
			w.Issuer.ServeHTTP(rw, r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go func() { _, _ = w.verifier.Verify(ctx, raw) }()
		synctest.Wait()
		w.accept(t, raw)
		w.wantFetches(t, 1)
	})
}

// TestRefreshWithoutWaiting: while keys are fetched again, the old ones do.
func TestRefreshWithoutWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		raw := w.token(t, issuer.UseAccess, nil)
		w.accept(t, raw)
		w.setAnswer(hang)
		w.clock.Advance(10 * time.Minute)
		begin := time.Now()
		for range 100 {
			w.accept(t, raw)
		}
		if got := time.Since(begin); got != 0 {
			t.Errorf("it took %v", got)
		}
		synctest.Wait()
		w.wantFetches(t, 2)
	})
}

// TestFloodWhileDown: not even then do forged tokens cause more than a fetch a second.
func TestFloodWhileDown(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.setAnswer(answer(500, ""))
		good := w.token(t, issuer.UseAccess, nil)
		for i := range 100 {
			w.refuse(t, unknownKid(good, i), token.ErrUnavailable)
			w.clock.Advance(100 * time.Millisecond)
		}
		w.wantFetches(t, 10)
	})
}

// TestConcurrent: many at once share a fetch, while keys are rotated.
func TestConcurrent(t *testing.T) {
	w := newWorld(t)
	var wait sync.WaitGroup
	good := w.token(t, issuer.UseAccess, nil)
	for i := range 32 {
		forged := unknownKid(good, i)
		wait.Go(func() {
			for range 20 {
				w.accept(t, good)
				w.refuse(t, forged, token.ErrSignature)
				checkReason(t, w.verifier.Ready(t.Context()), nil)
			}
		})
	}
	if err := w.RotateKeys(); err != nil {
		t.Error(err)
	}
	wait.Wait()
	w.wantFetches(t, 1)
}
