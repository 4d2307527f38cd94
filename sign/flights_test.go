// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A closedKey takes no context, and does not answer while it is closed.
type closedKey struct {
	crypto.Signer
	operations atomic.Int64
	open       atomic.Pointer[chan struct{}] // closed: answers
}

func newClosedKey() *closedKey {
	k := &closedKey{Signer: testkeys.P256()}
	k.close()
	return k
}

func (k *closedKey) close() {
	open := make(chan struct{})
	k.open.Store(&open)
}

func (k *closedKey) answer() { close(*k.open.Load()) }

func (k *closedKey) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	k.operations.Add(1)
	<-*k.open.Load()
	return k.Signer.Sign(nil, digest, o)
}

// newCacheOf returns a cache over any key, and its signer.
func newCacheOf(t testing.TB, key crypto.Signer, o sign.CacheOptions) (*sign.Cache, *sign.Signer) {
	t.Helper()
	signer, err := sign.New("K1", key, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sign.NewCache(signer, time.Hour, o)
	if err != nil {
		t.Fatal(err)
	}
	return c, signer
}

// checkNoFlights fails if a flight or a place is left.
func checkNoFlights(t testing.TB, c *sign.Cache) {
	t.Helper()
	synctest.Wait()
	if joinable, queued, places := sign.Flights(c); joinable != 0 || queued != 0 || places != 0 {
		t.Errorf("%d flights can be joined, %d are queued, %d places are held; want none", joinable, queued, places)
	}
	if kept := sign.PlacesKept(c); kept != 0 {
		t.Errorf("numbers of %d kinds of places are kept, and every rotation adds one", kept)
	}
}

// ask asks for a file until ctx ends.
func ask(ctx context.Context, c *sign.Cache, file any) error {
	_, err := c.URL(ctx, fmt.Sprint(base, "/files/", file))
	return err
}

func TestEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{}
		c := newCache(t, key, time.Hour, sign.CacheOptions{})
		kept := get(t, c, "kept", time.Hour, time.Hour)
		before := c.Stats()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for i := range 50 {
			if err := ask(ended, c, i); !errors.Is(err, context.Canceled) {
				t.Errorf("URL: %v", err)
			}
			if _, err := c.SignResource(ended, folder(t, fmt.Sprint(i)), policy.Conditions{}); !errors.Is(err, context.Canceled) {
				t.Errorf("Sign: %v", err)
			}
		}
		if got, err := c.SignResource(ended, kept.Policy().Resource(), policy.Conditions{}); !errors.Is(err, context.Canceled) || got != (sign.SignedPolicy{}) {
			t.Errorf("what is kept: %v, %v", got, err)
		}
		checkNoFlights(t, c)
		if diff := cmp.Diff(before, c.Stats()); diff != "" || key.operations.Load() != 1 {
			t.Errorf("%d operations, stats (-want +got):\n%s", key.operations.Load(), diff)
		}
	})
}

// TestContextEndsMeanwhile: a context can end while the cache reads the clock.
func TestContextEndsMeanwhile(t *testing.T) {
	key := &remoteKey{Signer: testkeys.P256()}
	clock := &hookClock{}
	signer, err := sign.New("K1", key, sign.Options{Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	clock.hook = cancel
	clock.n.Store(1)
	if err := ask(ctx, c, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if joinable, _, places := sign.Flights(c); joinable != 0 || places != 0 || key.operations.Load() != 0 {
		t.Errorf("%d flights, %d places, %d operations", joinable, places, key.operations.Load())
	}
}

// TestHangingKey: however much is asked of a key that hangs, the cache has no more
// goroutines than places, and nothing stays of callers that gave up. Once the key answers,
// all places are free.
func TestHangingKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const files, callersEach, operations, refreshes = 500, 10, 32, 4
		key := newClosedKey()
		c, _ := newCacheOf(t, key, sign.CacheOptions{Operations: operations, Timeout: time.Second})
		before := runtime.NumGoroutine()
		key.answer()
		askOld := func() {
			for i := range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				_ = ask(ctx, c, fmt.Sprint("old", i))
				cancel()
			}
		}
		askOld()
		key.close()
		time.Sleep(15 * time.Minute) // Some of them are in the second half of their windows.

		var afterFirst uint64
		for round := range 5 {
			askOld()
			callers := askMany(t, c, files, callersEach)
			synctest.Wait()
			during := goroutines(before+files*callersEach+operations+refreshes) - before - files*callersEach
			if _, queued, places := sign.Flights(c); during > operations+refreshes || queued > files || places != operations+refreshes {
				t.Errorf("round %d: %d goroutines, %d flights queued, %d places", round, during, queued, places)
			}
			callers.Wait()
			synctest.Wait()
			after := goroutines(before+operations+refreshes) - before
			if joinable, queued, _ := sign.Flights(c); after > operations+refreshes || queued != 0 || joinable > operations+refreshes {
				t.Errorf("round %d, after all have given up: %d goroutines, %d flights queued, %d can be joined", round, after, queued, joinable)
			}
			if round == 0 {
				afterFirst = heapInUse()
			}
			time.Sleep(time.Second)
		}
		last := heapInUse()
		t.Logf("%d goroutines, %d operations, heap %d, then %d", runtime.NumGoroutine()-before, key.operations.Load(), afterFirst, last)
		if last > afterFirst+1<<20 {
			t.Errorf("the heap has grown from %d to %d bytes", afterFirst, last)
		}

		key.answer()
		checkNoFlights(t, c)
		if left := goroutines(before) - before; left > 0 {
			t.Errorf("%d goroutines are left", left)
		}
		for i := range 2 * operations {
			if err := ask(t.Context(), c, i); err != nil {
				t.Error(err)
			}
		}
	})
}

// askMany asks for files with contexts that end before the timeout or after it.
func askMany(t *testing.T, c *sign.Cache, files, callersEach int) *sync.WaitGroup {
	var callers sync.WaitGroup
	for i := range files * callersEach {
		callers.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i/files)*200*time.Millisecond+time.Millisecond)
			defer cancel()
			if err := ask(ctx, c, i%files); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	return &callers
}

// goroutines returns the number of goroutines, once it is at most most. A goroutine that
// has ended is counted for a moment longer.
func goroutines(most int) int {
	for range 1_000_000 {
		if runtime.NumGoroutine() <= most {
			break
		}
		runtime.Gosched()
	}
	return runtime.NumGoroutine()
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestTurns: flights begin in the order of their first callers.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{delay: time.Second}
		c := newCache(t, key, time.Hour, sign.CacheOptions{Operations: 1})
		var mu sync.Mutex
		var got []int
		var callers sync.WaitGroup
		for _, file := range []int{0, 1, 2, 0, 3, 3, 2, 4, 1, 5} {
			callers.Go(func() {
				if err := ask(t.Context(), c, file); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if len(got) == 0 || got[len(got)-1] != file {
					got = append(got, file)
				}
			})
			synctest.Wait()
		}
		callers.Wait()
		if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		want := sign.CacheStats{Misses: 6, Waits: 4, Size: 6}
		if diff := cmp.Diff(want, c.Stats()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		checkNoFlights(t, c)
	})
}

// TestQueuedFlights: a flight without waiters loses its turn, and a flight whose first
// caller gave up keeps it for the others.
func TestQueuedFlights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newClosedKey()
		c, _ := newCacheOf(t, key, sign.CacheOptions{Operations: 1})
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		call := func(ctx context.Context, file string, want error) {
			callers.Go(func() {
				if err := ask(ctx, c, file); !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", file, err, want)
				}
			})
			synctest.Wait()
		}
		call(t.Context(), "runs", nil)
		call(ctx, "for-nobody", context.Canceled)
		call(ctx, "for-another", context.Canceled)
		call(t.Context(), "for-another", nil)
		cancel()
		synctest.Wait()
		if joinable, queued, places := sign.Flights(c); joinable != 2 || queued != 1 || places != 1 {
			t.Errorf("%d flights can be joined, %d are queued, %d places are held", joinable, queued, places)
		}
		key.answer()
		callers.Wait()
		if got := key.operations.Load(); got != 2 {
			t.Errorf("%d operations", got)
		}
		checkNoFlights(t, c)
	})
}

// TestLongQueue: a flight can be joined as long as it is queued, also by callers that come
// after its first caller gave up.
func TestLongQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newClosedKey()
		c, _ := newCacheOf(t, key, sign.CacheOptions{Operations: 1, Timeout: 8 * time.Second}) // Callers wait for 9 seconds.
		var callers sync.WaitGroup
		call := func(file string, want error) {
			callers.Go(func() {
				if err := ask(t.Context(), c, file); !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", file, err, want)
				}
			})
			synctest.Wait()
		}
		call("hangs", context.DeadlineExceeded)
		call("queued", context.DeadlineExceeded)
		time.Sleep(5 * time.Second)
		call("queued", nil)
		time.Sleep(5 * time.Second)
		call("queued", nil)
		if joinable, queued, _ := sign.Flights(c); joinable != 1 || queued != 1 {
			t.Errorf("%d flights can be joined, %d are queued", joinable, queued)
		}
		key.answer()
		callers.Wait()
		if got := key.operations.Load(); got != 2 {
			t.Errorf("%d operations", got)
		}
		checkNoFlights(t, c)
	})
}

// TestRotationWhileAllHang: callers do not wait for the old key after a rotation, even if
// they were queued before.
func TestRotationWhileAllHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newClosedKey()
		c, signer := newCacheOf(t, old, sign.CacheOptions{Operations: 2, Timeout: time.Hour})
		begin := time.Now()
		var hanging, queued sync.WaitGroup
		for i := range 10 {
			callers := &queued
			if i < 2 {
				callers = &hanging
			}
			callers.Go(func() {
				if err := ask(t.Context(), c, i); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		rotate(t, signer, "K2", testkeys.OtherP256())
		for i := range 10 {
			if err := ask(t.Context(), c, i); err != nil {
				t.Error(err)
			}
		}
		queued.Wait()
		if waited := time.Since(begin); waited != 0 || old.operations.Load() != 2 {
			t.Errorf("waited for %v, %d operations of the old key", waited, old.operations.Load())
		}
		if _, _, places := sign.Flights(c); places != 2 {
			t.Errorf("%d places are held", places)
		}
		old.answer()
		hanging.Wait()
		checkNoFlights(t, c)
	})
}

// TestRotationWakesTheQueue: queued callers get the new key without asking again.
func TestRotationWakesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newClosedKey()
		c, signer := newCacheOf(t, old, sign.CacheOptions{Operations: 1, Timeout: time.Hour})
		var hanging, queued sync.WaitGroup
		for i, callers := range []*sync.WaitGroup{&hanging, &queued, &queued} {
			callers.Go(func() {
				if err := ask(t.Context(), c, i); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		begin := time.Now()
		rotate(t, signer, "K2", testkeys.OtherP256())
		queued.Wait()
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("the callers in the queue waited for %v", waited)
		}
		old.answer()
		hanging.Wait()
		checkNoFlights(t, c)
	})
}

// TestAfterTheTimeout: after an operation hangs, the next caller begins another one if
// there is a place. Callers can join one operation at a time.
func TestAfterTheTimeout(t *testing.T) {
	for _, tt := range []struct{ operations, want int }{{1, 1}, {2, 2}, {3, 2}} {
		synctest.Test(t, func(t *testing.T) {
			key := newClosedKey()
			c, _ := newCacheOf(t, key, sign.CacheOptions{Operations: tt.operations, Timeout: time.Second})
			begin := time.Now()
			var callers sync.WaitGroup
			// The first two share an operation until 1,125 ms, the second waits for it until
			// 2,025 ms, and the others share the next one.
			for _, at := range []time.Duration{0, 900 * time.Millisecond, 1200 * time.Millisecond, 2100 * time.Millisecond} {
				callers.Go(func() {
					time.Sleep(at)
					if err := ask(t.Context(), c, "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != at+1125*time.Millisecond {
						t.Errorf("%v: %v after %v", at, err, time.Since(begin))
					}
				})
			}
			callers.Wait()
			if got := key.operations.Load(); got != int64(tt.want) {
				t.Errorf("%d places: %d operations, want %d", tt.operations, got, tt.want)
			}
			// A late operation, or a late turn, is one error for all callers.
			if got := c.Stats().Errors; got != 2 {
				t.Errorf("%d places: %d errors", tt.operations, got)
			}
			key.answer()
			checkNoFlights(t, c)
			if got := c.Stats(); got.Errors != 2 || got.Size != 1 {
				t.Errorf("%d places: %+v", tt.operations, got)
			}
		})
	}
}

// TestAnswerAfterTheTimeout: an abandoned operation that fails at last does not disturb the
// operation that has begun meanwhile.
func TestAnswerAfterTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var operations atomic.Int64
		key := &brokenKey{Signer: testkeys.P256(), breaks: func() {
			if operations.Add(1) == 1 {
				time.Sleep(1500 * time.Millisecond)
				panic("too late")
			}
			time.Sleep(time.Second)
		}}
		c, _ := newCacheOf(t, key, sign.CacheOptions{Timeout: time.Second})
		var callers sync.WaitGroup
		for _, at := range []time.Duration{0, 1200 * time.Millisecond, 1600 * time.Millisecond} {
			callers.Go(func() {
				time.Sleep(at)
				if err := ask(t.Context(), c, "a"); (err != nil) != (at == 0) {
					t.Errorf("%v: %v", at, err)
				}
			})
		}
		callers.Wait()
		if got := operations.Load(); got != 2 {
			t.Errorf("%d operations", got)
		}
		checkNoFlights(t, c)
	})
}

// TestHangingRefreshes: refreshes that hang take no places of callers, are counted, and are
// at most four for each key.
func TestHangingRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newClosedKey()
		key.answer()
		c, signer := newCacheOf(t, key, sign.CacheOptions{Operations: 1, Window: 16 * time.Second, Timeout: time.Second})
		askAll := func() {
			for i := range 20 {
				if err := ask(t.Context(), c, i); err != nil {
					t.Fatal(err)
				}
			}
		}
		for turn := range 2 {
			askAll()
			time.Sleep(12 * time.Second) // Every window is in its second half, or over.
			askAll()
			synctest.Wait()
			key.close()
			before := key.operations.Load()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			for range 600 {
				for i := range 20 {
					impatient, cancel := context.WithTimeout(ctx, time.Millisecond)
					_ = ask(impatient, c, i)
					cancel()
				}
				time.Sleep(100 * time.Millisecond)
			}
			cancel()
			if _, queued, places := sign.Flights(c); queued != 0 || places > 5*(turn+1) {
				t.Errorf("%d queued, %d places", queued, places)
			}
			if got := key.operations.Load() - before; got != 5 {
				t.Errorf("%d operations hang, want 1 and 4 refreshes", got)
			}
			if c.Stats().Errors == 0 {
				t.Error("no error is counted")
			}
			defer key.answer()
			key = newClosedKey()
			key.answer()
			rotate(t, signer, "K1", key)
		}
	})
}

// TestKeysThatBreak: if the key panics or ends its goroutine, callers get an error at once,
// and the place is free again.
func TestKeysThatBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &brokenKey{Signer: testkeys.P256()}
		c, _ := newCacheOf(t, key, sign.CacheOptions{Operations: 1})
		begin := time.Now()
		for i, breaks := range []func(){
			func() { panic("out of order") },
			func() { panic(error(nil)) },
			runtime.Goexit,
		} {
			key.breaks = breaks
			for range 3 {
				if err := ask(t.Context(), c, i); err == nil {
					t.Errorf("%d: no error", i)
				}
			}
			key.breaks = func() {}
			if err := ask(t.Context(), c, i); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		}
		if waited := time.Since(begin); waited != 0 {
			t.Errorf("callers have waited for %v", waited)
		}
		want := sign.CacheStats{Misses: 12, Errors: 9, Size: 3}
		if diff := cmp.Diff(want, c.Stats()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		checkNoFlights(t, c)
	})
}

// A brokenKey does something before it signs.
type brokenKey struct {
	crypto.Signer
	breaks func()
}

func (k *brokenKey) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	k.breaks()
	return k.Signer.Sign(nil, digest, o)
}

// TestInvalidRequestsTakeNoPlace: a request that no policy can be made for is an error at
// once, even if all places are taken.
func TestInvalidRequestsTakeNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newClosedKey()
		c, _ := newCacheOf(t, key, sign.CacheOptions{Operations: 1})
		var hanging sync.WaitGroup
		hanging.Go(func() { _ = ask(t.Context(), c, "a") })
		synctest.Wait()
		begin := time.Now()
		if err := ask(t.Context(), c, "*"); !errors.Is(err, policy.ErrWildcard) || time.Since(begin) != 0 {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		want := sign.CacheStats{Misses: 1, Errors: 1}
		if diff := cmp.Diff(want, c.Stats()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		key.answer()
		hanging.Wait()
	})
}

// A randomKey is slow, fails, panics or ends its goroutine, and counts how many
// operations run at once.
type randomKey struct {
	crypto.Signer
	running atomic.Int64
	most    *atomic.Int64
}

func (k *randomKey) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	for n := k.running.Add(1); ; {
		if most := k.most.Load(); most >= n || k.most.CompareAndSwap(most, n) {
			break
		}
	}
	defer k.running.Add(-1)
	time.Sleep(time.Duration(rand.ExpFloat64() * float64(200*time.Millisecond)))
	switch rand.IntN(10) {
	case 0:
		return nil, errDown
	case 1:
		panic(errDown)
	case 2:
		runtime.Goexit()
	case 3:
		time.Sleep(3 * time.Second) // This is longer than the timeout.
	}
	return k.Signer.Sign(nil, digest, o)
}

// TestRandomFlights has callers that give up, files that come and go, and keys that break
// and are replaced: no more operations of a key run than allowed, every caller gets an
// answer in time, and no flight and no place is lost.
func TestRandomFlights(t *testing.T) {
	const operations, refreshes, callers, calls = 5, 4, 50, 40
	for i := range 4 {
		synctest.Test(t, func(t *testing.T) {
			var store sign.Store
			if i%2 == 1 {
				store = newRandomStore()
			}
			var most atomic.Int64
			newKey := func() *randomKey { return &randomKey{Signer: testkeys.P256(), most: &most} }
			c, signer := newCacheOf(t, newKey(), sign.CacheOptions{Operations: operations, Window: 4 * time.Second, Timeout: time.Second, Size: 40, Store: store, StoreError: func(error) {}})
			var all sync.WaitGroup
			for range callers {
				all.Go(func() {
					for range calls {
						askAtRandom(t, c)
					}
				})
			}
			all.Go(func() {
				for range 20 {
					time.Sleep(time.Duration(rand.Int64N(int64(2 * time.Second))))
					rotateUntilItWorks(t, signer, newKey())
				}
			})
			all.Wait()
			time.Sleep(time.Minute)
			checkNoFlights(t, c)
			// A retired key may still be busy when the next key is asked.
			if n := most.Load(); n < operations || n > operations+refreshes+1 {
				t.Errorf("%d operations of one key at once", n)
			}
			t.Logf("%+v, at most %d operations of one key at once", c.Stats(), most.Load())
		})
	}
}

func askAtRandom(t *testing.T, c *sign.Cache) {
	patience := time.Duration(rand.ExpFloat64() * float64(time.Second))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	begin := time.Now()
	_ = ask(ctx, c, int(rand.ExpFloat64()*20))
	if waited := time.Since(begin); waited > min(patience, 3*1125*time.Millisecond) {
		t.Errorf("a caller waited for %v, and wanted to wait for %v", waited, patience)
	}
	time.Sleep(time.Duration(rand.Int64N(int64(100 * time.Millisecond))))
}

// rotateUntilItWorks is for a key that breaks: it signs for Rotate in this goroutine.
func rotateUntilItWorks(t *testing.T, signer *sign.Signer, key crypto.Signer) {
	for done := false; !done; {
		var attempt sync.WaitGroup
		attempt.Go(func() {
			defer func() { _ = recover() }()
			done = signer.Rotate(t.Context(), "K1", key) == nil
		})
		attempt.Wait()
	}
}

// TestCachePinsNothing: if a caller's URL is part of a large buffer, the cache does not
// keep the buffer: not after a miss, a hit or a refresh.
func TestCachePinsNothing(t *testing.T) {
	const requests, padding, most = 200, 900 << 10, 16 << 20 // 176 MiB if each buffer were kept
	clock := newMoveableClock()
	signer, err := sign.New("K1", testkeys.P256(), sign.Options{Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := heapInUse()
	for range 3 { // Each takes half a window.
		for i := range requests {
			body := fmt.Sprintf("%s/files/%d.jpg\n", base, i) + strings.Repeat("x", padding)
			rawURL, _, _ := strings.Cut(body, "\n")
			if _, err := c.URL(t.Context(), rawURL); err != nil {
				t.Fatal(err)
			}
		}
		if after := heapInUse(); after > before+most {
			t.Fatalf("the heap has grown from %d to %d bytes", before, after)
		}
		clock.Advance(31 * time.Minute)
	}
	if stats := c.Stats(); stats.Refreshes == 0 || stats.Hits == 0 {
		t.Errorf("%+v: not all has happened that should", stats)
	}
	runtime.KeepAlive(c)
}
