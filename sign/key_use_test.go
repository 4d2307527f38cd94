// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// A caller is the key of the caller's name in a context.
type caller struct{}

func callerContext(t *testing.T, name string) context.Context {
	return context.WithValue(t.Context(), caller{}, name)
}

// A use is what the tests compare of a KeyUse, with the caller in its context.
type use struct {
	Caller, KeyPairID, Resource string
	Background                  bool
	Err                         string
}

// uses keeps the arguments of Options.Observe.
type uses struct {
	mu   sync.Mutex
	list []use
	last sign.KeyUse
}

func (u *uses) observe(ctx context.Context, k sign.KeyUse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	name, _ := ctx.Value(caller{}).(string)
	told := use{Caller: name, KeyPairID: k.KeyPairID, Resource: k.Resource, Background: k.Background}
	switch {
	case errors.Is(k.Err, context.DeadlineExceeded):
		told.Err = "deadline"
	case errors.Is(k.Err, keys.ErrAccessDenied):
		told.Err = "access denied"
	case k.Err != nil:
		told.Err = "other"
	}
	u.list, u.last = append(u.list, told), k
}

// take returns the uses since the last call.
func (u *uses) take() []use {
	u.mu.Lock()
	defer u.mu.Unlock()
	list := u.list
	u.list = nil
	return list
}

// observed returns a signer with a remote key, and what it reports.
func observed(t *testing.T, key *remoteKey) (*sign.Signer, *uses) {
	t.Helper()
	key.Signer = testkeys.P256()
	told := &uses{}
	signer, err := sign.New(keyPairID, key, sign.Options{Observe: told.observe})
	if err != nil {
		t.Fatal(err)
	}
	return signer, told
}

func (k *remoteKey) fail(err error) { k.err.Store(&err) }

var errLost = fmt.Errorf("kms: %w", keys.ErrAccessDenied)

// TestObserveSigner: the hook hears of every use of the key once, with the caller's context,
// and of nothing that never reaches the key.
func TestObserveSigner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{delay: 3 * time.Second}
		signer, told := observed(t, key)
		ctx := callerContext(t, "caller")
		later := time.Now().Add(time.Hour)
		canned := use{Caller: "caller", KeyPairID: keyPairID, Resource: base + "/a.txt"}
		directory := use{Caller: "caller", KeyPairID: keyPairID, Resource: base + "/users/7/*"}
		tests := []struct {
			name, reason string
			do           func() error
			want         []use
		}{
			{"URL", "the query may be a secret", func() error { _, err := signer.URL(ctx, base+"/a.txt?token=secret", later); return err }, []use{canned}},
			{"Sign", "a custom policy", func() error {
				_, err := signer.Sign(ctx, must(policy.Custom(folder(t, "7"), policy.Conditions{Expires: later}))(t))
				return err
			}, []use{directory}},
			{"URLs", "one use for each", func() error {
				_, err := signer.URLs(ctx, []string{base + "/a.txt", base + "/a.txt"}, later, sign.BulkOptions{})
				return err
			}, []use{canned, canned}},
			{"expired", "the key was not used", func() error { _, _ = signer.URL(ctx, base+"/a.txt", time.Now()); return nil }, nil},
			{"Rotate", "the new key is tried", func() error { return signer.Rotate(ctx, "K2NEW", key) }, []use{{Caller: "caller", KeyPairID: "K2NEW", Resource: "https://nothing.invalid/"}}},
			{"failing", "the error of the key", func() error {
				key.fail(errLost)
				if _, err := signer.URL(ctx, base+"/a.txt", later); !errors.Is(err, keys.ErrAccessDenied) {
					return fmt.Errorf("not the key's error: %w", err)
				}
				return nil
			}, []use{{Caller: "caller", KeyPairID: "K2NEW", Resource: base + "/a.txt", Err: "access denied"}}},
		}
		for _, tt := range tests {
			if err := tt.do(); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			if diff := cmp.Diff(tt.want, told.take()); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", tt.name, tt.reason, diff)
			}
		}
		if told.last.Duration != 3*time.Second || !told.last.Expires.Equal(later.Truncate(time.Second)) {
			t.Errorf("it took %v, and expires %v", told.last.Duration, told.last.Expires)
		}
	})
}

// TestObservedKeyHasTheContext: a hook does not take the caller's deadline from the key.
func TestObservedKeyHasTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer, told := observed(t, &remoteKey{delay: time.Hour})
		ctx, cancel := context.WithTimeout(callerContext(t, "caller"), time.Second)
		defer cancel()
		begin := time.Now()
		_, err := signer.URL(ctx, base+"/a.txt", begin.Add(2*time.Hour))
		if waited := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || waited != time.Second {
			t.Errorf("%v after %v", err, waited)
		}
		want := []use{{Caller: "caller", KeyPairID: keyPairID, Resource: base + "/a.txt", Err: "deadline"}}
		if diff := cmp.Diff(want, told.take()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestObserveBackground: the hook hears at once of a key that fails in the background, and
// not only when the window ends.
func TestObserveBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{}
		signer, told := observed(t, key)
		c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{}))(t)
		ctx := callerContext(t, "caller")
		signed := must(c.SignResource(ctx, folder(t, "7"), policy.Conditions{}))(t)
		want := use{Caller: "caller", KeyPairID: keyPairID, Resource: base + "/users/7/*"}
		if diff := cmp.Diff([]use{want}, told.take()); diff != "" {
			t.Errorf("a caller (-want +got):\n%s", diff)
		}
		must(c.URL(ctx, base+"/a.txt?token=secret"))(t)
		if diff := cmp.Diff([]use{{Caller: "caller", KeyPairID: keyPairID, Resource: base + "/a.txt"}}, told.take()); diff != "" {
			t.Errorf("the query may be a secret (-want +got):\n%s", diff)
		}
		key.fail(errLost)
		time.Sleep(time.Until(signed.Policy().Expires()) - time.Hour - 20*time.Minute) // This is in the second half of the window.
		must(c.SignResource(ctx, folder(t, "7"), policy.Conditions{}))(t)
		synctest.Wait()
		want = use{KeyPairID: keyPairID, Resource: base + "/users/7/*", Background: true, Err: "access denied"}
		if diff := cmp.Diff([]use{want}, told.take()); diff != "" {
			t.Errorf("in the background (-want +got):\n%s", diff)
		}
		must(c.SignResource(ctx, folder(t, "7"), policy.Conditions{}))(t)
		if got := told.take(); got != nil {
			t.Errorf("the hook heard %v of a policy in the cache", got)
		}
	})
}

// TestObserveFlights: whatever the callers do, the hook hears of an operation once.
func TestObserveFlights(t *testing.T) {
	const resource = base + "/files/a"
	one := func(name, err string) []use {
		return []use{{Caller: name, KeyPairID: "K1", Resource: resource, Err: err}}
	}
	tests := []struct {
		name   string
		hangs  time.Duration // of the key, which takes no context
		panics bool
		wait   []time.Duration // of each caller; 0: forever
		want   []use
		reason string
	}{
		{"one caller", time.Millisecond, false, []time.Duration{0}, one("0", ""), "it waits"},
		{"many callers", time.Millisecond, false, []time.Duration{0, 0, 0}, one("any", ""), "they share an operation"},
		{"first gives up", 500 * time.Millisecond, false, []time.Duration{time.Millisecond, 0}, one("1", ""), "the other has the result"},
		{"all give up", 500 * time.Millisecond, false, []time.Duration{time.Millisecond, time.Millisecond}, one("", ""), "no caller is left"},
		{"at the same moment", 500 * time.Millisecond, false, []time.Duration{500 * time.Millisecond}, one("any", ""), "the result comes when the caller gives up"},
		{"hangs", time.Hour, false, []time.Duration{0}, one("0", "deadline"), "told when the caller stops to wait, and not again"},
		{"hangs alone", time.Hour, false, []time.Duration{time.Millisecond}, one("", "deadline"), "no caller waits, and the hook hears of it all the same"},
		{"panics", time.Millisecond, true, []time.Duration{0}, one("0", "other"), "it would end the process"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			told := &uses{}
			key := &brokenKey{Signer: testkeys.P256(), breaks: func() {
				time.Sleep(tt.hangs)
				if tt.panics {
					panic("out of order")
				}
			}}
			signer := must(sign.New("K1", key, sign.Options{Observe: told.observe}))(t)
			c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: time.Second}))(t)
			var callers sync.WaitGroup
			for i, wait := range tt.wait {
				ctx, cancel := context.WithCancel(callerContext(t, fmt.Sprint(i)))
				if wait != 0 {
					time.AfterFunc(wait, cancel)
				}
				callers.Go(func() { _ = ask(ctx, c, "a"); cancel() })
			}
			callers.Wait()
			time.Sleep(2 * time.Hour)
			got := told.take()
			if len(got) == 1 && tt.want[0].Caller == "any" {
				got[0].Caller = "any"
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", tt.name, tt.reason, diff)
			}
		})
	}
}

// TestObserveQueue: the hook hears of callers whose turn never came, although the key was
// never asked for them.
func TestObserveQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := &uses{}
		key := newClosedKey()
		signer := must(sign.New("K1", key, sign.Options{Observe: told.observe}))(t)
		c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Timeout: time.Second, Operations: 1}))(t)
		var callers sync.WaitGroup
		for i := range 3 {
			callers.Go(func() { _ = ask(t.Context(), c, i) })
		}
		callers.Wait()
		if got := told.take(); len(got) != 3 {
			t.Errorf("%v was told", got)
		}
		key.answer()
		synctest.Wait()
		if got := told.take(); got != nil {
			t.Errorf("afterwards %v was told", got)
		}
	})
}

// TestObserveWithoutTheQueue: the duration is the key's, and not the time in the queue.
func TestObserveWithoutTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signer, told := observed(t, &remoteKey{delay: 3 * time.Second})
		c := must(sign.NewCache(signer, time.Hour, sign.CacheOptions{Operations: 1}))(t)
		var callers sync.WaitGroup
		for i := range 3 {
			callers.Go(func() {
				if err := ask(t.Context(), c, i); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		if told.last.Duration != 3*time.Second {
			t.Errorf("the key took %v", told.last.Duration)
		}
	})
}

// TestKeyUsePrints: a line for people and attributes for log/slog, without the query.
func TestKeyUsePrints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := &remoteKey{delay: time.Second}
		signer, told := observed(t, key)
		key.fail(errLost)
		_, _ = signer.URL(t.Context(), base+"/a.txt?token=secret", time.Now().Add(time.Hour))
		const want = "key " + keyPairID + " failed to sign " + base + "/a.txt in 1s: sign: the private key: kms: access to the key is denied"
		for _, verb := range []string{"%v", "%+v", "%s", "%d"} {
			if got := fmt.Sprintf(verb, told.last); got != want {
				t.Errorf("%s: %s, want %s", verb, got, want)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("key", "use", told.last)
		for _, part := range []string{"use.keyPairID=" + keyPairID, "use.resource=" + base + "/a.txt", "use.background=false", "use.duration=1s", `use.error="sign:`} {
			if !strings.Contains(log.String(), part) {
				t.Errorf("%s is not in %s", part, &log)
			}
		}
		if strings.Contains(log.String(), "secret") {
			t.Errorf("the log has the query: %s", &log)
		}
	})
}

// must returns a function that returns v, and fails the test if err is not nil.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
