// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/defaultlog"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A kmsKey is like a key in KMS: each signature takes a while, and is another one.
type kmsKey struct {
	crypto.Signer
	delay      time.Duration
	operations *atomic.Int64
}

func newKMSKey(delay time.Duration) kmsKey {
	return kmsKey{testkeys.P256(), delay, new(atomic.Int64)}
}

func (k kmsKey) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	n := k.operations.Add(1)
	time.Sleep(k.delay)
	signature, err := k.Signer.Sign(nil, digest, o)
	if err != nil || n%2 == 0 {
		return signature, err
	}
	return secondForm(signature)
}

// secondForm returns the other valid signature with the same first number. Randomness would do
// as well, but in FIPS mode it needs a clock that runs.
func secondForm(signature []byte) ([]byte, error) {
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &numbers); err != nil {
		return nil, err
	}
	numbers.S.Sub(elliptic.P256().Params().N, numbers.S)
	return asn1.Marshal(numbers)
}

// A memoryStore is a Store in memory. Its behavior can be replaced.
type memoryStore struct {
	mu     sync.Mutex
	values map[string][]byte    // empty: claimed
	until  map[string]time.Time // the end of a claim, or the expiry

	calls atomic.Int64
	claim func(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) // nil: as a Store should
	save  func(ctx context.Context, name string, signature []byte, expires time.Time) error // nil: as a Store should
}

func newMemoryStore() *memoryStore {
	return &memoryStore{values: map[string][]byte{}, until: map[string]time.Time{}}
}

func (m *memoryStore) Claim(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) {
	m.calls.Add(1)
	if m.claim != nil {
		return m.claim(ctx, name, lease)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.until[name]) {
		return m.values[name], false, nil
	}
	m.values[name], m.until[name] = nil, time.Now().Add(lease)
	return nil, true, nil
}

func (m *memoryStore) Save(ctx context.Context, name string, signature []byte, expires time.Time) error {
	m.calls.Add(1)
	if m.save != nil {
		return m.save(ctx, name, signature, expires)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[name], m.until[name] = bytes.Clone(signature), expires
	return nil
}

// spoil replaces all signatures.
func (m *memoryStore) spoil(wrong func([]byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, signature := range m.values {
		m.values[name] = wrong(signature)
	}
}

// storeErrors collects the errors of Stores.
type storeErrors struct {
	mu   sync.Mutex
	errs []error
}

func (s *storeErrors) add(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errs = append(s.errs, err)
}

func (s *storeErrors) all() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errs
}

// fleet returns caches like those of several processes, with one key and one Store.
func fleet(t testing.TB, n int, key crypto.Signer, o sign.CacheOptions) []*sign.Cache {
	t.Helper()
	if o.StoreError == nil {
		o.StoreError = func(error) {} // without a hook, the errors are in the log of the test
	}
	var caches []*sign.Cache
	for range n {
		c, _ := newCacheOf(t, key, o)
		caches = append(caches, c)
	}
	return caches
}

// queryOf returns the query that a cache has for a user's folder.
func queryOf(ctx context.Context, t *testing.T, c *sign.Cache, id string) string {
	t.Helper()
	signed, err := c.SignResource(ctx, folder(t, id), policy.Conditions{})
	if err != nil {
		t.Error(err)
		return ""
	}
	checkSignature(t, signed)
	return string(signed.AppendUncheckedQuery(nil))
}

// TestFleet: however many processes ask for a folder at once, the key signs once for each
// window, and all of them return the same.
func TestFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newKMSKey(20 * time.Millisecond)
		var failed storeErrors
		caches := fleet(t, 8, key, sign.CacheOptions{Store: newMemoryStore(), Window: time.Minute, StoreError: failed.add})
		for window := range 5 {
			for _, id := range []string{"alice", "bob"} {
				queries := make([]string, len(caches))
				var callers sync.WaitGroup
				for i, c := range caches {
					callers.Go(func() { queries[i] = queryOf(t.Context(), t, c, id) })
				}
				callers.Wait()
				for _, query := range queries {
					if query != queries[0] {
						t.Errorf("window %d, %s: the processes return different signatures", window, id)
					}
				}
			}
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		// Two folders, five windows. A use in the second half of a window signs the next one.
		if n := key.operations.Load(); n < 10 || n > 12 {
			t.Errorf("%d key operations for 10 policies", n)
		}
		if errs := failed.all(); len(errs) > 0 {
			t.Errorf("errors of the store: %v", errs)
		}
		if stats := caches[0].Stats(); stats.StoreHits == 0 && caches[1].Stats().StoreHits == 0 {
			t.Errorf("no hits of the store in %+v", stats)
		}
	})
}

// TestFleetRefreshes: all processes use a folder all the time, and one of them signs the policy
// of the next window.
func TestFleetRefreshes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newKMSKey(20 * time.Millisecond)
		caches := fleet(t, 8, key, sign.CacheOptions{Store: newMemoryStore(), Window: time.Minute})
		const windows = 10
		for begun := time.Now(); time.Since(begun) < windows*time.Minute; time.Sleep(time.Second) {
			for _, c := range caches {
				queryOf(t.Context(), t, c, "alice")
			}
		}
		synctest.Wait()
		if n := key.operations.Load(); n > windows+2 {
			t.Errorf("%d key operations in %d windows", n, windows)
		}
	})
}

// TestStoreFails: whatever the Store does, callers get valid signatures, and wait no longer
// than the key and StoreTimeout together.
func TestStoreFails(t *testing.T) {
	const (
		keyTime = 20 * time.Millisecond
		timeout = 100 * time.Millisecond
	)
	down := errors.New("connection refused")
	valid := func(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) {
		return nil, true, nil
	}
	other := newMemoryStore()
	tests := []struct {
		name    string
		spoil   func(*memoryStore)
		atMost  time.Duration // for one caller
		wants   string        // in the error that is reported; empty: none is
		refused error         // wrapped by the error
	}{
		{"down", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) { return nil, false, down }
		}, keyTime, "connection refused", down},
		{"hangs until its context ends", func(m *memoryStore) {
			m.claim = func(ctx context.Context, _ string, _ time.Duration) ([]byte, bool, error) {
				<-ctx.Done()
				return nil, false, ctx.Err()
			}
		}, keyTime + timeout, "deadline exceeded", context.DeadlineExceeded},
		{"ignores its context", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
				time.Sleep(time.Hour)
				return nil, false, nil
			}
		}, keyTime + timeout, "deadline exceeded", context.DeadlineExceeded},
		{"panics", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) { panic("out of order") }
		}, keyTime, "out of order", nil},
		{"is slow, and answers in time", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
				time.Sleep(timeout - time.Millisecond)
				return nil, true, nil
			}
		}, keyTime + timeout, "", nil},
		{"says for ever that another process signs", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) { return nil, false, nil }
		}, keyTime + timeout, "", nil},
		{"says so slowly", func(m *memoryStore) {
			m.claim = func(ctx context.Context, _ string, _ time.Duration) ([]byte, bool, error) {
				select {
				case <-time.After(30 * time.Millisecond):
					return nil, false, nil
				case <-ctx.Done():
					return nil, false, ctx.Err()
				}
			}
		}, keyTime + timeout, "", nil},
		{"gives every claim to all", func(m *memoryStore) { m.claim = valid }, keyTime, "", nil},
		{"returns noise", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) { return []byte("noise"), false, nil }
		}, keyTime, "did not make", sign.ErrSignature},
		{"returns a megabyte", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
				return make([]byte, 1<<20), false, nil
			}
		}, keyTime, "did not make", sign.ErrSignature},
		{"returns the signature over another policy", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
				for _, signature := range other.values {
					return signature, false, nil
				}
				return nil, true, nil
			}
		}, keyTime, "did not make", sign.ErrSignature},
		{"returns a signature together with a claim", func(m *memoryStore) {
			m.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) { return []byte("noise"), true, nil }
		}, keyTime, "did not make", sign.ErrSignature},
		{"cannot save", func(m *memoryStore) {
			m.save = func(context.Context, string, []byte, time.Time) error { return down }
		}, keyTime + timeout, "connection refused", down},
		{"panics while it saves", func(m *memoryStore) {
			m.save = func(context.Context, string, []byte, time.Time) error { panic("out of order") }
		}, keyTime + timeout, "out of order", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				queryOf(t.Context(), t, fleet(t, 1, newKMSKey(0), sign.CacheOptions{Store: other})[0], "mallory")
				synctest.Wait()
				store := newMemoryStore()
				tt.spoil(store)
				key := newKMSKey(keyTime)
				var failed storeErrors
				caches := fleet(t, 3, key, sign.CacheOptions{Store: store, StoreTimeout: timeout, StoreError: failed.add})
				for i, c := range caches {
					begun := time.Now()
					queryOf(t.Context(), t, c, "alice")
					if took := time.Since(begun); took > tt.atMost {
						t.Errorf("process %d: %v, and the key and the store may take %v", i, took, tt.atMost)
					}
				}
				synctest.Wait()
				if n := key.operations.Load(); n < 1 || n > 3 {
					t.Errorf("%d key operations", n)
				}
				checkStoreErrors(t, failed.all(), tt.wants, tt.refused)
				for _, c := range caches {
					checkNoFlights(t, c)
				}
				time.Sleep(2 * time.Hour) // Until the last call of a Store that ignores its context ends.
			})
		})
	}
}

func checkStoreErrors(t *testing.T, errs []error, wants string, refused error) {
	t.Helper()
	if (len(errs) > 0) != (wants != "") {
		t.Fatalf("reported: %v, want %q", errs, wants)
	}
	for _, err := range errs {
		if !strings.Contains(err.Error(), wants) || refused != nil && !errors.Is(err, refused) {
			t.Errorf("reported: %v, want %q", err, wants)
		}
		if strings.Contains(err.Error(), "alice") {
			t.Errorf("the error names the resource: %v", err)
		}
	}
}

// TestStoreIsLeftAlone: a Store that is down is asked about once a second, and not for each
// policy.
func TestStoreIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		isDown := true
		store.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
			if isDown {
				return nil, false, errors.New("down")
			}
			return nil, true, nil
		}
		var failed storeErrors
		c := fleet(t, 1, newKMSKey(0), sign.CacheOptions{Store: store, StoreError: failed.add})[0]
		for i := range 1000 {
			queryOf(t.Context(), t, c, fmt.Sprint(i))
			time.Sleep(10 * time.Millisecond)
		}
		if n := store.calls.Load(); n != 10 {
			t.Errorf("%d calls in ten seconds", n)
		}
		if stats := c.Stats(); stats.StoreErrors != 10 || len(failed.all()) != 10 || stats.Errors != 0 {
			t.Errorf("%+v, and %d errors were reported", stats, len(failed.all()))
		}
		isDown = false
		time.Sleep(time.Second)
		queryOf(t.Context(), t, c, "alice")
		synctest.Wait()
		if n := store.calls.Load(); n != 12 {
			t.Errorf("%d calls, and a claim and a save more were due", n-10)
		}
	})
}

// TestPoisonedStoreHeals: a process that finds a wrong signature replaces it.
func TestPoisonedStoreHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, key := newMemoryStore(), newKMSKey(0)
		caches := fleet(t, 4, key, sign.CacheOptions{Store: store})
		queryOf(t.Context(), t, caches[0], "alice")
		synctest.Wait()
		store.spoil(func(signature []byte) []byte { signature[len(signature)-1] ^= 1; return signature })
		second := queryOf(t.Context(), t, caches[1], "alice")
		synctest.Wait()
		third := queryOf(t.Context(), t, caches[2], "alice")
		if diff := cmp.Diff(second, third); diff != "" {
			t.Error("the wrong signature was not replaced")
		}
		if n := key.operations.Load(); n != 2 {
			t.Errorf("%d key operations, and the second and the third process share one", n)
		}
	})
}

// TestProcessEndsBeforeItSaves: a claim is not for ever.
func TestProcessEndsBeforeItSaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		dead := fleet(t, 1, newKMSKey(0), sign.CacheOptions{Store: store})[0]
		store.save = func(context.Context, string, []byte, time.Time) error { return nil }
		queryOf(t.Context(), t, dead, "alice")
		synctest.Wait()
		store.save = nil
		key := newKMSKey(20 * time.Millisecond)
		caches := fleet(t, 5, key, sign.CacheOptions{Store: store})
		var callers sync.WaitGroup
		begun := time.Now()
		for _, c := range caches {
			callers.Go(func() { queryOf(t.Context(), t, c, "alice") })
		}
		callers.Wait()
		if took := time.Since(begun); took > 400*time.Millisecond {
			t.Errorf("%v, and a claim ends after 250ms", took)
		}
		if n := key.operations.Load(); n != 1 {
			t.Errorf("%d key operations, and one process signs after the claim", n)
		}
	})
}

// TestStoreUnderLoad: many policies at once do not wait for each other at a slow Store.
func TestStoreUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		slow := newMemoryStore()
		store.claim = func(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) {
			time.Sleep(200 * time.Millisecond)
			return slow.Claim(ctx, name, lease)
		}
		store.save = func(ctx context.Context, name string, signature []byte, expires time.Time) error {
			time.Sleep(200 * time.Millisecond)
			return slow.Save(ctx, name, signature, expires)
		}
		c := fleet(t, 1, newKMSKey(time.Millisecond), sign.CacheOptions{Store: store, Operations: 10})[0]
		var callers sync.WaitGroup
		begun := time.Now()
		for i := range 1000 {
			callers.Go(func() { queryOf(t.Context(), t, c, fmt.Sprint(i)) })
		}
		callers.Wait()
		// Ten places and a millisecond each: 100 ms for the keys.
		if took := time.Since(begun); took > 310*time.Millisecond {
			t.Errorf("%v for 1,000 policies, and the key needs 100 ms of it", took)
		}
		time.Sleep(time.Second)
		checkNoFlights(t, c)
	})
}

// TestPoliciesThatQueue: claims end while policies wait for their turn at the key, so they ask
// the Store again. Few policies are signed twice.
func TestPoliciesThatQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := newKMSKey(10 * time.Millisecond)
		caches := fleet(t, 4, key, sign.CacheOptions{Store: newMemoryStore(), Operations: 4})
		const policies = 400 // One process needs a second for them.
		var callers sync.WaitGroup
		for i, c := range caches {
			for p := range policies {
				callers.Go(func() {
					time.Sleep(time.Duration(i) * time.Millisecond)
					queryOf(t.Context(), t, c, fmt.Sprint(p))
				})
			}
		}
		callers.Wait()
		synctest.Wait()
		if n := key.operations.Load(); n > policies*5/4 {
			t.Errorf("%d key operations for %d policies", n, policies)
		}
	})
}

// TestStoreFailsInTheQueue: a Store that fails while policies wait for their turn is reported, and
// left alone.
func TestStoreFailsInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, down := newMemoryStore(), errors.New("down")
		begun := time.Now()
		store.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
			if time.Since(begun) > 5*time.Millisecond {
				return nil, false, down
			}
			return nil, true, nil
		}
		var failed storeErrors
		c := fleet(t, 1, newKMSKey(20*time.Millisecond), sign.CacheOptions{Store: store, Operations: 1, StoreError: failed.add})[0]
		var callers sync.WaitGroup
		for i := range 10 {
			callers.Go(func() { queryOf(t.Context(), t, c, fmt.Sprint(i)) })
		}
		callers.Wait()
		if errs := failed.all(); len(errs) != 1 || !errors.Is(errs[0], down) {
			t.Errorf("reported: %v", errs)
		}
	})
}

// TestSlowStoreAndTimeouts: a Store that hangs takes nothing from the time that the key has.
func TestSlowStoreAndTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		store.claim = func(ctx context.Context, _ string, _ time.Duration) ([]byte, bool, error) {
			<-ctx.Done()
			return nil, false, ctx.Err()
		}
		const timeout = 300 * time.Millisecond
		c := fleet(t, 1, newKMSKey(timeout-time.Millisecond), sign.CacheOptions{Store: store, Timeout: timeout})[0]
		queryOf(t.Context(), t, c, "alice")
		synctest.Wait()
		checkNoFlights(t, c)
	})
}

// TestClocksThatBreak: a clock that panics or ends its goroutine is an error, and no flight is
// left, with a Store as without.
func TestClocksThatBreak(t *testing.T) {
	for name, breaks := range map[string]func(){"panics": func() { panic("out of order") }, "ends its goroutine": runtime.Goexit} {
		for _, store := range []sign.Store{nil, newMemoryStore()} {
			t.Run(fmt.Sprintf("%s, with a store: %t", name, store != nil), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var calls atomic.Int64
					signer, err := sign.New("K1", newKMSKey(0), sign.Options{Clock: func() time.Time {
						if calls.Add(1) == 2 { // the first in the background
							breaks()
						}
						return time.Now()
					}})
					if err != nil {
						t.Fatal(err)
					}
					c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{Store: store})
					if err != nil {
						t.Fatal(err)
					}
					begun := time.Now()
					if _, err := c.SignResource(t.Context(), folder(t, "alice"), policy.Conditions{}); err == nil || time.Since(begun) > time.Second {
						t.Errorf("after %v: %v", time.Since(begun), err)
					}
					checkNoFlights(t, c)
				})
			})
		}
	}
}

// TestHashesInStore: signatures with another hash have other names.
func TestHashesInStore(t *testing.T) {
	skipSHA1UnderFIPS(t, crypto.SHA1)
	synctest.Test(t, func(t *testing.T) {
		store, key := newMemoryStore(), newKMSKey(0)
		var failed storeErrors
		for range 2 {
			for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
				signer, err := sign.New("K1", key, sign.Options{Hash: hash})
				if err != nil {
					t.Fatal(err)
				}
				c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{Store: store, StoreError: failed.add})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.SignResource(t.Context(), folder(t, "alice"), policy.Conditions{}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
		}
		if n, errs := key.operations.Load(), failed.all(); n != 2 || len(errs) > 0 {
			t.Errorf("%d key operations for two hashes, and errors of the store: %v", n, errs)
		}
	})
}

// TestStoreExpiry: what is stored stays as long as the policy.
func TestStoreExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		c := fleet(t, 1, newKMSKey(0), sign.CacheOptions{Store: store})[0]
		signed, err := c.SignResource(t.Context(), folder(t, "alice"), policy.Conditions{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, until := range store.until {
			if !until.Equal(signed.Policy().Expires()) {
				t.Errorf("stored until %v, and the policy expires at %v", until, signed.Policy().Expires())
			}
		}
	})
}

// TestStoreAndRotation: after a rotation, no process uses a signature of the former key for
// the new one.
func TestStoreAndRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		var failed storeErrors
		o := sign.CacheOptions{Store: store, StoreError: failed.add}
		c, signer := newCacheOf(t, newKMSKey(0), o)
		before := queryOf(t.Context(), t, c, "alice")
		synctest.Wait()
		if err := signer.Rotate(t.Context(), "K2", testkeys.OtherP256()); err != nil {
			t.Fatal(err)
		}
		signed, err := c.SignResource(t.Context(), folder(t, "alice"), policy.Conditions{})
		if err != nil {
			t.Fatal(err)
		}
		if after := string(signed.AppendUncheckedQuery(nil)); after == before || signed.KeyPairID() != "K2" {
			t.Errorf("signed with %s after the rotation", signed.KeyPairID())
		}
		if errs := failed.all(); len(errs) > 0 {
			t.Errorf("errors of the store: %v", errs)
		}
	})
}

// TestStoreDoesNotWiden: a policy that this process may not sign is refused, even if the Store
// has its signature. The keys that signed what the Store has are kept.
func TestStoreDoesNotWiden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, key := newMemoryStore(), newKMSKey(0)
		queryOf(t.Context(), t, fleet(t, 1, key, sign.CacheOptions{Store: store})[0], "alice")
		synctest.Wait()
		signer, err := sign.New("K1", key, sign.Options{Within: sign.Bounds{Resources: []policy.Resource{folder(t, "bob")}}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.SignResource(t.Context(), folder(t, "alice"), policy.Conditions{}); !errors.Is(err, sign.ErrBounds) {
			t.Errorf("another user's folder: %v", err)
		}
		other, owner := newCacheOf(t, key, sign.CacheOptions{Store: store})
		queryOf(t.Context(), t, other, "alice")
		if err := owner.Rotate(t.Context(), "K2", testkeys.OtherP256()); err != nil {
			t.Fatal(err)
		}
		if n := len(owner.RetiredKeys()); n != 1 || other.Stats().StoreHits != 1 {
			t.Errorf("%d retired keys after a rotation, and %d hits of the store", n, other.Stats().StoreHits)
		}
	})
}

// TestCallersGiveUpAtTheStore: a policy that nobody waits for any more costs no key operation.
func TestCallersGiveUpAtTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, key := newMemoryStore(), newKMSKey(0)
		store.claim = func(ctx context.Context, _ string, _ time.Duration) ([]byte, bool, error) {
			time.Sleep(100 * time.Millisecond)
			return nil, true, nil
		}
		c := fleet(t, 1, key, sign.CacheOptions{Store: store})[0]
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.SignResource(ctx, folder(t, "alice"), policy.Conditions{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the context has ended: %v", err)
		}
		time.Sleep(time.Second)
		if n := key.operations.Load(); n != 0 {
			t.Errorf("%d key operations for no caller", n)
		}
		checkNoFlights(t, c)
	})
}

// newRandomStore returns a Store that is slow, fails, panics, ends its goroutine, forgets and
// lies.
func newRandomStore() *memoryStore {
	inner, outer := newMemoryStore(), newMemoryStore()
	misbehave := func() error {
		time.Sleep(time.Duration(rand.ExpFloat64() * float64(100*time.Millisecond)))
		switch rand.IntN(20) {
		case 0:
			return errDown
		case 1:
			panic(errDown)
		case 2:
			runtime.Goexit()
		case 3:
			time.Sleep(3 * time.Second)
		}
		return nil
	}
	outer.claim = func(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) {
		if err := misbehave(); err != nil {
			return nil, false, err
		}
		switch rand.IntN(20) {
		case 0:
			return []byte("noise"), false, nil
		case 1:
			return nil, false, nil
		case 2:
			return nil, true, nil
		}
		return inner.Claim(ctx, name, lease)
	}
	outer.save = func(ctx context.Context, name string, signature []byte, expires time.Time) error {
		if err := misbehave(); err != nil {
			return err
		}
		return inner.Save(ctx, name, signature, expires)
	}
	return outer
}

func TestStoreOptionsRefused(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	for _, o := range []sign.CacheOptions{{Timeout: time.Microsecond}, {Timeout: 100 * time.Millisecond, Store: newMemoryStore()}} {
		if _, err := sign.NewCache(signer, time.Hour, o); err != nil {
			t.Errorf("the default of StoreTimeout does not fit a timeout of %v: %v", o.Timeout, err)
		}
	}
	for _, timeout := range []time.Duration{-1, time.Microsecond, time.Minute} {
		_, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{Store: newMemoryStore(), StoreTimeout: timeout})
		checkRefusal(t, err, sign.ErrLifetime, "StoreTimeout")
	}
}

// TestStoreErrorWithoutHook: a Store that fails is not silent without a hook.
func TestStoreErrorWithoutHook(t *testing.T) {
	log := defaultlog.Capture(t)
	store := newMemoryStore()
	store.claim = func(context.Context, string, time.Duration) ([]byte, bool, error) {
		return nil, false, errors.New("down")
	}
	c, _ := newCacheOf(t, newKMSKey(0), sign.CacheOptions{Store: store})
	queryOf(t.Context(), t, c, "alice")
	if got := log.Take(); !strings.HasPrefix(got, `level=ERROR msg="sign: the store of a cache failed" error=`) || !strings.Contains(got, "down") {
		t.Errorf("the log: %s", got)
	}
}

// TestBackgroundWithoutHook: a key that fails while its signatures are still in use is not silent
// without a hook.
func TestBackgroundWithoutHook(t *testing.T) {
	log := defaultlog.Capture(t)
	synctest.Test(t, func(t *testing.T) {
		key := &breakable{Signer: testkeys.P256()}
		c, _ := newCacheOf(t, key, sign.CacheOptions{Window: 10 * time.Minute})
		queryOf(t.Context(), t, c, "alice")
		key.isBroken.Store(true)
		for range 20 {
			time.Sleep(30 * time.Second)
			if _, err := c.SignResource(t.Context(), folder(t, "alice"), policy.Conditions{}); err != nil {
				break
			}
		}
		if got := log.Take(); !strings.HasPrefix(got, `level=ERROR msg="sign: the key did not sign ahead of time" use.keyPairID=`) {
			t.Errorf("the log: %s", got)
		}
	})
}

// A breakable key can stop to sign.
type breakable struct {
	crypto.Signer
	isBroken atomic.Bool
}

func (k *breakable) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	if k.isBroken.Load() {
		return nil, errors.New("down")
	}
	return k.Signer.Sign(random, digest, o)
}
