// SPDX-License-Identifier: Apache-2.0

package storetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cfsign/cfsign/sign"
	"github.com/cfsign/cfsign/sign/storetest"
)

// A server is a good store for one process: several memories can share it.
type server struct {
	mu    sync.Mutex
	items map[string]item
}

// An item is a signature, or a claim if it has none.
type item struct {
	signature []byte
	expires   time.Time
}

// A memory is a store on a server. Each function spoils one step, and is nil in a good store.
type memory struct {
	*server
	name      func(name string) string
	lease     func(time.Duration) time.Duration
	expires   func(time.Time) time.Time
	stored    func(signature []byte) []byte
	returned  func(signature []byte) []byte
	ignoreCtx bool
	twoSteps  bool // look, and claim later
	takesOver bool // look at a claim that has ended, and take it later
	owner     bool // the owner of a claim gets it again
	keepLease bool // a signature expires with the lease of its claim
	keepFirst bool // Save does not replace a signature
	keepTime  bool // Save replaces a signature, but not its time
	needClaim bool // Save needs a claim

	claims *sync.Map // of this process
}

func newServer() *server { return &server{items: map[string]item{}} }

func (m memory) Claim(ctx context.Context, name string, lease time.Duration) ([]byte, bool, error) {
	if err := m.ended(ctx); err != nil {
		return nil, false, err
	}
	own := name
	name, lease = apply(m.name, name), apply(m.lease, lease)
	found, ok := m.find(name)
	slow := m.twoSteps || m.takesOver && !ok && !found.expires.IsZero()
	if slow {
		time.Sleep(time.Millisecond)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slow {
		found, ok = m.items[name], time.Now().Before(m.items[name].expires)
	}
	switch {
	case ok && found.signature != nil:
		return apply(m.returned, bytes.Clone(found.signature)), false, nil
	case ok && !(m.owner && loaded(m.claims, own)):
		return nil, false, nil
	}
	if m.claims != nil {
		m.claims.Store(own, true)
	}
	m.items[name] = item{expires: time.Now().Add(lease)}
	return nil, true, nil
}

func loaded(m *sync.Map, key string) bool { _, ok := m.Load(key); return ok }

func (m memory) find(name string) (item, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.items[name]
	return found, time.Now().Before(found.expires)
}

func (m memory) Save(ctx context.Context, name string, signature []byte, expires time.Time) error {
	if err := m.ended(ctx); err != nil {
		return err
	}
	name, expires = apply(m.name, name), apply(m.expires, expires)
	if m.stored == nil {
		m.stored = bytes.Clone
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.items[name]
	switch {
	case m.needClaim && !ok:
		return errors.New("nobody has claimed the name")
	case m.keepFirst && found.signature != nil:
		return nil
	case m.keepLease && ok, m.keepTime && found.signature != nil:
		expires = found.expires
	}
	m.items[name] = item{m.stored(signature), expires}
	return nil
}

func (m memory) ended(ctx context.Context) error {
	if m.ignoreCtx || ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("memory: %w", ctx.Err())
}

func apply[T any](f func(T) T, value T) T {
	if f == nil {
		return value
	}
	return f(value)
}

func TestGoodStores(t *testing.T) {
	shared := newServer()
	for name, stores := range map[string][2]memory{
		"one store, twice": {{server: shared}, {server: shared}},
		"rounded up": {
			{server: shared, lease: func(d time.Duration) time.Duration { return d + 200*time.Millisecond }},
			{server: shared, expires: func(t time.Time) time.Time { return t.Add(time.Hour) }},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			if err := storetest.TestStore(t.Context(), stores[0], stores[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// TestBadStores: each fault has one row, and the property that catches it.
func TestBadStores(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*memory)
		want  string
	}{
		{"not atomic", func(m *memory) { m.twoSteps = true }, "one claim: "},
		{"a claim that has ended is taken in two steps", func(m *memory) { m.takesOver = true }, "the lease: "},
		{"the owner may claim again", func(m *memory) { m.owner, m.claims = true, &sync.Map{} }, "one claim: "},
		{"no server in common", func(m *memory) { m.server = newServer() }, "one claim: "},
		{"claims end early", func(m *memory) { m.lease = func(d time.Duration) time.Duration { return d / 2 } }, "the lease: "},
		{"claims do not end", func(m *memory) { m.lease = func(time.Duration) time.Duration { return time.Hour } }, "the lease: "},
		{"leases a quarter of a second short", func(m *memory) {
			m.lease = func(d time.Duration) time.Duration { return d - time.Second/4 }
		}, "the lease: "},
		{"leases in whole seconds", func(m *memory) {
			m.lease = func(d time.Duration) time.Duration { return d.Truncate(time.Second) }
		}, "the lease: "},
		{"a lease of a second or more", func(m *memory) {
			m.lease = func(d time.Duration) time.Duration {
				if d < time.Second {
					return time.Hour
				}
				return d
			}
		}, "the shortest lease: "},
		{"Save keeps the first signature", func(m *memory) { m.keepFirst = true }, "Save: "},
		{"Save keeps the first time", func(m *memory) { m.keepTime = true }, "Save with a later time: "},
		{"Save needs a claim", func(m *memory) { m.needClaim = true }, "nobody has claimed the name"},
		{"a signature expires with its claim", func(m *memory) { m.keepLease = true }, "Save after a lease: "},
		{"text", func(m *memory) {
			m.stored = func(s []byte) []byte { return []byte(strings.ToValidUTF8(string(s), "?")) }
		}, "bytes: "},
		{"no zero bytes", func(m *memory) {
			m.stored = func(s []byte) []byte { s, _, _ = bytes.Cut(s, []byte{0}); return append([]byte{}, s...) }
		}, "bytes: "},
		{"no space at the end", func(m *memory) { m.stored = func(s []byte) []byte { return append([]byte{}, bytes.TrimSpace(s)...) } }, "bytes: "},
		{"at most 255 bytes", func(m *memory) { m.stored = func(s []byte) []byte { return bytes.Clone(s[:min(len(s), 255)]) } }, "bytes: "},
		{"Save keeps the slice", func(m *memory) { m.stored = func(s []byte) []byte { return s } }, "slices: "},
		{"one buffer", func(m *memory) {
			kept := map[string][]byte{}
			var mu sync.Mutex
			m.returned = func(s []byte) []byte {
				mu.Lock()
				defer mu.Unlock()
				if kept[string(s)] == nil {
					kept[string(s)] = s
				}
				return kept[string(s)]
			}
		}, "slices: "},
		{"expires in whole seconds", func(m *memory) { m.expires = func(t time.Time) time.Time { return t.Truncate(time.Second) } }, "expires: "},
		{"expires in 32 bits", func(m *memory) {
			m.expires = func(t time.Time) time.Time { return time.Unix(int64(int32(t.Unix())), 0) }
		}, "expires in 2262: "},
		{"names without case", func(m *memory) { m.name = strings.ToLower }, "names: "},
		{"names without punctuation", func(m *memory) {
			m.name = func(n string) string { return strings.NewReplacer("-", "", "_", "").Replace(n) }
		}, "names: "},
		{"short names", func(m *memory) { m.name = func(n string) string { return n[:42] } }, "names: "},
		{"one name", func(m *memory) { m.name = func(string) string { return "" } }, "used concurrently: "},
		{"deaf", func(m *memory) { m.ignoreCtx = true }, "context at its end: "},
		{"panics", func(m *memory) { m.stored = func([]byte) []byte { panic("out of order") } }, "it panicked: out of order"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared := newServer()
				one, other := memory{server: shared}, memory{server: shared}
				tt.spoil(&one)
				tt.spoil(&other)
				err := storetest.TestStore(t.Context(), one, other)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got error %v, want one that says %q", err, tt.want)
				}
			})
		})
	}
}

// A silent store waits as long as it likes.
type silent struct {
	memory
	wait func(context.Context) error
}

func (s silent) Claim(ctx context.Context, _ string, _ time.Duration) ([]byte, bool, error) {
	return nil, false, s.wait(ctx)
}

func (s silent) Save(ctx context.Context, _ string, _ []byte, _ time.Time) error { return s.wait(ctx) }

func TestSilentStores(t *testing.T) {
	tests := []struct {
		name string
		wait func(context.Context) error
		want string // "": no error
	}{
		{"good", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, ""},
		{"deaf", func(ctx context.Context) error { time.Sleep(10 * time.Second); return ctx.Err() }, "Save, deadline: it did not return"},
		{"knows deadlines only", func(ctx context.Context) error {
			deadline, ok := ctx.Deadline()
			if !ok {
				deadline = time.Now().Add(10 * time.Second)
			}
			time.Sleep(time.Until(deadline))
			return ctx.Err()
		}, "canceled: it did not return"},
		{"one connection", oneConnection(), "it did not return"},
		{"its own error", func(ctx context.Context) error { <-ctx.Done(); return errors.New("timeout") }, "return the error of the context"},
		{"not silent", func(context.Context) error { return errors.New("connection refused") }, "the server is not silent"},
		{"answers", func(context.Context) error { return nil }, "it returned no error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := storetest.TestSilent(t.Context(), silent{memory{server: newServer()}, tt.wait})
				time.Sleep(time.Minute) // Calls that are late end.
				if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got error %v, want one that says %q", err, tt.want)
				}
			})
		})
	}
}

// oneConnection has callers wait for the connection of the first one.
func oneConnection() func(context.Context) error {
	place := sync.OnceValue(func() chan bool { return make(chan bool, 1) }) // in the bubble of its test
	return func(ctx context.Context) error {
		place() <- true
		<-ctx.Done()
		<-place()
		return ctx.Err()
	}
}

// TestArguments: what is missing gives an error that says what to pass.
func TestArguments(t *testing.T) {
	store := memory{server: newServer()}
	var none context.Context
	for want, err := range map[string]error{
		"the context is nil": errors.Join(storetest.TestStore(none, store, store), storetest.TestSilent(none, store)),
		"a store is nil":     errors.Join(storetest.TestStore(t.Context(), nil, store), storetest.TestStore(t.Context(), store, nil)),
		"the store is nil":   storetest.TestSilent(t.Context(), nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
}

// TestEnd: if the context of the whole test ends, the suite ends too.
func TestEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := memory{server: newServer()}
	if err := storetest.TestStore(ctx, store, store); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

func ExampleTestStore() {
	store := memory{server: newServer()} // your own sign.Store
	fmt.Println(storetest.TestStore(context.Background(), store, store))

	store.ignoreCtx = true
	fmt.Println(storetest.TestStore(context.Background(), store, store))
	// Output:
	// <nil>
	// storetest: context at its end: Claim: it returned no error after the context ended
}

func ExampleTestSilent() {
	store := silent{wait: func(ctx context.Context) error { // your own sign.Store, with a server that is stopped
		<-ctx.Done()
		return ctx.Err()
	}}
	fmt.Println(storetest.TestSilent(context.Background(), store))
	// Output: <nil>
}

var shared = newServer()

// openStore opens a store for TestStore.
func openStore(*testing.T) sign.Store { return memory{server: shared} }

func TestStore(t *testing.T) {
	one, other := openStore(t), openStore(t) // as two processes do
	if err := storetest.TestStore(t.Context(), one, other); err != nil {
		t.Error(err)
	}
}
