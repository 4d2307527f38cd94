// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/internal/test/defaultlog"
	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// TestShares: a Region that does not answer leaves the others their share of the time. No
// real time passes.
func TestShares(t *testing.T) {
	codes := []string{"us-east-1", "us-west-2", "eu-west-1", "ap-south-1"}
	tests := []struct {
		name, why string
		regions   int
		dead      []int
		options   awskms.Options
		deadline  time.Duration // of the context; 0: none
		want      error
		after     time.Duration
		says      string
	}{
		{"two", "half of the default", 2, []int{0}, awskms.Options{}, 0, nil, 5 * time.Second, ""},
		{"deadline", "half of what the context allows", 2, []int{0}, awskms.Options{}, 2 * time.Second, nil, time.Second, ""},
		{"timeout", "half of it", 2, []int{0}, awskms.Options{Timeout: 4 * time.Second}, time.Minute, nil, 2 * time.Second, ""},
		{"third of three", "a third, and half of the rest", 3, []int{0, 1}, awskms.Options{Timeout: 9 * time.Second}, 0, nil, 6 * time.Second, ""},
		{"four", "a quarter", 4, []int{0}, awskms.Options{Timeout: 8 * time.Second}, 0, nil, 2 * time.Second, ""},
		{"all", "no longer than the timeout", 3, []int{0, 1, 2}, awskms.Options{Timeout: 9 * time.Second}, 0, context.DeadlineExceeded, 9 * time.Second, "within 3s, which is its share of the time"},
		{"all, with a deadline", "no longer than the context", 2, []int{0, 1}, awskms.Options{}, 2 * time.Second, context.DeadlineExceeded, 2 * time.Second, "the context ended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				all := newPlaces("aws", codes[:tt.regions]...)
				key := newReplicated(t, tt.options, all...)
				for _, i := range tt.dead {
					all[i].die()
				}
				ctx, end := context.WithCancel(t.Context())
				defer end()
				if tt.deadline != 0 {
					ctx, end = context.WithTimeout(ctx, tt.deadline)
					defer end()
				}
				began := time.Now()
				signature, err := key.SignContext(ctx, digest, crypto.SHA256)
				checkKind(t, err, tt.want)
				if took := time.Since(began); took != tt.after || (signature == nil) != (tt.want != nil) {
					t.Errorf("%s: %v after %v, want %v", tt.why, err, took, tt.after)
				}
				if err != nil && !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%s: %v, want an error that says %q", tt.why, err, tt.says)
				}
			})
		})
	}
}

// TestSharesOfNew: New does not wait for a dead Region either.
func TestSharesOfNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, seen := two()
		east.die()
		began := time.Now()
		key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
		if took := time.Since(began); took != 5*time.Second || key.ARN() != west.arn {
			t.Errorf("%s after %v", key.ARN(), took)
		}
		if diff := cmp.Diff([]string{"GetPublicKey us-east-1, us-west-2 took over"}, summary(seen.take())); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestCallerEnds: no other Region is asked for a caller that is gone, and the caller's own
// end is no failure of a Region.
func TestCallerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, seen := two()
		key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
		east.die()
		ctx, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, end)
		signature, err := key.SignContext(ctx, digest, crypto.SHA256)
		checkKind(t, err, context.Canceled)
		if signature != nil || west.count() != (requests{}) || len(seen.take()) != 0 {
			t.Errorf("%v, and %+v", err, west.count())
		}
		if took := checkSigns(t, key); took != 5*time.Second {
			t.Errorf("the first Region was not asked first: it took %v", took)
		}
	})
}

// TestCallerEndsLater: the error is the end of the context, and still says what failed.
func TestCallerEndsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, seen := two()
		key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
		east.SetState(east.arn, "Disabled")
		west.die()
		ctx, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, end)
		signature, err := key.SignContext(ctx, digest, crypto.SHA256)
		checkKind(t, err, context.Canceled)
		if signature != nil || err == nil || !strings.Contains(err.Error(), keys.ErrDisabled.Error()) {
			t.Errorf("got %v, want an error that says what failed before", err)
		}
		if diff := cmp.Diff([]string{"Sign us-east-1"}, summary(seen.take())); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestDeadRegionCost counts what a dead first Region costs over a thousand signatures, one
// each 100 milliseconds.
func TestDeadRegionCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, seen := two()
		key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
		east.die()
		var waited time.Duration
		began := time.Now()
		for range 1000 {
			waited += checkSigns(t, key)
			time.Sleep(100 * time.Millisecond)
		}
		// One at the start, and one after each 30 seconds, each with 5 seconds without an
		// answer.
		const probes = 4
		if diff := cmp.Diff([]requests{{1, probes}, {0, 1000}}, []requests{east.count(), west.count()}); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		if waited != probes*5*time.Second || len(seen.take()) != probes {
			t.Errorf("the signatures took %v", waited)
		}
		t.Logf("1,000 signatures in %v: %d requests to the dead Region, which cost %v", time.Since(began), east.count().Sign, waited)
	})
}

// TestProbe: after 30 seconds one operation tries the failing Region, and the others go on
// without it.
func TestProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, seen := two()
		key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
		east.die()
		checkSigns(t, key)
		time.Sleep(30*time.Second - time.Nanosecond)
		if took := checkSigns(t, key); took != 0 {
			t.Errorf("within the pause, a signature took %v", took)
		}
		time.Sleep(time.Nanosecond)
		var mu sync.Mutex
		slow := 0
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if took := checkSigns(t, key); took != 0 {
					mu.Lock()
					defer mu.Unlock()
					slow++
				}
			})
		}
		group.Wait()
		if slow != 1 || east.count().Sign != 2 {
			t.Errorf("%d operations waited, and the failing Region got %d requests", slow, east.count().Sign)
		}
		// It works again: the next probe notices, and it is the first one once more.
		east.live()
		time.Sleep(30 * time.Second)
		before := west.count()
		for range 5 {
			checkSigns(t, key)
		}
		if diff := cmp.Diff(before, west.count()); diff != "" {
			t.Errorf("requests to the replica (-want +got):\n%s", diff)
		}
		want := []string{"Sign us-east-1, us-west-2 took over", "Sign us-east-1, us-west-2 took over", "Sign us-east-1 works again"}
		if diff := cmp.Diff(want, summary(seen.take())); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestCanceledProbe: a caller that ends its probe leaves the next one to another.
func TestCanceledProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, _ := two()
		key := newReplicated(t, awskms.Options{}, east, west)
		east.die()
		checkSigns(t, key)
		time.Sleep(30 * time.Second)
		ctx, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, end)
		_, err := key.SignContext(ctx, digest, crypto.SHA256)
		checkKind(t, err, context.Canceled)
		east.live()
		checkSigns(t, key)
		if got := east.count().Sign; got != 3 {
			t.Errorf("the first Region got %d requests to sign, want 3", got)
		}
	})
}

// A panicking API panics on demand.
type panicking struct {
	awskms.API
	on *bool
}

func (p panicking) Sign(ctx context.Context, input *kms.SignInput, o ...func(*kms.Options)) (*kms.SignOutput, error) {
	if *p.on {
		panic("client")
	}
	return p.API.Sign(ctx, input, o...)
}

// TestPanickingProbe leaves nothing locked.
func TestPanickingProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east, west, _ := two()
		on := false
		key, err := awskms.New(t.Context(), panicking{east.client, &on}, east.id(), awskms.Options{Replicas: []awskms.API{west.client}})
		if err != nil {
			t.Fatal(err)
		}
		east.SetState(east.arn, "Disabled")
		checkSigns(t, key)
		east.SetState(east.arn, "Enabled")
		time.Sleep(30 * time.Second)
		on = true
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_, _ = key.SignContext(t.Context(), digest, crypto.SHA256)
		}()
		on = false
		before := west.count()
		checkSigns(t, key)
		if diff := cmp.Diff(before, west.count()); diff != "" {
			t.Errorf("the first Region was not tried again: requests to the replica (-want +got):\n%s", diff)
		}
	})
}

// TestIsDue also sets the clock back, which synctest cannot.
func TestIsDue(t *testing.T) {
	for _, tt := range []struct {
		why             string
		failing, probed bool
		age             time.Duration
		want            bool
	}{
		{"it works", false, false, 0, true},
		{"it failed just now", true, false, 0, false},
		{"the pause is not over", true, false, 30*time.Second - 1, false},
		{"the pause is over", true, false, 30 * time.Second, true},
		{"another operation tries it", true, true, time.Hour, false},
		{"the process was frozen", true, false, 24 * time.Hour, true},
		{"the clock was set back by a day", true, false, -24 * time.Hour, true},
		{"the clock was set back, and another operation tries it", true, true, -24 * time.Hour, false},
	} {
		if got := awskms.IsDue(tt.failing, tt.probed, tt.age); got != tt.want {
			t.Errorf("%s: got %t", tt.why, got)
		}
	}
}

// TestConcurrentFailover signs from many goroutines over the network, while Regions fail and
// work again.
func TestConcurrentFailover(t *testing.T) {
	east, west, seen := two()
	for _, p := range []*place{east, west} {
		listener := httptest.NewServer(p.server)
		t.Cleanup(listener.Close)
		o := p.client.Options()
		o.BaseEndpoint, o.HTTPClient = &listener.URL, listener.Client()
		p.client = kms.New(o)
	}
	key := newReplicated(t, awskms.Options{Observe: seen.add}, east, west)
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			for j := range 20 {
				if i == 0 { // never both at once
					p := []*place{east, west}[j/2%2]
					p.SetState(p.arn, []string{"Disabled", "Enabled"}[j%2])
				}
				signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
				switch {
				case err == nil && !ecdsa.VerifyASN1(&testkeys.P256().PublicKey, digest, signature):
					t.Error("a wrong signature")
				case err != nil && !errors.Is(err, keys.ErrDisabled):
					t.Error(err) // one operation may meet both while they are disabled, one after the other
				}
			}
		})
	}
	group.Wait()
	checkSigns(t, key)
	if len(seen.take()) == 0 {
		t.Error("no Region failed")
	}
}

// TestEventTexts: what people and logs see of an event.
func TestEventTexts(t *testing.T) {
	failure := errors.New("awskms: Sign mrk-1 in us-east-1: throttled")
	for _, tt := range []struct {
		reason       string
		event        awskms.Event
		text, record string
	}{
		{"took over", awskms.Event{Operation: "Sign", Region: "us-east-1", Err: failure, TookOver: "us-west-2"}, "awskms: Sign mrk-1 in us-east-1: throttled (us-west-2 took over)", "[operation=Sign region=us-east-1 error=awskms: Sign mrk-1 in us-east-1: throttled tookOver=us-west-2]"},
		{"none did", awskms.Event{Operation: "Sign", Region: "us-east-1", Err: failure}, "awskms: Sign mrk-1 in us-east-1: throttled", "[operation=Sign region=us-east-1 error=awskms: Sign mrk-1 in us-east-1: throttled]"},
		{"works again", awskms.Event{Operation: "Sign", Region: "us-east-1"}, "awskms: us-east-1 works again", "[operation=Sign region=us-east-1]"},
	} {
		got := []string{fmt.Sprint(tt.event), fmt.Sprintf("%+v", &tt.event), slog.AnyValue(tt.event).Resolve().String()}
		if diff := cmp.Diff([]string{tt.text, tt.text, tt.record}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// TestNoReplicasNoEvents: without replicas, the caller gets every failure as an error.
func TestNoReplicasNoEvents(t *testing.T) {
	s := newService(t)
	var seen events
	key, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{Observe: seen.add})
	if err != nil {
		t.Fatal(err)
	}
	s.server.Fail(awslocal.KMSSign, attempts, &awslocal.Error{Status: 500, Type: "KMSInternalException"})
	_, err = key.SignContext(t.Context(), digest, crypto.SHA256)
	checkKind(t, err, keys.ErrUnavailable)
	if _, err := key.SignContext(t.Context(), digest, crypto.SHA256); err != nil {
		t.Error(err)
	}
	if all := seen.take(); len(all) != 0 {
		t.Errorf("got %v", all)
	}
}

// TestEventsWithoutHook: a Region that fails is not silent without a hook.
func TestEventsWithoutHook(t *testing.T) {
	log := defaultlog.Capture(t)
	synctest.Test(t, func(t *testing.T) {
		east, west, _ := two()
		key := newReplicated(t, awskms.Options{}, east, west)
		if got := log.Take(); got != "" {
			t.Errorf("the log of a key that works: %s", got)
		}
		east.die()
		checkSigns(t, key)
		if got := log.Take(); !strings.HasPrefix(got, `level=ERROR msg="awskms: another Region had to sign" event.operation=Sign event.region=us-east-1`) {
			t.Errorf("the log of a Region that fails: %s", got)
		}
		west.die()
		if _, err := key.SignContext(t.Context(), digest, crypto.SHA256); err == nil {
			t.Error("a signature without a Region")
		}
		if got := log.Take(); got != "" {
			t.Errorf("the caller has the error, and the log says %s", got)
		}
	})
}
