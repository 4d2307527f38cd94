// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestInterrupted: a rotation that removes, deletes, creates, switches and retires is killed
// before and after every request and every call of the store. A new process goes on, and the
// end is always the same.
func TestInterrupted(t *testing.T) {
	undisturbed, calls := rotateInterrupted(t, 0)
	if calls < 30 {
		t.Fatalf("a rotation makes %d calls", calls)
	}
	for n := 1; n <= 2*calls; n++ {
		got, _ := rotateInterrupted(t, n)
		if diff := cmp.Diff(undisturbed, got); diff != "" {
			t.Errorf("killed at point %d of %d:\n%s", n, 2*calls, diff)
		}
	}
	t.Logf("killed at %d points", 2*calls)
}

// An ending is how a rotation ends.
type ending struct {
	Account account
	Current string
	Created int // key pairs
}

// rotateInterrupted rotates twice, the second time with a process that is killed at point n:
// 2k-1 is before call k, and 2k is after it. It returns the end and the number of calls.
func rotateInterrupted(t *testing.T, n int) (ending, int) {
	t.Helper()
	s := newSite(t)
	s.rotate(t)
	s.clock.Add(25 * time.Hour)
	s.rotate(t)
	s.clock.Add(25 * time.Hour)
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	death := &death{at: n, kill: kill}
	client := newClient(s.url, death)
	_, err := s.rotator(t, client, s.options).Rotate(ctx, &mortal{s.store, death})
	if death.calls*2 < n {
		t.Fatalf("there is no point %d", n)
	}
	if n > 0 && err == nil && n < 2*death.calls {
		t.Fatalf("the process survived point %d", n)
	}
	s.rotate(t)
	a := s.account(t)
	return ending{a, s.short(s.store.id), s.store.created}, death.calls
}

// death kills a process at a point: its requests and its store fail from then on.
type death struct {
	at, calls int
	dead      bool
	kill      context.CancelFunc
}

var errKilled = errors.New("killed")

// reach reports whether the process reaches the next point alive.
func (d *death) reach(point int) bool {
	if d.at > 0 && point >= d.at {
		d.dead = true
		d.kill()
	}
	return !d.dead
}

// call does something that can be interrupted.
func call[T any](d *death, do func() (T, error)) (T, error) {
	var none T
	d.calls++
	if !d.reach(2*d.calls - 1) {
		return none, errKilled
	}
	result, err := do()
	if !d.reach(2 * d.calls) {
		return none, errKilled
	}
	return result, err
}

// RoundTrip is the network.
func (d *death) RoundTrip(r *http.Request) (*http.Response, error) {
	return call(d, func() (*http.Response, error) {
		return http.DefaultTransport.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	})
}

// A mortal is the store of a process that can be killed.
type mortal struct {
	store *memory
	death *death
}

func (m *mortal) Current(ctx context.Context) (crypto.PublicKey, error) {
	return call(m.death, func() (crypto.PublicKey, error) { return m.store.Current(ctx) })
}

func (m *mortal) Next(ctx context.Context) (crypto.PublicKey, error) {
	return call(m.death, func() (crypto.PublicKey, error) { return m.store.Next(ctx) })
}

func (m *mortal) Create(ctx context.Context) (crypto.PublicKey, error) {
	return call(m.death, func() (crypto.PublicKey, error) { return m.store.Create(ctx) })
}

func (m *mortal) Switch(ctx context.Context, next crypto.PublicKey, id string) error {
	_, err := call(m.death, func() (struct{}, error) { return struct{}{}, m.store.Switch(ctx, next, id) })
	return err
}

// TestSwitchedButNotRetired: the only step that nothing but the comment remembers.
func TestSwitchedButNotRetired(t *testing.T) {
	s := newSite(t)
	s.options.MinAge = 0
	s.store.onSwitch = func(_ context.Context, id string, key crypto.Signer) error {
		s.store.current, s.store.next, s.store.id = key, nil, id
		s.store.onSwitch = nil
		return fmt.Errorf("killed after the switch")
	}
	if _, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store); err == nil {
		t.Fatal("the process survived")
	}
	s.clock.Add(time.Hour)
	want := []string{"K1 no longer signs: mark it as retired, and keep it until 2026-11-30T13:00:00Z"}
	if diff := cmp.Diff(want, s.rotate(t)); diff != "" {
		t.Errorf("the rotation is finished, and no other one begins:\n%s", diff)
	}
	if steps := s.rotate(t); len(steps) != 6 {
		t.Errorf("the next call begins another one: %q", steps)
	}
}

// TestSwitchedTwice: a store that was killed in Switch can have the new key as both the
// current and the next one. The rotation is finished, and the key is not taken for a new one.
func TestSwitchedTwice(t *testing.T) {
	s := newSite(t)
	s.rotate(t)
	s.store.next = s.store.current
	if steps := s.rotate(t); len(steps) > 0 {
		t.Errorf("%q", steps)
	}
}

// TestNeverShown: a change that CloudFront accepts and never shows is an error in the end.
func TestNeverShown(t *testing.T) {
	s := newSite(t)
	client := &late{API: s.client, never: true}
	if result, err := s.rotator(t, client, s.options).Rotate(t.Context(), s.store); !errors.Is(err, keys.ErrUnavailable) {
		t.Error(result.Steps, err)
	}
	if s.store.created > 1 {
		t.Errorf("%d key pairs", s.store.created)
	}
}

// TestLateAnswers: CloudFront's answers can be older than its changes. A rotation then takes
// some steps twice, and ends in the same way.
//
// Source: "Values that you specify when you create or update a distribution", section "When
// you create, modify, or delete a CloudFront distribution",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-values-specify.html
func TestLateAnswers(t *testing.T) {
	s := newSite(t)
	client := &late{API: s.client}
	for range 3 {
		if _, err := s.rotator(t, client, s.options).Rotate(t.Context(), s.store); err != nil {
			t.Fatal(err)
		}
		s.account(t) // to know the IDs
		s.clock.Add(25 * time.Hour)
	}
	if _, err := s.rotator(t, client, keygroup.Options{KeepRetired: 24 * time.Hour, MinAge: 1000 * time.Hour, Clock: s.clock.Now, Poll: 1, Settle: -1}).Rotate(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	want := account{
		Keys:   map[string]string{"K1": "The first key [cfsign retired 2026-11-29T12:00:00Z]", "K4": "[cfsign replaces K3]"},
		Groups: map[string][]string{"viewers": {"K4"}},
	}
	if diff := cmp.Diff(want, s.account(t)); diff != "" {
		t.Error(diff)
	}
}

// late answers twice with what it answered before, and then with the truth.
type late struct {
	keygroup.API
	never bool // ListPublicKeys shows no change after there are two keys
	reads int
	keys  *cloudfront.ListPublicKeysOutput
	group *cloudfront.GetKeyGroupOutput
}

func (l *late) ListPublicKeys(ctx context.Context, input *cloudfront.ListPublicKeysInput, o ...func(*cloudfront.Options)) (output *cloudfront.ListPublicKeysOutput, err error) {
	if l.reads++; l.keys == nil || l.reads%3 == 0 && (!l.never || len(l.keys.PublicKeyList.Items) < 2) {
		l.keys, err = l.API.ListPublicKeys(ctx, input, o...)
	}
	return l.keys, err
}

func (l *late) GetKeyGroup(ctx context.Context, input *cloudfront.GetKeyGroupInput, o ...func(*cloudfront.Options)) (output *cloudfront.GetKeyGroupOutput, err error) {
	if l.reads++; l.group == nil || l.reads%3 == 0 {
		l.group, err = l.API.GetKeyGroup(ctx, input, o...)
	}
	return l.group, err
}

// TestCreatesNothingNew: a store that returns the pair again that was given up.
func TestCreatesNothingNew(t *testing.T) {
	s := newSite(t)
	s.store.first = s.store.current
	s.rotate(t)
	s.store.next, s.store.current, s.store.id = s.store.current, s.store.first, s.ids[0]
	s.options.MinAge = 0
	result, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), &stubborn{s.store})
	if err == nil || len(result.Steps) != 3 {
		t.Errorf("%q: %v", s.sentences(t, result.Steps), err)
	}
}

// stubborn is a store whose Create keeps the next pair that it has.
type stubborn struct{ *memory }

func (s *stubborn) Create(ctx context.Context) (crypto.PublicKey, error) { return s.Next(ctx) }
