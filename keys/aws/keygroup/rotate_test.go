// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestRotate: three rotations. Each plan names the steps that the rotation takes.
func TestRotate(t *testing.T) {
	s := newSite(t)
	for _, test := range []struct {
		name, why string
		wait      time.Duration // before
		steps     []string
		account   account
	}{
		{
			name: "first", why: "the key in use was created by hand",
			steps: []string{
				"create the next key pair",
				"create the public key at CloudFront",
				"add K2 to the key group",
				"wait until all distributions trust K2",
				"sign with K2",
				"K1 no longer signs: mark it as retired, and keep it until 2026-11-30T12:00:00Z",
			},
			account: account{
				Keys:   map[string]string{"K1": "The first key [cfsign retired 2026-11-29T12:00:00Z]", "K2": "[cfsign replaces K1]"},
				Groups: map[string][]string{"viewers": {"K1", "K2"}},
			},
		},
		{
			name: "too soon", why: "a job can run more often than MinAge", wait: 59 * time.Minute,
			steps: []string{},
			account: account{
				Keys:   map[string]string{"K1": "The first key [cfsign retired 2026-11-29T12:00:00Z]", "K2": "[cfsign replaces K1]"},
				Groups: map[string][]string{"viewers": {"K1", "K2"}},
			},
		},
		{
			name: "second", why: "what K1 signed has expired; its public key belongs to the person who created it", wait: 24 * time.Hour,
			steps: []string{
				"remove K1 from the key group (delete the public key where you created it)",
				"create the next key pair",
				"create the public key at CloudFront",
				"add K3 to the key group",
				"wait until all distributions trust K3",
				"sign with K3",
				"K2 no longer signs: mark it as retired, and keep it until 2026-12-01T12:59:00Z",
			},
			account: account{
				Keys: map[string]string{
					"K1": "The first key [cfsign retired 2026-11-29T12:00:00Z]",
					"K2": "[cfsign retired 2026-11-30T12:59:00Z]", "K3": "[cfsign replaces K2]",
				},
				Groups: map[string][]string{"viewers": {"K2", "K3"}},
			},
		},
		{
			name: "third", why: "the Rotator deletes what it created", wait: 48 * time.Hour,
			steps: []string{
				"remove K2 from the key group",
				"delete the public key K2",
				"create the next key pair",
				"create the public key at CloudFront",
				"add K4 to the key group",
				"wait until all distributions trust K4",
				"sign with K4",
				"K3 no longer signs: mark it as retired, and keep it until 2026-12-03T12:59:00Z",
			},
			account: account{
				Keys: map[string]string{
					"K1": "The first key [cfsign retired 2026-11-29T12:00:00Z]",
					"K3": "[cfsign retired 2026-12-02T12:59:00Z]", "K4": "[cfsign replaces K3]",
				},
				Groups: map[string][]string{"viewers": {"K3", "K4"}},
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.clock.Add(test.wait)
			plan, err := s.rotator(t, s.client, s.options).Plan(t.Context(), s.store)
			if err != nil {
				t.Fatal(err)
			}
			before := s.account(t)
			planned := s.sentences(t, plan)
			if diff := cmp.Diff(before, s.account(t)); diff != "" {
				t.Error("a plan changes CloudFront:", diff)
			}
			steps := s.rotate(t)
			if diff := cmp.Diff(test.steps, steps); diff != "" {
				t.Errorf("%s: the steps:\n%s", test.why, diff)
			}
			if diff := cmp.Diff(test.account, s.account(t)); diff != "" {
				t.Errorf("%s: CloudFront:\n%s", test.why, diff)
			}
			for i := range planned { // the plan does not know the ID of a key to come
				planned[i] = strings.ReplaceAll(planned[i], "the new key", s.short(s.store.id))
			}
			if diff := cmp.Diff(steps, planned); diff != "" {
				t.Errorf("the plan: %s", diff)
			}
		})
	}
}

// TestKeeps: keys that must not be removed, or not yet.
func TestKeeps(t *testing.T) {
	later := 30 * time.Hour // KeepRetired has passed
	tests := []struct {
		name, why string
		prepare   func(t *testing.T, s *site)
		steps     []string
	}{
		{
			"in use", "a process still names the key in RetiredKeys",
			func(_ *testing.T, s *site) {
				s.options.InUse = func(context.Context) ([]string, error) { return []string{s.ids[0]}, nil }
			},
			[]string{},
		},
		{
			"no time", "without KeepRetired, nothing is removed",
			func(_ *testing.T, s *site) { s.options.KeepRetired = 0 },
			[]string{},
		},
		{
			"another group", "its distributions still trust the key",
			func(t *testing.T, s *site) { s.createGroup(t, "downloads", s.ids[0]) },
			[]string{"remove K1 from the key group (the key group GROUP still has it)"},
		},
		{
			"back again", "somebody went back to the first key, so it is not retired, and the second key was given up",
			func(_ *testing.T, s *site) {
				s.store.current, s.store.id = s.store.first, s.ids[0]
			},
			[]string{
				"K1 signs again: remove its mark",
				"K2 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z",
			},
		},
		{
			"back again, and the store still has the other key as the next one", "switching to it would undo that",
			func(_ *testing.T, s *site) {
				s.store.next = s.store.current
				s.store.current, s.store.id = s.store.first, s.ids[0]
			},
			[]string{
				"K2 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z",
				"K1 signs again: remove its mark",
			},
		},
		{
			"back again long ago, and the store still has the other key as the next one", "without its public key it would pass for a new one",
			func(t *testing.T, s *site) {
				s.store.next = s.store.current
				s.store.current, s.store.id = s.store.first, s.ids[0]
				s.rotate(t)
				s.clock.Add(30 * time.Hour)
			},
			[]string{"remove K2 from the key group (its public key stays while the store has it as its next key)"},
		},
		{
			"another key by hand, and the store still has the former one as the next one", "switching to it would undo that",
			func(t *testing.T, s *site) {
				s.store.next, s.store.current = s.store.current, newKey()
				s.store.id = s.createKey(t, "by-hand-again", "", s.store.current.Public())
				s.setItems(t, s.keyGroup, s.ids[0], s.ids[1], s.store.id)
			},
			[]string{
				"K2 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z",
				"remove K1 from the key group (delete the public key where you created it)",
			},
		},
		{
			"the same, and the key before is gone", "its retirement is as sure",
			func(t *testing.T, s *site) {
				s.store.next, s.store.current = s.store.current, newKey()
				s.store.id = s.createKey(t, "by-hand-again", "", s.store.current.Public())
				s.setItems(t, s.keyGroup, s.ids[1], s.store.id)
				s.deleteKey(t, s.ids[0])
			},
			[]string{"K2 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z"},
		},
		{
			"another rotation's", "its marks are none of this one's business",
			func(t *testing.T, s *site) {
				first := s.createKey(t, "cfsign-0123456789abcdef", "[cfsign billing: retired 2026-11-29T12:00:00Z]", newKey().Public())
				second := s.createKey(t, "cfsign-fedcba9876543210", "[cfsign billing: replaces "+s.ids[1]+"]", newKey().Public())
				s.setItems(t, s.keyGroup, s.ids[1], first, second)
			},
			[]string{},
		},
		{
			"no permission to delete", "the rotation goes on without it",
			func(t *testing.T, s *site) {
				s.setItems(t, s.keyGroup, s.ids[1])
				s.createKey(t, "cfsign-0123456789abcdef", "[cfsign retired 2026-11-29T12:00:00Z]", newKey().Public())
				s.server.Fail("DeletePublicKey", 100, &awslocal.Error{Status: 403, Type: "AccessDenied", Message: "not authorized"})
			},
			[]string{"delete the public key K3 (it stays, because the permission cloudfront:DeletePublicKey is missing)"},
		},
		{
			"edited", "a person changed the comment, so the key is not known as retired",
			func(t *testing.T, s *site) { s.setComment(t, s.ids[0], "my key [cfsign retired never]") },
			[]string{"K1 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z"},
		},
		{
			"somebody else's", "a key that no store has signed with is none of the Rotator's business",
			func(t *testing.T, s *site) {
				id := s.createKey(t, "cfsign-0123456789abcdef", "[cfsign replaces K0000000000999]", newKey().Public())
				s.setItems(t, s.keyGroup, s.ids[0], s.ids[1], id)
			},
			[]string{"remove K1 from the key group (delete the public key where you created it)"},
		},
		{
			"field-level encryption", "CloudFront keeps what something else uses",
			func(t *testing.T, s *site) {
				s.setItems(t, s.keyGroup, s.ids[1])
				s.createKey(t, "cfsign-0123456789abcdef", "[cfsign retired 2026-11-29T12:00:00Z]", newKey().Public())
				s.server.Fail("DeletePublicKey", 1, &awslocal.Error{Status: 409, Type: "PublicKeyInUse", Message: "in use"})
			},
			[]string{"delete the public key K3 (something else uses it, so CloudFront keeps it)"},
		},
		{
			"gone", "somebody else was faster",
			func(t *testing.T, s *site) {
				s.setItems(t, s.keyGroup, s.ids[1])
				s.createKey(t, "cfsign-0123456789abcdef", "[cfsign retired 2026-11-29T12:00:00Z]", newKey().Public())
				s.server.Fail("DeletePublicKey", 1, &awslocal.Error{Status: 404, Type: "NoSuchPublicKey", Message: "gone"})
			},
			[]string{"delete the public key K3"},
		},
		{
			"given up", "a next key that the store has lost was never used, or is no longer: it has its time, too",
			func(t *testing.T, s *site) {
				id := s.createKey(t, "cfsign-0123456789abcdef", "[cfsign replaces "+s.ids[1]+"]", newKey().Public())
				s.setItems(t, s.keyGroup, s.ids[0], s.ids[1], id)
			},
			[]string{
				"K3 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z",
				"remove K1 from the key group (delete the public key where you created it)",
			},
		},
		{
			"given up earlier", "it was to replace the key before the current one",
			func(t *testing.T, s *site) {
				s.setItems(t, s.keyGroup, s.ids[1])
				s.createKey(t, "cfsign-0123456789abcdef", "[cfsign replaces "+s.ids[0]+"]", newKey().Public())
			},
			[]string{"K3 no longer signs: mark it as retired, and keep it until 2026-12-01T18:00:00Z"},
		},
		{
			"made, and in another group", "CloudFront would not delete it",
			func(t *testing.T, s *site) {
				id := s.createKey(t, "cfsign-0123456789abcdef", "[cfsign retired 2026-11-29T12:00:00Z]", newKey().Public())
				s.createGroup(t, "downloads", id)
				s.setItems(t, s.keyGroup, s.ids[1], id)
			},
			[]string{"remove K3 from the key group (the key group GROUP still has it)"},
		},
		{
			"the store lost its key", "without a current key, something is wrong, so nothing is removed",
			func(_ *testing.T, s *site) { s.store.current, s.store.id = nil, "" },
			[]string{
				"create the next key pair", "create the public key at CloudFront", "add K3 to the key group",
				"wait until all distributions trust K3", "sign with K3",
				"remove K1 from the key group (delete the public key where you created it)",
			},
		},
		{
			"one key with two IDs", "both belong to the key that signs",
			func(t *testing.T, s *site) {
				id := s.createKey(t, "again", "[cfsign retired 2026-11-29T12:00:00Z]", s.store.current.Public())
				s.setItems(t, s.keyGroup, s.ids[1], id)
			},
			[]string{"K3 signs again: remove its mark"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			s.store.first = s.store.current
			s.rotate(t)
			s.account(t)
			s.clock.Add(later)
			s.options.MinAge = 100 * time.Hour
			test.prepare(t, s)
			plan, err := s.rotator(t, s.client, s.options).Plan(t.Context(), s.store)
			if err != nil {
				t.Fatal(err)
			}
			result, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(actions(plan), actions(result.Steps)); diff != "" {
				t.Errorf("the plan:\n%s", diff)
			}
			steps := s.sentences(t, result.Steps)
			for i := range steps {
				steps[i] = groupID.ReplaceAllString(steps[i], "GROUP")
			}
			if diff := cmp.Diff(test.steps, steps); diff != "" {
				t.Errorf("%s:\n%s", test.why, diff)
			}
		})
	}
}

func actions(steps []keygroup.Step) []keygroup.Action {
	var all []keygroup.Action
	for _, s := range steps {
		all = append(all, s.Action)
	}
	return all
}

// TestRefuses: what a rotation does not begin, or cannot go on with.
func TestRefuses(t *testing.T) {
	own := errors.New("the vault is sealed")
	tests := []struct {
		name, why string
		prepare   func(t *testing.T, s *site)
		is        error // nil: any
		text      string
		created   int // key pairs
	}{
		{
			"another group", "its distributions would refuse the new key",
			func(t *testing.T, s *site) { s.createGroup(t, "downloads", s.store.id) },
			nil, "is also in the key group", 0,
		},
		{
			"not trusted", "the wrong group, or a key that viewers are refused with already",
			func(_ *testing.T, s *site) { s.store.generate(); s.store.current, s.store.next = s.store.next, nil },
			keygroup.ErrNotTrusted, "the key that signs now is not trusted by the key group", 0,
		},
		{
			"uploaded, and not trusted", "CloudFront has the key, and the group does not",
			func(t *testing.T, s *site) {
				s.setItems(t, s.keyGroup, s.createKey(t, "other", "", newKey().Public()))
			},
			keygroup.ErrNotTrusted, "the key that signs now is not trusted by the key group", 0,
		},
		{
			"no such group", "the name of the group for its ID",
			func(_ *testing.T, s *site) { s.keyGroup = "viewers" },
			nil, "there is no key group viewers in this account: write the ID of the key group, not its name", 0,
		},
		{
			"full group", "CloudFront allows five keys",
			func(t *testing.T, s *site) {
				ids := []string{s.store.id}
				for _, name := range []string{"", "", "billing: ", ""} {
					ids = append(ids, s.createKey(t, "key"+strconv.Itoa(len(ids)), "[cfsign "+name+"retired 2026-11-29T11:00:00Z]", newKey().Public()))
				}
				s.setItems(t, s.keyGroup, ids...)
				s.account(t)
			},
			keygroup.ErrFull, "It has K1 (signs now), K2 (retired, and kept until 2026-11-30T11:00:00Z), K3 (retired, and kept until 2026-11-30T11:00:00Z), K4 (retired by another rotation), K5", 1,
		},
		{
			"full group of keys in use", "nobody should remove them",
			func(t *testing.T, s *site) {
				ids := []string{s.store.id}
				for _, name := range []string{"a", "b", "c", "d"} {
					ids = append(ids, s.createKey(t, name, "[cfsign retired 2026-10-29T11:00:00Z]", newKey().Public()))
				}
				s.options.InUse = func(context.Context) ([]string, error) { return ids[1:], nil }
				s.setItems(t, s.keyGroup, ids...)
				s.account(t)
			},
			keygroup.ErrFull, "K2 (in use), K3 (in use)", 1,
		},
		{
			"full account", "CloudFront allows ten public keys",
			func(_ *testing.T, s *site) { s.cloudFront.SetQuotas(awslocal.Quotas{PublicKeys: 1}) },
			keygroup.ErrFull, "delete public keys that no key group uses", 1,
		},
		{
			"conflict", "somebody else changes the group all the time",
			func(_ *testing.T, s *site) {
				s.server.Fail("UpdateKeyGroup", 100, &awslocal.Error{Status: 412, Type: "PreconditionFailed", Message: "stale"})
			},
			keygroup.ErrConflict, "the key group", 1,
		},
		{
			"denied", "a permission is missing",
			func(_ *testing.T, s *site) {
				s.server.Fail("CreatePublicKey", 1, &awslocal.Error{Status: 403, Type: "AccessDenied", Message: "not authorized to perform: cloudfront:CreatePublicKey"})
			},
			keys.ErrAccessDenied, "cloudfront:CreatePublicKey", 1,
		},
		{
			"throttled", "the SDK has given up",
			func(_ *testing.T, s *site) {
				s.server.Fail("ListPublicKeys", 1, &awslocal.Error{Status: 400, Type: "Throttling", Message: "Rate exceeded"})
			},
			keys.ErrThrottled, "ListPublicKeys", 0,
		},
		{
			"unreadable", "an answer without the key group",
			func(_ *testing.T, s *site) {
				s.server.Answer("ListKeyGroups", 1, 200, `<KeyGroupList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Items><KeyGroupSummary/></Items></KeyGroupList>`)
			},
			keys.ErrUnavailable, "the answer is incomplete", 0,
		},
		{
			"the store", "its errors are returned as they are",
			func(_ *testing.T, s *site) {
				s.store.onSwitch = func(context.Context, string, crypto.Signer) error { return own }
			},
			own, "the vault is sealed", 1,
		},
		{
			"in use", "nobody knows what is in use",
			func(_ *testing.T, s *site) {
				s.options.InUse = func(context.Context) ([]string, error) { return nil, own }
			},
			own, "Options.InUse", 0,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			s.account(t)
			test.prepare(t, s)
			result, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store)
			if err == nil {
				t.Fatalf("%s: %v", test.why, result.Steps)
			}
			if text := s.short(err.Error()); test.is != nil && !errors.Is(err, test.is) || !strings.Contains(text, test.text) {
				t.Errorf("%s: %s", test.why, text)
			}
			if s.store.created != test.created {
				t.Errorf("%s: %d key pairs were created", test.why, s.store.created)
			}
		})
	}
}

// TestContext: a rotation ends with its context, and says so.
func TestContext(t *testing.T) {
	s := newSite(t)
	s.cloudFront.SetDelay(awslocal.ByHand)
	ctx, cancel := context.WithCancelCause(t.Context())
	s.options.Observe = func(_ context.Context, step keygroup.Step) {
		if step.Action == keygroup.Wait {
			cancel(nil)
		}
	}
	result, err := s.rotator(t, s.client, s.options).Rotate(ctx, s.store)
	if !errors.Is(err, context.Canceled) || result.KeyPairID != s.store.id {
		t.Errorf("%v %v", result, err)
	}
}

// TestConflict: what somebody else writes at the same time is not lost.
func TestConflict(t *testing.T) {
	s := newSite(t)
	id := s.createKey(t, "somebody-else", "", newKey().Public())
	done := false
	s.options.Observe = func(_ context.Context, step keygroup.Step) {
		if step.Action == keygroup.Register && !done {
			done = true
			s.server.Fail("UpdateKeyGroup", 1, &awslocal.Error{Status: 412, Type: "PreconditionFailed", Message: "stale"})
		}
	}
	client := &before{API: s.client, update: func(attempt int) {
		if attempt == 2 {
			s.setItems(t, s.keyGroup, s.ids[0], id)
		}
	}}
	s.account(t)
	if _, err := s.rotator(t, client, s.options).Rotate(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"K1", "K2", "K3"}, s.account(t).Groups["viewers"]); diff != "" {
		t.Error(diff)
	}
}

// before calls a function before each UpdateKeyGroup.
type before struct {
	keygroup.API
	update   func(attempt int)
	attempts int
}

func (b *before) UpdateKeyGroup(ctx context.Context, input *cloudfront.UpdateKeyGroupInput, o ...func(*cloudfront.Options)) (*cloudfront.UpdateKeyGroupOutput, error) {
	b.attempts++
	b.update(b.attempts)
	return b.API.UpdateKeyGroup(ctx, input, o...)
}

// TestPages: an account with more keys and key groups than one answer has.
func TestPages(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"a", "b", "c"} {
		s.createGroup(t, name, s.createKey(t, name, "", newKey().Public()))
	}
	r := s.rotator(t, paged{s.client}, s.options)
	if _, err := r.Rotate(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	s.createGroup(t, "last", s.store.id)
	if _, err := r.Rotate(t.Context(), s.store); err == nil || !strings.Contains(err.Error(), "is also in the key group") {
		t.Error(err)
	}
}

// paged gets one item in each answer.
type paged struct{ keygroup.API }

func (p paged) ListKeyGroups(ctx context.Context, input *cloudfront.ListKeyGroupsInput, o ...func(*cloudfront.Options)) (*cloudfront.ListKeyGroupsOutput, error) {
	input.MaxItems = aws.Int32(1)
	return p.API.ListKeyGroups(ctx, input, o...)
}

func (p paged) ListPublicKeys(ctx context.Context, input *cloudfront.ListPublicKeysInput, o ...func(*cloudfront.Options)) (*cloudfront.ListPublicKeysOutput, error) {
	input.MaxItems = aws.Int32(1)
	return p.API.ListPublicKeys(ctx, input, o...)
}

// TestResultAfterSwitch: a failure after the switch does not hide that the new key signs, and a
// failure of the switch leaves it open.
func TestResultAfterSwitch(t *testing.T) {
	s := newSite(t)
	s.options.Observe = func(_ context.Context, step keygroup.Step) {
		if step.Action == keygroup.Switch {
			s.server.Fail("ListPublicKeys", 1, &awslocal.Error{Status: 400, Type: "Throttling", Message: "Rate exceeded"})
		}
	}
	result, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store)
	if !errors.Is(err, keys.ErrThrottled) || result.KeyPairID != s.store.id {
		t.Errorf("%s, and the store has %s: %v", result.KeyPairID, s.store.id, err)
	}
	s.clock.Add(2 * time.Hour)
	s.rotate(t)
	s.clock.Add(2 * time.Hour)
	s.store.onSwitch = func(context.Context, string, crypto.Signer) error { return errors.New("no answer") }
	if result, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), s.store); err == nil || result.KeyPairID != "" {
		t.Errorf("%s: %v", result.KeyPairID, err)
	}
}

// TestWaitAgain: if the group loses the key after the wait, as after a deployment, the rotation
// adds it and waits again before it switches.
func TestWaitAgain(t *testing.T) {
	s := newSite(t)
	first, done := s.store.id, false
	s.options.Observe = func(_ context.Context, step keygroup.Step) {
		switch {
		case step.Action == keygroup.Wait && len(step.Waiting) == 0 && !done:
			done = true
			s.setItems(t, s.keyGroup, first)
			s.cloudFront.SetDelay(awslocal.ByHand)
		case len(step.Waiting) > 0:
			s.cloudFront.Deploy()
		}
	}
	s.store.onSwitch = func(_ context.Context, id string, _ crypto.Signer) error {
		if s.cloudFront.Trusted(distributionID)[id] == nil {
			t.Error("the store switches to a key that no distribution trusts")
		}
		return nil
	}
	s.rotate(t)
}

// TestAnotherNext: another process has made another next pair since CloudFront got this one.
func TestAnotherNext(t *testing.T) {
	s := newSite(t)
	store := &overtaken{s.store}
	if _, err := s.rotator(t, s.client, s.options).Rotate(t.Context(), store); err == nil {
		t.Error("the store switched to a key that CloudFront does not have")
	}
	s.rotate(t)
	if public := s.cloudFront.Trusted(distributionID)[s.store.id]; !equal(s.store.current.Public(), public) {
		t.Error("CloudFront does not trust the key that signs")
	}
}

// overtaken is a store in which somebody else makes a next pair right before the switch.
type overtaken struct{ *memory }

func (o *overtaken) Switch(ctx context.Context, next crypto.PublicKey, id string) error {
	o.generate()
	return o.memory.Switch(ctx, next, id)
}

// TestNewMark: a list that is older than a mark removes nothing, and deletes nothing.
func TestNewMark(t *testing.T) {
	for _, isTrusted := range []bool{true, false} {
		s := newSite(t)
		s.rotate(t)
		id := s.createKey(t, "cfsign-0123456789abcdef", "[cfsign retired 2026-11-29T12:00:00Z]", newKey().Public())
		s.setItems(t, s.keyGroup, s.store.id)
		if isTrusted {
			s.setItems(t, s.keyGroup, s.store.id, id)
		}
		s.clock.Add(25 * time.Hour)
		old := &late{API: s.client, never: true}
		if _, err := s.rotator(t, old, s.options).Plan(t.Context(), s.store); err != nil { // it keeps the list
			t.Fatal(err)
		}
		s.setComment(t, id, "[cfsign restored 2026-11-30T13:00:00Z]")
		before := s.account(t)
		if result, err := s.rotator(t, old, s.options).Rotate(t.Context(), s.store); !errors.Is(err, keygroup.ErrConflict) {
			t.Error(s.sentences(t, result.Steps), err)
		}
		if diff := cmp.Diff(before, s.account(t)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestLongComment: a person's comment that is too long loses its end, and the step says so.
func TestLongComment(t *testing.T) {
	s := newSite(t)
	s.setComment(t, s.store.id, strings.Repeat("a", 128))
	steps := s.rotate(t)
	if want := "K1 no longer signs: mark it as retired, and keep it until 2026-11-30T12:00:00Z (its comment was too long, and has lost its end)"; steps[len(steps)-1] != want {
		t.Errorf("%q", steps)
	}
}

// TestFirstKey: a store without a key gets its first one.
func TestFirstKey(t *testing.T) {
	s := newSite(t)
	s.store.current, s.store.id = nil, ""
	s.options.MinAge = 0 // and yet the call begins no second rotation
	want := []string{
		"create the next key pair", "create the public key at CloudFront", "add K2 to the key group",
		"wait until all distributions trust K2", "sign with K2",
	}
	if diff := cmp.Diff(want, s.rotate(t)); diff != "" {
		t.Error(diff)
	}
}

// TestTwoGroups: one application signs for the distributions of two key groups.
func TestTwoGroups(t *testing.T) {
	s := newSite(t)
	downloads := s.createGroup(t, "downloads", s.store.id)
	if _, err := s.rotator(t, s.client, s.options, downloads).Rotate(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	s.clock.Add(25 * time.Hour)
	if _, err := s.rotator(t, s.client, s.options, downloads).Rotate(t.Context(), s.store); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"viewers": {"K2", "K3"}, "downloads": {"K2", "K3"}}
	if diff := cmp.Diff(want, s.account(t).Groups); diff != "" {
		t.Error(diff)
	}
}

// TestNotInEachGroup: the error names the group without the key.
func TestNotInEachGroup(t *testing.T) {
	s := newSite(t)
	downloads := s.createGroup(t, "downloads", s.createKey(t, "other", "", newKey().Public()))
	_, err := s.rotator(t, s.client, s.options, downloads).Rotate(t.Context(), s.store)
	if !errors.Is(err, keygroup.ErrNotTrusted) || !strings.Contains(err.Error(), downloads) || strings.Contains(err.Error(), s.keyGroup) {
		t.Error(err)
	}
}

// TestNamed: two stores in one key group, each with a name, retire and remove their own keys.
func TestNamed(t *testing.T) {
	s := newSite(t)
	other := &memory{current: newKey()}
	other.id = s.createKey(t, "other", "", other.current.Public())
	s.setItems(t, s.keyGroup, s.store.id, other.id)
	rotate := func(name string, store *memory, keep, minAge time.Duration) []string {
		o := s.options
		o.Name, o.KeepRetired, o.MinAge = name, keep, minAge
		result, err := s.rotator(t, s.client, o).Rotate(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		return s.sentences(t, result.Steps)
	}
	rotate("web", s.store, 24*time.Hour, 0)
	rotate("billing", other, 30*24*time.Hour, 0)
	s.clock.Add(25 * time.Hour)
	const never = 1000 * time.Hour
	if steps := rotate("third", s.store, time.Second, never); len(steps) > 0 {
		t.Errorf("a third rotation changes the keys of the others: %q", steps)
	}
	if diff := cmp.Diff([]string{"remove K1 from the key group (delete the public key where you created it)"}, rotate("web", s.store, 24*time.Hour, never)); diff != "" {
		t.Error(diff)
	}
	want := account{
		Keys: map[string]string{
			"K1": "The first key [cfsign web: retired 2026-11-29T12:00:00Z]", "K3": "[cfsign web: replaces K1]",
			"K2": "[cfsign billing: retired 2026-11-29T12:00:00Z]", "K4": "[cfsign billing: replaces K2]",
		},
		Groups: map[string][]string{"viewers": {"K2", "K3", "K4"}},
	}
	if diff := cmp.Diff(want, s.account(t)); diff != "" {
		t.Error(diff)
	}
}

// TestServerTime: a wrong clock of this machine removes no key too early. CloudFront's clock
// decides.
func TestServerTime(t *testing.T) {
	s := newSite(t)
	s.options.Clock = nil
	s.client = newClient(s.url, dated{s.clock})
	s.rotate(t)
	s.options.MinAge = 100 * time.Hour
	for _, test := range []struct {
		hours time.Duration
		steps int
	}{{23 * time.Hour, 0}, {2 * time.Hour, 1}} {
		s.clock.Add(test.hours)
		if steps := s.rotate(t); len(steps) != test.steps {
			t.Errorf("after %v: %q", test.hours, steps)
		}
	}
}

// dated is the network to a CloudFront with another clock. The SDK's client signs with that
// clock, too, and the local server wants today's date.
type dated struct{ clock *clock }

var signedOn = regexp.MustCompile(`/\d{8}/`)

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	now := time.Now().UTC()
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", signedOn.ReplaceAllString(r.Header.Get("Authorization"), now.Format("/20060102/")))
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Header.Set("Date", d.clock.Now().Format(http.TimeFormat))
	}
	return response, err
}

// TestUnrelatedKeys: other public keys of the account, such as keys for field-level
// encryption with other sizes, do not matter.
func TestUnrelatedKeys(t *testing.T) {
	s := newSite(t)
	s.server.Answer("ListPublicKeys", 1, 200, `<PublicKeyList xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><MaxItems>100</MaxItems><Quantity>1</Quantity>
		<Items><PublicKeySummary><Id>K9</Id><Name>other</Name><EncodedKey>not a key</EncodedKey></PublicKeySummary></Items></PublicKeyList>`)
	_, err := s.rotator(t, s.client, s.options).Plan(t.Context(), s.store)
	if !errors.Is(err, keygroup.ErrNotTrusted) { // the key in use is not in that answer
		t.Error(err)
	}
}

// TestRetiredInTheSecond: a mark has whole seconds, and is never earlier than the retirement.
func TestRetiredInTheSecond(t *testing.T) {
	s := newSite(t)
	s.clock.Add(time.Millisecond)
	s.rotate(t)
	if diff := cmp.Diff("The first key [cfsign retired 2026-11-29T12:00:01Z]", s.account(t).Keys["K1"]); diff != "" {
		t.Error(diff)
	}
}

// TestKeyTypes: CloudFront's two key types.
func TestKeyTypes(t *testing.T) {
	s := newSite(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.store.next = key
	if steps := s.rotate(t); len(steps) != 5 {
		t.Error(steps)
	}
}

// TestNew: arguments that cannot work.
func TestNew(t *testing.T) {
	client := cloudfront.New(cloudfront.Options{Region: aws.ToString(aws.String("us-east-1"))})
	tests := []struct {
		name, why string
		client    keygroup.API
		options   keygroup.Options
		groups    []string
		text      string
	}{
		{"no client", "it would panic later", nil, keygroup.Options{}, []string{"g"}, "the client is nil"},
		{"no group", "nothing to rotate", client, keygroup.Options{}, nil, "there is no key group"},
		{"empty group", "a variable that was not set", client, keygroup.Options{}, []string{""}, "is empty"},
		{"twice", "a mistake in a list", client, keygroup.Options{}, []string{"g", "g"}, "named twice"},
		{"a name with a space", "it would not be found in a comment", client, keygroup.Options{Name: "a b"}, []string{"g"}, "the name"},
		{"negative", "keys would be removed at once", client, keygroup.Options{KeepRetired: -1}, []string{"g"}, "negative"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := keygroup.New(test.client, test.options, test.groups...); err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%s: %v", test.why, err)
			}
		})
	}
	r, err := keygroup.New(client, keygroup.Options{}, "g")
	if err != nil {
		t.Fatal(err)
	}
	var none context.Context
	for name, call := range map[string]func() error{
		"Rotate without a store": func() error { _, err := r.Rotate(t.Context(), nil); return err },
		"Plan without a store":   func() error { _, err := r.Plan(t.Context(), nil); return err },
		"Rotate":                 func() error { _, err := r.Rotate(none, &memory{}); return err },
		"Plan":                   func() error { _, err := r.Plan(none, &memory{}); return err },
		"Clean":                  func() error { _, err := r.Clean(none, nil, nil); return err },
		"Find":                   func() error { _, err := r.Find(none, newKey().Public()); return err },
		"Register":               func() error { _, err := r.Register(none, newKey().Public(), ""); return err },
		"Register without a key": func() error { _, err := r.Register(t.Context(), nil, ""); return err },
		"Find without a key":     func() error { _, err := r.Find(t.Context(), nil); return err },
		"Trust":                  func() error { return r.Trust(none, "K1", "") },
		"Wait":                   func() error { return r.Wait(none, "K1") },
	} {
		if call() == nil {
			t.Errorf("%s returns no error", name)
		}
	}
}
