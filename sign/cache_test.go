// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/scheme"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A remoteKey counts its operations, takes time for them, and fails on demand.
type remoteKey struct {
	crypto.Signer
	operations atomic.Int64
	delay      time.Duration
	err        atomic.Pointer[error]
	panics     atomic.Bool
	stopped    error // instead of the context's
}

func (k *remoteKey) SignContext(ctx context.Context, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	k.operations.Add(1)
	select {
	case <-time.After(k.delay):
	case <-ctx.Done():
		if k.stopped != nil {
			return nil, k.stopped
		}
		return nil, ctx.Err()
	}
	if k.panics.Load() {
		panic("out of order")
	}
	if err := k.err.Load(); err != nil {
		return nil, *err
	}
	return k.Signer.Sign(nil, digest, o)
}

func (k *remoteKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("without a context")
}

// newCache returns a cache over a remote key, both on the bubble's clock.
func newCache(t testing.TB, key *remoteKey, lifetime time.Duration, o sign.CacheOptions) *sign.Cache {
	t.Helper()
	key.Signer = testkeys.P256()
	signer, err := sign.New(keyPairID, key, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := sign.NewCache(signer, lifetime, o)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func folder(t testing.TB, id string) policy.Resource {
	t.Helper()
	r, err := policy.Under(base+"/users", id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get signs for a folder, and checks the promised lifetime.
func get(t testing.TB, c *sign.Cache, id string, lifetime, window time.Duration) sign.SignedPolicy {
	t.Helper()
	signed, err := c.SignResource(t.Context(), folder(t, id), policy.Conditions{})
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(signed.Policy().Expires()); left < lifetime || left >= lifetime+window+time.Second {
		t.Errorf("%v are left, and %v with up to %v more were promised", left, lifetime, window)
	}
	if want := folder(t, id); signed.Policy().Resource() != want {
		t.Errorf("the resource is %s, want %s", signed.Policy().Resource(), want)
	}
	return signed
}

// TestOneOperation: 1,000 callers at once cost one key operation.
func TestOneOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{delay: time.Second}
		c := newCache(t, key, time.Hour, sign.CacheOptions{})
		var callers sync.WaitGroup
		for range 1000 {
			callers.Go(func() { get(t, c, "7", time.Hour, time.Hour) })
		}
		callers.Wait()
		want := sign.CacheStats{Misses: 1, Waits: 999, Size: 1}
		if diff := cmp.Diff(want, c.Stats()); diff != "" || key.operations.Load() != 1 {
			t.Errorf("%d operations, stats (-want +got):\n%s", key.operations.Load(), diff)
		}
	})
}

// TestFractions: the lifetime is not short by a fraction of a second.
func TestFractions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, &remoteKey{}, time.Second, sign.CacheOptions{})
		for range 100 {
			get(t, c, "7", time.Second, time.Second)
			time.Sleep(70 * time.Millisecond)
		}
	})
}

// TestBorders: at a whole second, a policy is never valid for a whole window longer than
// promised, and its lifetime falls by a second each second until the next policy.
func TestBorders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lifetime, window = 60, 10
		c := newCache(t, &remoteKey{}, lifetime*time.Second, sign.CacheOptions{Window: window * time.Second})
		seen := map[int]int{}
		for range 3 * window {
			signed, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{})
			if err != nil {
				t.Fatal(err)
			}
			seen[int(time.Until(signed.Policy().Expires())/time.Second)]++
			time.Sleep(time.Second)
		}
		want := map[int]int{}
		for more := range window {
			want[lifetime+more] = 3
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("how often so many seconds were left (-want +got):\n%s", diff)
		}
	})
}

// TestWindows: a resource has one policy in each window, and the policy for the next
// window is there before the window ends.
func TestWindows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lifetime, window = time.Hour, 10 * time.Minute
		key := &remoteKey{delay: 3 * time.Second}
		c := newCache(t, key, lifetime, sign.CacheOptions{Window: window})
		policies := map[sign.SignedPolicy]bool{}
		slowest := time.Duration(0)
		for range 6 * 60 { // 6 windows
			before := time.Now()
			policies[get(t, c, "7", lifetime, window)] = true
			if len(policies) > 1 {
				slowest = max(slowest, time.Since(before))
			}
			time.Sleep(10 * time.Second)
		}
		if n := len(policies); n != 6 && n != 7 {
			t.Errorf("%d policies in six windows", n)
		}
		if slowest > 0 {
			t.Errorf("a caller waited for %v at a border", slowest)
		}
		synctest.Wait()
		stats := c.Stats()
		if stats.Misses != 1 || stats.Refreshes < 5 || key.operations.Load() != int64(stats.Misses+stats.Refreshes) {
			t.Errorf("%+v, and %d operations", stats, key.operations.Load())
		}
		if stats.Size > 3 {
			t.Errorf("%d policies are kept for one resource", stats.Size)
		}
	})
}

// TestSameEverywhere: two processes return the same bytes, and the windows of many
// resources end at different times.
func TestSameEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer, err := sign.New(keyPairID, testkeys.P256(), sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		borders := map[int64]int{}
		for i := range 200 {
			var urls []string
			for range 2 {
				c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{})
				if err != nil {
					t.Fatal(err)
				}
				u, err := c.URL(t.Context(), fmt.Sprintf("%s/files/%d", base, i))
				if err != nil {
					t.Fatal(err)
				}
				urls = append(urls, u)
				borders[get(t, c, fmt.Sprint(i), time.Hour, time.Hour).Policy().Expires().Unix()/60]++
			}
			if urls[0] != urls[1] {
				t.Errorf("two caches give %s and %s", urls[0], urls[1])
			}
		}
		if len(borders) < 50 {
			t.Errorf("200 resources end in %d different minutes", len(borders))
		}
	})
}

// TestRequestsAreKeptApart: different conditions never share a policy.
func TestRequestsAreKeptApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{}
		c := newCache(t, key, time.Hour, sign.CacheOptions{})
		prefix := func(text string) *netip.Prefix {
			p := netip.MustParsePrefix(text)
			return &p
		}
		start := time.Now().Add(time.Minute)
		for i, conditions := range []policy.Conditions{
			{},
			{SourceIP: prefix("192.0.2.0/24")},
			{SourceIP: prefix("192.0.2.0/25")},
			{SourceIP: prefix("0.0.0.0/0")},
			{NotBefore: start},
			{NotBefore: start.Add(time.Second)},
			{NotBefore: start, SourceIP: prefix("192.0.2.0/24")},
		} {
			signed, err := c.SignResource(t.Context(), folder(t, "7"), conditions)
			if err != nil {
				t.Fatal(err)
			}
			conditions.Expires = signed.Policy().Expires()
			want, err := policy.Custom(folder(t, "7"), conditions)
			if err != nil || signed.Policy() != want {
				t.Errorf("%d: got %s, want %s, %v", i, signed.Policy().JSON(), want.JSON(), err)
			}
			if got := key.operations.Load(); got != int64(i+1) {
				t.Errorf("%d: %d operations", i, got)
			}
		}
		// A range with host bits is the same range.
		if _, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{SourceIP: prefix("192.0.2.77/24")}); err != nil || key.operations.Load() != 7 {
			t.Errorf("%v, %d operations", err, key.operations.Load())
		}
		// An exact URL of a custom policy is not a canned one.
		exact, err := policy.URL(base + "/a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.SignResource(t.Context(), exact, policy.Conditions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.URL(t.Context(), base+"/a"); err != nil || key.operations.Load() != 9 {
			t.Errorf("%v, %d operations", err, key.operations.Load())
		}
	})
}

// TestCancellation: a caller that gives up fails alone, and the operation goes on.
func TestCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{delay: 10 * time.Second}
		c := newCache(t, key, time.Hour, sign.CacheOptions{})
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := c.SignResource(impatient, folder(t, "7"), policy.Conditions{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the impatient caller got %v", err)
			}
			if waited := time.Since(time.Unix(946684800, 0)); waited != time.Second {
				t.Errorf("it waited for %v", waited)
			}
		})
		synctest.Wait() // The impatient caller began the operation.
		callers.Go(func() { get(t, c, "7", time.Hour, time.Hour) })
		callers.Wait()
		if got := key.operations.Load(); got != 1 {
			t.Errorf("%d operations", got)
		}
	})
}

// TestFailingKey: the cache keeps no errors, and returns a policy until its window ends
// although the key fails.
func TestFailingKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const window = time.Hour
		key := &remoteKey{}
		down := errors.New("the key service is down")
		key.err.Store(&down)
		c := newCache(t, key, time.Hour, sign.CacheOptions{Window: window})
		for range 2 {
			if _, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{}); !errors.Is(err, down) {
				t.Errorf("got %v", err)
			}
		}
		key.err.Store(nil)
		first := get(t, c, "7", time.Hour, window)
		key.err.Store(&down)
		before := key.operations.Load()
		for time.Now().Before(first.Policy().Expires().Add(-time.Hour)) {
			if got := get(t, c, "7", time.Hour, window); got != first {
				t.Fatal("another policy in the same window")
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if attempts := key.operations.Load() - before; attempts < 2 || attempts > 10 {
			t.Errorf("%d attempts in the half of a window", attempts)
		}
		time.Sleep(2 * time.Second)
		if _, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{}); !errors.Is(err, down) {
			t.Errorf("after the window: %v", err)
		}
		key.err.Store(nil)
		get(t, c, "7", time.Hour, window)
		if errors := c.Stats().Errors; errors < 4 {
			t.Errorf("%d errors are counted", errors)
		}
	})
}

// TestSlowKey: the cache never returns a policy that is short of its lifetime.
func TestSlowKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{delay: 90 * time.Second}
		c := newCache(t, key, time.Hour, sign.CacheOptions{Window: 2 * time.Minute, Timeout: 5 * time.Minute})
		get(t, c, "7", time.Hour, 2*time.Minute)

		slower := &remoteKey{delay: 3 * time.Minute}
		c = newCache(t, slower, time.Hour, sign.CacheOptions{Window: 2 * time.Minute, Timeout: 5 * time.Minute})
		if _, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{}); !errors.Is(err, sign.ErrLifetime) {
			t.Errorf("got %v", err)
		}
		c = newCache(t, slower, time.Hour, sign.CacheOptions{Timeout: time.Second})
		if _, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a timeout: %v", err)
		}
	})
}

// TestCacheDefaults: without options, 64 operations run at once, each for 30 seconds.
func TestCacheDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, &remoteKey{delay: time.Hour}, 2*time.Hour, sign.CacheOptions{})
		begin := time.Now()
		var callers sync.WaitGroup
		var first atomic.Int64
		for i := range 100 {
			callers.Go(func() {
				_, err := c.SignResource(context.Background(), folder(t, fmt.Sprint(i)), policy.Conditions{})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%d: %v", i, err)
				}
				first.CompareAndSwap(0, int64(time.Since(begin)))
			})
		}
		synctest.Wait()
		if joinable, queued, places := sign.Flights(c); joinable != 100 || queued != 36 || places != 64 {
			t.Errorf("%d flights can be joined, %d are queued, %d have a place", joinable, queued, places)
		}
		callers.Wait()
		if waited := time.Duration(first.Load()); waited != 30*time.Second {
			t.Errorf("the first operation ended after %v", waited)
		}
		time.Sleep(time.Minute) // A bubble ends when all its goroutines have.
	})
}

// A hungKey takes no context, and needs an hour.
type hungKey struct{ crypto.Signer }

func (hungKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	time.Sleep(time.Hour)
	return nil, errors.New("at last")
}

// TestHungKey: no caller waits forever, and nothing stays blocked.
func TestHungKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer, err := sign.New(keyPairID, hungKey{testkeys.P256()}, sign.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for range 3 {
			if _, err := c.SignResource(context.Background(), folder(t, "7"), policy.Conditions{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		if waited := time.Since(begin); waited > 4*time.Second || c.Stats().Errors != 3 {
			t.Errorf("waited for %v, %+v", waited, c.Stats())
		}
		time.Sleep(2 * time.Hour) // A bubble ends when all its goroutines have.
	})
}

// TestPanickingKey: a panic of the key does not end the process.
func TestPanickingKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{}
		key.panics.Store(true)
		c := newCache(t, key, time.Hour, sign.CacheOptions{})
		if _, err := c.SignResource(t.Context(), folder(t, "7"), policy.Conditions{}); err == nil || c.Stats().Errors != 1 {
			t.Errorf("%v, %+v", err, c.Stats())
		}
	})
}

func TestEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{}
		c := newCache(t, key, time.Hour, sign.CacheOptions{Size: 2})
		for _, id := range []string{"1", "2", "1", "3", "1", "2"} {
			get(t, c, id, time.Hour, time.Hour)
		}
		synctest.Wait()
		if stats := c.Stats(); stats.Size != 2 || stats.Evictions < 2 || stats.Misses < 4 || stats.Misses+stats.Refreshes != uint64(key.operations.Load()) {
			t.Errorf("%+v, %d operations", stats, key.operations.Load())
		}
	})
}

func TestCacheRefuses(t *testing.T) {
	signer := newSigner(t, testkeys.P256(), 0)
	for name, make := range map[string]func() (*sign.Cache, error){
		"no lifetime":         func() (*sign.Cache, error) { return sign.NewCache(signer, 0, sign.CacheOptions{}) },
		"negative lifetime":   func() (*sign.Cache, error) { return sign.NewCache(signer, -time.Hour, sign.CacheOptions{}) },
		"fraction of seconds": func() (*sign.Cache, error) { return sign.NewCache(signer, 1500*time.Millisecond, sign.CacheOptions{}) },
		"short window": func() (*sign.Cache, error) {
			return sign.NewCache(signer, time.Hour, sign.CacheOptions{Window: time.Millisecond})
		},
		"negative window": func() (*sign.Cache, error) {
			return sign.NewCache(signer, time.Hour, sign.CacheOptions{Window: -time.Hour})
		},
		"negative size":    func() (*sign.Cache, error) { return sign.NewCache(signer, time.Hour, sign.CacheOptions{Size: -1}) },
		"negative timeout": func() (*sign.Cache, error) { return sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: -1}) },
		"negative operations": func() (*sign.Cache, error) {
			return sign.NewCache(signer, time.Hour, sign.CacheOptions{Operations: -1})
		},
	} {
		if c, err := make(); !errors.Is(err, sign.ErrLifetime) || c != nil {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	for _, s := range []*sign.Signer{nil, {}} {
		if _, err := sign.NewCache(s, time.Hour, sign.CacheOptions{}); !errors.Is(err, sign.ErrZeroValue) {
			t.Errorf("%v: %v", s, err)
		}
	}
	c, err := sign.NewCache(signer, time.Hour, sign.CacheOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var noContext context.Context
	var noPrefix netip.Prefix
	noBits := netip.MustParsePrefix("192.0.2.10/0")
	tests := []struct {
		name       string
		ctx        context.Context
		resource   policy.Resource
		conditions policy.Conditions
		want       error
	}{
		{"no context", noContext, folder(t, "7"), policy.Conditions{}, sign.ErrZeroValue},
		{"expiry", t.Context(), folder(t, "7"), policy.Conditions{Expires: expires}, sign.ErrLifetime},
		{"no resource", t.Context(), policy.Resource{}, policy.Conditions{}, policy.Reason("no_resource")},
		{"failed prefix", t.Context(), folder(t, "7"), policy.Conditions{SourceIP: &noPrefix}, policy.ErrSourceIP},
		{"one address and no bits", t.Context(), folder(t, "7"), policy.Conditions{SourceIP: &noBits}, policy.ErrSourceIP},
		{"start close to the zero time", t.Context(), folder(t, "7"), policy.Conditions{NotBefore: time.Time{}.Add(1)}, policy.ErrExpiry},
		{"start in 1970", t.Context(), folder(t, "7"), policy.Conditions{NotBefore: time.Unix(0, 0)}, policy.ErrExpiry},
		{"start after the end", t.Context(), folder(t, "7"), policy.Conditions{NotBefore: expires.Add(10 * time.Hour)}, policy.Reason("time_order")},
	}
	for _, tt := range tests {
		if got, err := c.SignResource(tt.ctx, tt.resource, tt.conditions); !errors.Is(err, tt.want) || got != (sign.SignedPolicy{}) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	for _, rawURL := range []string{"", "ftp://a/", base + "/*"} {
		if got, err := c.URL(t.Context(), rawURL); err == nil || got != "" {
			t.Errorf("%q is signed", rawURL)
		}
	}
	if size := c.Stats().Size; size != 0 {
		t.Errorf("%d entries for what was refused", size)
	}
}

// TestSoak has many callers, resources that come and go, keys that fail, and a clock that
// runs fast: no policy that the cache returns is stale, wrong or short of its lifetime.
// CFSIGN_SOAK says for how long.
func TestSoak(t *testing.T) {
	duration := time.Second
	if text := os.Getenv("CFSIGN_SOAK"); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	const lifetime, window, faster = 20 * time.Second, 10 * time.Second, 20
	begin := time.Now()
	fastClock := func() time.Time { return begin.Add(time.Since(begin) * faster) }
	key := &remoteKey{Signer: testkeys.P256(), delay: time.Millisecond}
	signer, err := sign.New(keyPairID, key, sign.Options{Clock: fastClock})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sign.NewCache(signer, lifetime, sign.CacheOptions{Window: window, Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	happened := func() bool {
		stats := c.Stats()
		return stats.Hits > 0 && stats.Evictions > 0 && stats.Errors > 0
	}
	ctx, cancel := context.WithTimeout(t.Context(), duration+time.Minute)
	defer cancel()
	var callers sync.WaitGroup
	callers.Go(func() { // A slow machine takes longer until all has happened.
		defer cancel()
		for end := begin.Add(duration); time.Now().Before(end) || !happened() && ctx.Err() == nil; {
			time.Sleep(10 * time.Millisecond)
		}
	})
	callers.Go(func() { breakNowAndThen(ctx, key) })
	for range 50 {
		callers.Go(func() { soak(ctx, t, c, fastClock, lifetime, window) })
	}
	callers.Go(func() { checkMemory(ctx, t, duration) })
	callers.Wait()
	stats := c.Stats()
	t.Logf("%+v in %v", stats, duration)
	if !happened() || stats.Size > 100 {
		t.Errorf("%+v: not all has happened that should", stats)
	}
}

var errDown = errors.New("down")

func breakNowAndThen(ctx context.Context, key *remoteKey) {
	for ctx.Err() == nil {
		time.Sleep(20 * time.Millisecond)
		key.err.Store(&errDown)
		time.Sleep(10 * time.Millisecond)
		key.err.Store(nil)
	}
}

// soak signs for resources, some more often than others, and checks every policy.
func soak(ctx context.Context, t *testing.T, c *sign.Cache, clock func() time.Time, lifetime, window time.Duration) {
	verified := map[sign.SignedPolicy]bool{}
	for ctx.Err() == nil {
		id := fmt.Sprint(int(rand.ExpFloat64() * 60))
		earliest := clock().Add(lifetime)
		signed, err := c.SignResource(ctx, folder(t, id), policy.Conditions{})
		if err != nil {
			// On a slow machine the key may be too slow for a window of this clock.
			if !errors.Is(err, errDown) && !errors.Is(err, sign.ErrLifetime) && !errors.Is(err, sign.ErrExpired) && ctx.Err() == nil {
				t.Error(err)
			}
			continue
		}
		p := signed.Policy()
		if end := p.Expires(); end.Before(earliest) || end.After(clock().Add(lifetime+window+time.Second)) || p.Resource() != folder(t, id) {
			t.Errorf("%s, and not before %v was promised", p.JSON(), earliest)
		}
		if len(verified) > 1000 {
			clear(verified)
		}
		if !verified[signed] {
			verified[signed] = true
			checkSignature(t, signed)
		}
	}
}

// checkSignature verifies the cookies' signature over the policy.
func checkSignature(t *testing.T, signed sign.SignedPolicy) {
	for name, value := range signed.CookieSet().All() {
		if name == "CloudFront-Signature" && scheme.Verify(testkeys.P256().Public(), crypto.SHA256, scheme.Digest(crypto.SHA256, signed.Policy().JSON()), decode(t, value)) != nil {
			t.Errorf("the signature of %v is wrong", signed)
		}
	}
}

// checkMemory fails if the heap grows from the first tenth of the time to the end.
func checkMemory(ctx context.Context, t *testing.T, duration time.Duration) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	time.Sleep(duration / 10)
	first := heap()
	<-ctx.Done()
	last := heap()
	t.Logf("heap: %d bytes, then %d", first, last)
	const slack = 4 << 20
	if last > first+slack {
		t.Errorf("the heap has grown from %d to %d bytes", first, last)
	}
}
