// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"crypto"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/defaultlog"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

// A rotated takes pairs as a signer does.
type rotated struct {
	mu    sync.Mutex
	pairs []taken
	fail  error
}

type taken struct {
	id  string
	key crypto.Signer
}

func (r *rotated) rotate(_ context.Context, keyPairID string, key crypto.Signer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pairs = append(r.pairs, taken{keyPairID, key})
	return r.fail
}

func (r *rotated) setFail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// take returns the IDs of the pairs, and forgets them.
func (r *rotated) take(t *testing.T) []string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []string
	for _, p := range r.pairs {
		if !isKey(p.key, map[string]crypto.Signer{"K1": keyA, "K2": keyB, "K3": keyC}[p.id]) {
			t.Errorf("%s came with another key", p.id)
		}
		ids = append(ids, p.id)
	}
	r.pairs = nil
	return ids
}

// start has a source followed until the test ends, and returns how to end it before.
func start(t *testing.T, source *awssecrets.Source, rotate func(context.Context, string, crypto.Signer) error) (end func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- source.Run(ctx, rotate) }()
	t.Cleanup(cancel)
	return func() error {
		cancel()
		return <-ended
	}
}

// TestRunReads looks at the times at which an untroubled Run reads.
func TestRunReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		m.takeReads()
		var r rotated
		began := time.Now()
		end := start(t, source, r.rotate)
		time.Sleep(50 * time.Hour)
		if err := end(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
		times, different := m.takeReads(), map[time.Duration]bool{}
		for _, at := range times {
			interval := at.Sub(began)
			different[interval], began = true, at
			if interval < 4*time.Minute || interval > 5*time.Minute {
				t.Errorf("it read after %v", interval)
			}
		}
		if len(times) < 600 || len(different) < 100 || len(r.take(t)) != 0 {
			t.Errorf("%d reads, %d different intervals", len(times), len(different))
		}
	})
}

// TestRunBacksOff looks at the times after failures, and after the end of them.
func TestRunBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		var told events
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
		m.takeReads()
		m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
		last := time.Now()
		end := start(t, source, nil)
		time.Sleep(time.Hour)
		longest := []time.Duration{5 * time.Minute, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second}
		times, longestOfAll := m.takeReads(), true
		for i, at := range times {
			most := 5 * time.Minute
			if i < len(longest) {
				most = longest[i]
			}
			if interval := at.Sub(last); interval > most || interval < most/2 {
				t.Errorf("read %d came after %v, want at most %v and at least half of it", i, interval, most)
			}
			longestOfAll = longestOfAll && (i == 0 || at.Sub(last) == most)
			last = at
		}
		if longestOfAll {
			t.Error("the retries are not at random")
		}
		errs := told.take()
		if len(errs) != len(times) || len(errs) < 12 {
			t.Errorf("Observe was told %d errors of %d reads", len(errs), len(times))
		}
		for _, err := range errs {
			checkOnly(t, err, keys.ErrThrottled)
		}
		checkPair(t, source, "K1", keyA)

		m.setFail(nil)
		time.Sleep(5 * time.Minute) // one good read
		m.takeReads()
		time.Sleep(time.Hour)
		if reads := len(m.takeReads()); reads < 12 || reads > 16 || len(told.take()) != 0 {
			t.Errorf("%d reads in an hour after it recovered", reads)
		}
		_ = end()
	})
}

// TestRunBacksOffWithinTheInterval: a failure does not make the next reading later.
func TestRunBacksOffWithinTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 2 * time.Second
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Interval: interval})
		m.takeReads()
		m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
		last := time.Now()
		end := start(t, source, nil)
		time.Sleep(time.Minute)
		times := m.takeReads()
		for _, at := range times {
			if waited := at.Sub(last); waited > interval {
				t.Errorf("it read after %v", waited)
			}
			last = at
		}
		if len(times) < 30 {
			t.Errorf("%d reads", len(times))
		}
		_ = end()
	})
}

// TestRunRotates hands on what changes, goes back, and what is found by Refresh.
func TestRunRotates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		var told events
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
		m.put(pairJSON("K2", keyB))
		refresh(t, source) // before Run, which must not miss it
		var r rotated
		end := start(t, source, r.rotate)
		synctest.Wait()
		m.put(pairJSON("K1", keyA))
		time.Sleep(5 * time.Minute)
		m.put(pairJSON("K3", keyC))
		refresh(t, source)
		synctest.Wait() // and not for the interval
		if diff := cmp.Diff([]string{"K2", "K1", "K3"}, r.take(t)); diff != "" {
			t.Errorf("rotated to (-want +got):\n%s", diff)
		}
		m.put(pairJSON("K3", keyC) + "\n")
		refresh(t, source)
		time.Sleep(time.Hour)
		if ids := r.take(t); len(ids) != 0 {
			t.Errorf("rotated to %v, which it was already", ids)
		}
		if diff := cmp.Diff([]string{"K2", "K1", "K3"}, told.takePairs()); diff != "" {
			t.Errorf("Observe was told of (-want +got):\n%s", diff)
		}
		_ = end()
	})
}

// TestRunRotatesAgain: after a failure, rotate gets the newest pair.
func TestRunRotatesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		var told events
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
		own := errors.New("the device is away")
		r := rotated{fail: own}
		end := start(t, source, r.rotate)
		m.put(pairJSON("K2", keyB))
		time.Sleep(5*time.Minute + time.Second)
		errs, ids := told.take(), r.take(t)
		if len(errs) == 0 || !errors.Is(errs[0], own) || len(errs) != len(ids) || ids[0] != "K2" {
			t.Errorf("Observe was told %v of %v", errs, ids)
		}
		checkPair(t, source, "K2", keyB)
		if taken := told.takePairs(); len(taken) != 0 {
			t.Errorf("Observe was told that %v was taken", taken)
		}
		m.put(pairJSON("K3", keyC))
		time.Sleep(5 * time.Minute)
		if ids := r.take(t); len(ids) < 2 || ids[len(ids)-1] != "K3" {
			t.Errorf("asked again for %v", ids)
		}
		r.setFail(nil)
		time.Sleep(time.Hour)
		told.take()
		if diff := cmp.Diff([]string{"K3"}, r.take(t)); diff != "" {
			t.Errorf("rotated to (-want +got):\n%s", diff)
		}
		if errs, taken := told.take(), told.takePairs(); len(errs) != 0 || !cmp.Equal(taken, []string{"K3"}) {
			t.Errorf("Observe was told %v, and that %v was taken", errs, taken)
		}
		_ = end()
	})
}

// TestRunRotatesMeanwhile: a pair that comes while another one is taken is not missed.
func TestRunRotatesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		var r rotated
		end := start(t, source, func(ctx context.Context, keyPairID string, key crypto.Signer) error {
			if keyPairID == "K2" {
				m.put(pairJSON("K3", keyC))
				refresh(t, source)
			}
			return r.rotate(ctx, keyPairID, key)
		})
		m.put(pairJSON("K2", keyB))
		refresh(t, source)
		synctest.Wait()
		if diff := cmp.Diff([]string{"K2", "K3"}, r.take(t)); diff != "" {
			t.Errorf("rotated to (-want +got):\n%s", diff)
		}
		_ = end()
	})
}

// TestRunTwice: reads are one after the other, and each signer gets the pair.
func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		var atOnce atomic.Int32
		m.before = func(context.Context) { // which is set before Run begins
			if atOnce.Add(1) > 1 {
				t.Error("two reads at once")
			}
			time.Sleep(20 * time.Second)
			atOnce.Add(-1)
		}
		var a, b rotated
		endA, endB := start(t, source, a.rotate), start(t, source, b.rotate)
		for range 50 {
			go func() { _ = source.Refresh(t.Context()) }() // some end by their timeout
		}
		time.Sleep(time.Minute)
		m.put(pairJSON("K2", keyB))
		time.Sleep(30 * time.Minute)
		for _, r := range []*rotated{&a, &b} {
			if diff := cmp.Diff([]string{"K2"}, r.take(t)); diff != "" {
				t.Errorf("rotated to (-want +got):\n%s", diff)
			}
		}
		_, _ = endA(), endB()
	})
}

// TestRunEnds with its context, at any point, and without an event.
func TestRunEnds(t *testing.T) {
	hang := func(ctx context.Context) { <-ctx.Done() }
	for name, after := range map[string]time.Duration{
		"at once": 0, "while it waits": time.Minute, "while it reads": 5*time.Minute + time.Second, "while it rotates": 5*time.Minute + time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{values: []string{pairJSON("K1", keyA)}}
				var told events
				source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add, Timeout: time.Hour})
				if name == "while it reads" {
					m.before = hang
				}
				m.put(pairJSON("K2", keyB))
				end := start(t, source, func(ctx context.Context, _ string, _ crypto.Signer) error {
					hang(ctx)
					return ctx.Err()
				})
				time.Sleep(after)
				if err := end(); !errors.Is(err, context.Canceled) {
					t.Errorf("Run returned %v", err)
				}
				if errs := told.take(); len(errs) != 0 {
					t.Errorf("Observe was told %v", errs)
				}
			})
		})
	}
}

// TestTimeouts: neither a read nor a signer holds Run up for ever.
func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		var told events
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
		var hangs atomic.Bool
		m.before = func(ctx context.Context) {
			if hangs.Load() {
				<-ctx.Done()
			}
		}
		hangs.Store(true)
		m.put(pairJSON("K2", keyB))
		end := start(t, source, func(ctx context.Context, _ string, _ crypto.Signer) error {
			<-ctx.Done()
			return ctx.Err()
		})
		for range 2 { // first the reads hang, then the signer
			time.Sleep(6 * time.Minute)
			hangs.Store(false)
			errs := told.take()
			if len(errs) == 0 {
				t.Error("Observe was told nothing")
			}
			for _, err := range errs {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			}
		}
		checkPair(t, source, "K2", keyB)
		_ = end()
	})
}

// TestRefreshWaitsNoLonger: a refresh does not wait for another one longer than its caller.
func TestRefreshWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		m.before = func(ctx context.Context) { <-ctx.Done() }
		first := make(chan struct{})
		go func() {
			defer close(first)
			_ = source.Refresh(t.Context())
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := source.Refresh(ctx)
		if waited := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || waited != time.Second {
			t.Errorf("%v after %v", err, waited)
		}
		<-first
		if waited := time.Since(began); waited != 30*time.Second {
			t.Errorf("the first refresh ended after %v", waited)
		}
	})
}

// TestPanics pass, and leave nothing locked.
func TestPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{"text", pairJSON("K1", keyA)}}
		silent := true
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: func(_ context.Context, e awssecrets.Event) {
			if !silent && e.Err != nil {
				panic(e.Err)
			}
		}})
		silent = false
		run := func(rotate func(context.Context, string, crypto.Signer) error) (recovered any) {
			defer func() { recovered = recover() }()
			return source.Run(t.Context(), rotate)
		}
		m.put(pairJSON("K2", keyB))
		if got := run(func(context.Context, string, crypto.Signer) error { panic("rotate") }); got != "rotate" {
			t.Errorf("recovered %v", got)
		}
		own := errors.New("not taken")
		if got, ok := run(func(context.Context, string, crypto.Signer) error { return own }).(error); !ok || !errors.Is(got, own) {
			t.Errorf("recovered %v", got)
		}
		m.before = func(context.Context) { panic("client") }
		if got := run(nil); got != "client" {
			t.Errorf("recovered %v", got)
		}
		m.before = nil
		refresh(t, source)
	})
}

// TestEventsWithoutHook: a secret that cannot be read is not silent without a hook.
func TestEventsWithoutHook(t *testing.T) {
	log := defaultlog.Capture(t)
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
		end := start(t, source, nil)
		time.Sleep(5 * time.Minute)
		if err := end(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
		if got := log.Take(); !strings.HasPrefix(got, `level=ERROR msg="awssecrets: the old key goes on" error=`) {
			t.Errorf("the log: %s", got)
		}
		if err := source.Refresh(t.Context()); err == nil {
			t.Error("no error")
		}
		if err := source.RefreshIfDue(t.Context(), nil); err == nil {
			t.Error("no error")
		}
		if got := log.Take(); got != "" {
			t.Errorf("the caller has the error, and the log says %s", got)
		}
	})
}
