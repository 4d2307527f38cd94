// SPDX-License-Identifier: Apache-2.0

package awssecrets_test

import (
	"context"
	"crypto"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awssecrets"
)

const hour = time.Hour

// TestRefreshIfDue calls it once after a while, in which the secret got another pair.
func TestRefreshIfDue(t *testing.T) {
	tests := []struct {
		name, why string
		after     time.Duration
		options   awssecrets.Options
		reads     int
		rotated   []string
	}{
		{"at once", "an invocation after the other", 0, awssecrets.Options{}, 0, nil},
		{"young", "the last moment of the interval", 5*time.Minute - 1, awssecrets.Options{}, 0, nil},
		{"old", "the interval is over", 5 * time.Minute, awssecrets.Options{}, 1, []string{"K2"}},
		{"hours", "the process was frozen", 10 * hour, awssecrets.Options{}, 1, []string{"K2"}},
		{"own interval, young", "Options.Interval counts", 2*hour - 1, awssecrets.Options{Interval: 2 * hour}, 0, nil},
		{"own interval, old", "Options.Interval counts", 2 * hour, awssecrets.Options{Interval: 2 * hour}, 1, []string{"K2"}},
		{"clock set back", "the age is unknown", -time.Nanosecond, awssecrets.Options{}, 1, []string{"K2"}},
		{"clock set back far", "the age is unknown", -10 * hour, awssecrets.Options{}, 1, []string{"K2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{values: []string{pairJSON("K1", keyA)}}
			var told events
			tt.options.Observe = told.add
			source := newSource(t, awssecrets.Secret(m, secretName), tt.options)
			now := setClock(source)
			refresh(t, source)
			m.takeReads()
			m.put(pairJSON("K2", keyB))
			*now = now.Add(tt.after)
			var r rotated
			for range 3 { // the second and third have nothing to do
				if err := source.RefreshIfDue(t.Context(), r.rotate); err != nil {
					t.Errorf("%s: %v", tt.why, err)
				}
			}
			if reads := len(m.takeReads()); reads != tt.reads {
				t.Errorf("%s: %d reads, want %d", tt.why, reads, tt.reads)
			}
			if diff := cmp.Diff(tt.rotated, r.take(t)); diff != "" {
				t.Errorf("%s: rotated to (-want +got):\n%s", tt.why, diff)
			}
			if diff := cmp.Diff(tt.rotated, told.takePairs()); diff != "" {
				t.Errorf("%s: Observe was told of (-want +got):\n%s", tt.why, diff)
			}
		})
	}
}

// setClock gives a source a clock, and returns its time to be changed.
func setClock(source *awssecrets.Source) *time.Time {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	source.SetClock(func() time.Time { return now })
	return &now
}

// frozen returns the time after d, in which the monotonic clock stood still.
func frozen(t *testing.T, at time.Time, d time.Duration) time.Time {
	t.Helper()
	later := at.Add(d)
	monotonic := func(at *time.Time) *int64 { return (*int64)(unsafe.Add(unsafe.Pointer(at), 8)) }
	*monotonic(&later) = *monotonic(&at)
	if later.Sub(at) != 0 || later.Round(0).Sub(at.Round(0)) != d {
		t.Fatal("package time keeps the monotonic clock elsewhere now")
	}
	return later
}

// TestFrozenClock: the age of a read, and the time of the next try, are those of the wall
// clock.
func TestFrozenClock(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	now := time.Now() // with a monotonic clock
	source.SetClock(func() time.Time { return now })
	refresh(t, source)
	m.put(pairJSON("K2", keyB))
	now = frozen(t, now, 3*hour)
	m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
	checkOnly(t, source.RefreshIfDue(t.Context(), nil), keys.ErrThrottled)
	m.setFail(nil)
	now = frozen(t, now, 10*time.Second)
	if err := source.RefreshIfDue(t.Context(), nil); err != nil {
		t.Error(err)
	}
	checkPair(t, source, "K2", keyB)
}

// TestDueAge: the age of a read counts from its start, when the secret was what it says.
func TestDueAge(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	now := setClock(source)
	m.before = func(context.Context) { *now = now.Add(2 * time.Minute) }
	refresh(t, source)
	m.before = nil
	m.takeReads()
	*now = now.Add(3 * time.Minute)
	if err := source.RefreshIfDue(t.Context(), nil); err != nil || len(m.takeReads()) != 1 {
		t.Errorf("not read again: %v", err)
	}
}

// TestDueBacksOff calls it each second for an hour, while Secrets Manager fails.
func TestDueBacksOff(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	var told events
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
	now := setClock(source)
	refresh(t, source)
	m.takeReads()
	*now = now.Add(10 * hour)
	m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
	last, reads := *now, 0
	longest := []time.Duration{0, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second}
	for range 3600 {
		checkOnly(t, source.RefreshIfDue(t.Context(), nil), keys.ErrThrottled)
		if len(m.takeReads()) > 0 {
			most := 5 * time.Minute
			if reads < len(longest) {
				most = longest[reads]
			}
			if waited := now.Sub(last); waited > most+time.Second || waited < most/2 {
				t.Errorf("read %d came after %v, want at most %v and at least half of it", reads, waited, most)
			}
			last = *now
			reads++
		}
		*now = now.Add(time.Second)
	}
	if errs := told.take(); len(errs) != reads || reads < 12 || reads > 30 {
		t.Errorf("%d reads, and Observe was told %d errors", reads, len(errs))
	}
	checkPair(t, source, "K1", keyA)

	// The clock is set back: the next try is due, and it succeeds.
	m.setFail(nil)
	*now = last.Add(-time.Second)
	if err := source.RefreshIfDue(t.Context(), nil); err != nil {
		t.Error(err)
	}
	// A later failure is a first one again.
	m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
	*now = now.Add(hour)
	checkOnly(t, source.RefreshIfDue(t.Context(), nil), keys.ErrThrottled)
	m.setFail(nil)
	*now = now.Add(10 * time.Second)
	if err := source.RefreshIfDue(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestDueError says when the next try is due.
func TestDueError(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	now := setClock(source)
	m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
	first := source.RefreshIfDue(t.Context(), nil) // New read it by another clock
	*now = now.Add(2 * time.Second)
	second := source.RefreshIfDue(t.Context(), nil)
	checkOnly(t, second, keys.ErrThrottled)
	if !strings.HasPrefix(second.Error(), first.Error()) || !strings.Contains(second.Error(), "this was 2s ago, and the next try is due in ") {
		t.Errorf("got %v after %v", second, first)
	}
}

// TestDueBudget: a Secrets Manager that does not answer takes half of an invocation, once.
func TestDueBudget(t *testing.T) {
	for _, tt := range []struct {
		name     string
		options  awssecrets.Options
		deadline time.Duration // 0: none
		want     time.Duration
	}{
		{"half of the invocation", awssecrets.Options{}, 3 * time.Second, 1500 * time.Millisecond},
		{"no longer than the timeout", awssecrets.Options{Timeout: 2 * time.Second}, time.Minute, 2 * time.Second},
		{"no deadline", awssecrets.Options{}, 0, 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{values: []string{pairJSON("K1", keyA)}}
				var told events
				tt.options.Observe = told.add
				source := newSource(t, awssecrets.Secret(m, secretName), tt.options)
				time.Sleep(10 * hour)
				m.before = func(ctx context.Context) { <-ctx.Done(); m.setFail(ctx.Err()) }
				for i, want := range []time.Duration{tt.want, 0} {
					ctx, cancel := context.WithCancel(t.Context())
					if tt.deadline != 0 {
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					}
					began := time.Now()
					err := source.RefreshIfDue(ctx, nil)
					if took := time.Since(began); took != want || ctx.Err() != nil {
						t.Errorf("invocation %d: it took %v, want %v; the context: %v", i, took, want, ctx.Err())
					}
					checkOnly(t, err, context.DeadlineExceeded)
					cancel()
				}
				if errs := told.take(); len(errs) != 1 {
					t.Errorf("Observe was told %v", errs)
				}
			})
		})
	}
}

// TestDueRotateBudget: rotate has the rest of the half.
func TestDueRotateBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		m.put(pairJSON("K2", keyB))
		time.Sleep(10 * hour)
		m.before = func(context.Context) { time.Sleep(time.Second) }
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		err := source.RefreshIfDue(ctx, func(ctx context.Context, _ string, _ crypto.Signer) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if took := time.Since(began); took != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// TestDueCallerEnds: the end of an invocation is no failure of Secrets Manager, so the next
// invocation tries again.
func TestDueCallerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		var told events
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
		m.put(pairJSON("K2", keyB))
		time.Sleep(10 * hour)
		m.before = func(ctx context.Context) { <-ctx.Done(); m.setFail(ctx.Err()) }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		checkOnly(t, source.RefreshIfDue(ctx, nil), context.Canceled)
		checkOnly(t, source.RefreshIfDue(ctx, nil), context.Canceled) // it has ended before
		if errs := told.take(); len(errs) != 0 {
			t.Errorf("Observe was told %v", errs)
		}
		m.before = nil
		m.setFail(nil)
		if err := source.RefreshIfDue(t.Context(), nil); err != nil {
			t.Error(err)
		}
		checkPair(t, source, "K2", keyB)
	})
}

// TestDueOnce: of many concurrent callers one reads. The others wait if the pair is very
// old, and otherwise go on.
func TestDueOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration
		wait  time.Duration // of the others
	}{
		{"just due", 5 * time.Minute, 0},
		{"nearly two intervals", 10*time.Minute - 1, 0},
		{"two intervals", 10 * time.Minute, time.Second},
		{"frozen for hours", 10 * hour, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{values: []string{pairJSON("K1", keyA)}}
				source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
				m.takeReads()
				m.put(pairJSON("K2", keyB))
				time.Sleep(tt.after)
				var mu sync.Mutex
				took := map[time.Duration]int{}
				m.before = func(context.Context) { time.Sleep(500 * time.Millisecond) } // AWSCURRENT, and AWSPREVIOUS
				var r rotated
				var group sync.WaitGroup
				for range 100 {
					group.Go(func() {
						began := time.Now()
						if err := source.RefreshIfDue(t.Context(), r.rotate); err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						took[time.Since(began)]++
					})
				}
				group.Wait()
				want := map[time.Duration]int{time.Second: 1}
				want[tt.wait] += 99
				if diff := cmp.Diff(want, took); diff != "" {
					t.Errorf("durations (-want +got):\n%s", diff)
				}
				if reads := len(m.takeReads()); reads != 1 {
					t.Errorf("%d reads", reads)
				}
				if diff := cmp.Diff([]string{"K2"}, r.take(t)); diff != "" {
					t.Errorf("rotated to (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestDueWaits: a caller waits no longer than half of its own time, and takes over from a
// caller that gives up.
func TestDueWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{values: []string{pairJSON("K1", keyA)}}
		source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
		m.takeReads()
		m.put(pairJSON("K2", keyB))
		time.Sleep(10 * hour)
		m.before = func(ctx context.Context) {
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Second):
			}
		}
		began := time.Now()
		var group sync.WaitGroup
		first, giveUp := context.WithCancel(t.Context())
		group.Go(func() { _ = source.RefreshIfDue(first, nil) })
		synctest.Wait()
		group.Go(func() {
			short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := source.RefreshIfDue(short, nil)
			if waited := time.Since(began); waited != time.Second || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "another goroutine") {
				t.Errorf("%v after %v", err, waited)
			}
		})
		group.Go(func() {
			if err := source.RefreshIfDue(t.Context(), nil); err != nil {
				t.Error(err)
			}
			checkPair(t, source, "K2", keyB)
		})
		time.Sleep(3 * time.Second)
		m.setFail(context.Canceled)
		giveUp()
		synctest.Wait()
		m.setFail(nil)
		group.Wait()
		if reads := len(m.takeReads()); reads != 2 {
			t.Errorf("%d reads", reads)
		}
	})
}

// TestDueRotates: rotate gets what another method found, and gets it again after a failure.
func TestDueRotates(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	var told events
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{Observe: told.add})
	now := setClock(source)
	m.put(pairJSON("K2", keyB))
	refresh(t, source)
	m.takeReads()
	own := errors.New("the device is away")
	r := rotated{fail: own}
	for range 2 { // the second one is not due
		if err := source.RefreshIfDue(t.Context(), r.rotate); !errors.Is(err, own) {
			t.Errorf("got %v", err)
		}
	}
	if diff := cmp.Diff([]string{"K2"}, r.take(t)); diff != "" {
		t.Errorf("rotated to (-want +got):\n%s", diff)
	}
	if errs := told.take(); len(errs) != 1 || !errors.Is(errs[0], own) {
		t.Errorf("Observe was told %v", errs)
	}
	r.setFail(nil)
	*now = now.Add(10 * time.Second)
	if err := source.RefreshIfDue(t.Context(), r.rotate); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([][]string{{"K2"}, {"K2"}}, [][]string{r.take(t), told.takePairs()}); diff != "" {
		t.Errorf("rotated to, and told (-want +got):\n%s", diff)
	}
	if reads := len(m.takeReads()); reads != 0 {
		t.Errorf("%d reads of a secret that was just read", reads)
	}
	// A pair that Refresh found is passed on even while Secrets Manager fails.
	m.put(pairJSON("K3", keyC))
	refresh(t, source)
	m.setFail(&smithy.GenericAPIError{Code: "ThrottlingException"})
	*now = now.Add(hour)
	checkOnly(t, source.RefreshIfDue(t.Context(), r.rotate), keys.ErrThrottled)
	if diff := cmp.Diff([]string{"K3"}, r.take(t)); diff != "" {
		t.Errorf("rotated to (-want +got):\n%s", diff)
	}
}

// TestDueTwoRotationsLate: a pair that is two rotations old is replaced, too.
func TestDueTwoRotationsLate(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	now := setClock(source)
	m.put(pairJSON("K2", keyB))
	m.put(pairJSON("K3", keyC))
	*now = now.Add(48 * hour)
	var r rotated
	if err := source.RefreshIfDue(t.Context(), r.rotate); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"K3"}, r.take(t)); diff != "" {
		t.Errorf("rotated to (-want +got):\n%s", diff)
	}
	checkPair(t, source, "K3", keyC)
}

// TestDuePanics pass, and leave nothing locked.
func TestDuePanics(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	m.put(pairJSON("K2", keyB))
	now := setClock(source)
	*now = now.Add(48 * hour)
	func() {
		defer func() {
			if recover() != "rotate" {
				t.Error("the panic is lost")
			}
		}()
		_ = source.RefreshIfDue(t.Context(), func(context.Context, string, crypto.Signer) error { panic("rotate") })
	}()
	var r rotated
	if err := source.RefreshIfDue(t.Context(), r.rotate); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"K2"}, r.take(t)); diff != "" {
		t.Errorf("rotated to (-want +got):\n%s", diff)
	}
}

// TestDueKilledServer: the server ends, and the pair stays.
func TestDueKilledServer(t *testing.T) {
	server := &awslocal.Server{}
	awslocal.NewSecrets(server).Put(secretName, pairJSON("K1", keyA))
	listener := httptest.NewServer(server)
	client := secretsmanager.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &listener.URL, Credentials: aws.CredentialsProviderFunc(credentials), RetryMaxAttempts: 1,
	})
	source := newSource(t, awssecrets.Secret(client, secretName), awssecrets.Options{})
	now := setClock(source)
	listener.Close()
	*now = now.Add(48 * hour)
	for range 2 {
		checkOnly(t, source.RefreshIfDue(t.Context(), nil), keys.ErrUnavailable)
	}
	checkPair(t, source, "K1", keyA)
}

// TestDueConcurrently runs with everything else that can read, over the network.
func TestDueConcurrently(t *testing.T) {
	l := newLocal(t, 1)
	l.secrets.Put(secretName, pairJSON("K1", keyA))
	source := newSource(t, l.secret(), awssecrets.Options{Interval: time.Second})
	var mu sync.Mutex
	now := time.Now()
	source.SetClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(50 * time.Millisecond)
		return now
	})
	start(t, source, nil)
	l.secrets.Put(secretName, pairJSON("K2", keyB))
	var r rotated
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if err := source.RefreshIfDue(t.Context(), r.rotate); err != nil {
					t.Error(err)
				}
				_, _ = source.Pair()
			}
		})
	}
	group.Go(func() { refresh(t, source) })
	group.Wait()
	if diff := cmp.Diff([]string{"K2"}, r.take(t)); diff != "" {
		t.Errorf("rotated to (-want +got):\n%s", diff)
	}
}

// TestDueCostsNothing if nothing is due.
func TestDueCostsNothing(t *testing.T) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(t, awssecrets.Secret(m, secretName), awssecrets.Options{})
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { _ = source.RefreshIfDue(ctx, nil) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkRefreshIfDue(b *testing.B) {
	m := &memory{values: []string{pairJSON("K1", keyA)}}
	source := newSource(b, awssecrets.Secret(m, secretName), awssecrets.Options{Interval: 1000 * hour})
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if err := source.RefreshIfDue(b.Context(), nil); err != nil {
				b.Error(err)
			}
		}
	})
}
