// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestSteps: a rotation that something else drives. Each step is repeated, as after an
// interruption.
func TestSteps(t *testing.T) {
	s := newSite(t)
	r := s.rotator(t, s.client, s.options)
	first, next := s.store.current.Public(), newKey().Public()
	if _, err := r.Find(t.Context(), next); !errors.Is(err, keys.ErrKeyNotFound) {
		t.Error(err)
	}
	var id string
	for _, step := range []func() error{
		func() (err error) { _, err = r.Clean(t.Context(), first, nil); return err },
		func() (err error) { id, err = r.Register(t.Context(), next, s.store.id); return err },
		func() error { return r.Trust(t.Context(), id, s.store.id) },
		func() error { return r.Wait(t.Context(), id) },
		func() (err error) { _, err = r.Clean(t.Context(), next, nil); return err },
	} {
		for range 2 {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found, err := r.Find(t.Context(), next); err != nil || found != id {
		t.Error(found, err)
	}
	want := account{
		Keys:   map[string]string{"K1": "The first key [cfsign retired 2026-11-29T12:00:00Z]", "K2": "[cfsign replaces K1]"},
		Groups: map[string][]string{"viewers": {"K1", "K2"}},
	}
	if diff := cmp.Diff(want, s.account(t)); diff != "" {
		t.Error(diff)
	}
	s.clock.Add(24 * time.Hour)
	result, err := r.Clean(t.Context(), next, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"remove K1 from the key group (delete the public key where you created it)"}, s.sentences(t, result.Steps)); diff != "" {
		t.Error(diff)
	}
}

// TestCleanKeepsNext: a next key that is registered, but not in the store yet, is not given up.
func TestCleanKeepsNext(t *testing.T) {
	s := newSite(t)
	r := s.rotator(t, s.client, s.options)
	next := newKey().Public()
	id, err := r.Register(t.Context(), next, s.store.id)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := r.Clean(t.Context(), s.store.current.Public(), next); err != nil || len(result.Steps) > 0 {
		t.Error(result.Steps, err)
	}
	// Another process did not know the next key, and retired it. Trust takes the mark away.
	if result, err := r.Clean(t.Context(), s.store.current.Public(), nil); err != nil || len(result.Steps) != 1 || result.Steps[0].Action != keygroup.Retire {
		t.Error(result.Steps, err)
	}
	if err := r.Trust(t.Context(), id, s.store.id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("[cfsign replaces K1]", s.account(t).Keys["K2"]); diff != "" {
		t.Error(diff)
	}
}

// TestRegisterKnownKey: a key that somebody uploaded by hand keeps its ID and its comment.
func TestRegisterKnownKey(t *testing.T) {
	s := newSite(t)
	s.store.next = newKey()
	byHand := s.createKey(t, "uploaded", "Key of December", s.store.next.Public())
	want := []string{
		"add K2 to the key group", "wait until all distributions trust K2", "sign with K2",
		"K1 no longer signs: mark it as retired, and keep it until 2026-11-30T12:00:00Z",
	}
	if diff := cmp.Diff(want, s.rotate(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("Key of December [cfsign replaces K1]", s.account(t).Keys[s.short(byHand)]); diff != "" {
		t.Error(diff)
	}
}
