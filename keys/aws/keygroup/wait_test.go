// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestWait: what shows that the distributions have a key. CloudFront does not document
// whether the status of a distribution shows a change of its key group, so both must say it.
func TestWait(t *testing.T) {
	tests := []struct {
		name, why string
		prepare   func(s *site) // at first
		arrive    func(s *site) // while Wait waits
		waiting   [][]string
	}{
		{
			"in progress", "the status and the list say it",
			func(s *site) { s.cloudFront.SetDelay(awslocal.ByHand) },
			func(s *site) { s.cloudFront.Deploy() },
			[][]string{{"E2QWRUHAPOMQZL"}},
		},
		{
			"no progress", "only the list of active keys says it",
			func(s *site) { s.cloudFront.SetDelay(awslocal.ByHand); s.cloudFront.HideProgress(true) },
			func(s *site) { s.cloudFront.Deploy() },
			[][]string{{"E2QWRUHAPOMQZL"}},
		},
		{
			"two distributions", "one of them is late",
			func(s *site) {
				s.cloudFront.AddDistribution("E1BBBBBBBBBBBB", "d2.cloudfront.net", s.keyGroup)
				s.cloudFront.SetDelay(awslocal.ByHand)
			},
			func(s *site) { s.cloudFront.Deploy() },
			[][]string{{"E1BBBBBBBBBBBB", "E2QWRUHAPOMQZL"}},
		},
		{
			"settle", "the edge locations have some time more",
			func(s *site) { s.options.Settle = 5 * time.Minute },
			func(s *site) { s.clock.Add(5 * time.Minute) },
			[][]string{{"settle"}},
		},
		{
			"settle, zero", "the default is 5 minutes",
			func(s *site) { s.options.Settle = 0 },
			func(s *site) { s.clock.Add(5 * time.Minute) },
			[][]string{{"settle"}},
		},
		{
			"both", "first the distributions, and then the time",
			func(s *site) { s.options.Settle = 5 * time.Minute; s.cloudFront.SetDelay(4 * time.Minute) },
			func(s *site) { s.clock.Add(4 * time.Minute) },
			[][]string{{"E2QWRUHAPOMQZL"}, {"settle"}},
		},
		{
			"at once", "there is nothing to wait for",
			func(*site) {}, func(*site) {}, nil,
		},
		{
			"deleted", "somebody deleted the distribution in the meantime",
			func(s *site) {
				s.cloudFront.SetDelay(awslocal.ByHand)
				s.server.Fail("GetDistribution", 1, &awslocal.Error{Status: 404, Type: "NoSuchDistribution", Message: "gone"})
			},
			func(*site) {}, nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			test.prepare(s)
			id := s.createKey(t, "next", "", newKey().Public())
			s.setItems(t, s.keyGroup, s.store.id, id)
			var waiting [][]string
			s.options.Observe = func(_ context.Context, step keygroup.Step) {
				waiting = append(waiting, step.Waiting)
				test.arrive(s)
			}
			if err := s.rotator(t, s.client, s.options).Wait(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.waiting, waiting); diff != "" {
				t.Errorf("%s:\n%s", test.why, diff)
			}
		})
	}
}

// TestManyDistributions: a key group with more distributions than one page has.
func TestManyDistributions(t *testing.T) {
	s := newSite(t)
	for i := range 120 {
		s.cloudFront.AddDistribution(fmt.Sprintf("E1AAAAAAAAA%03d", i), "d2.cloudfront.net", s.keyGroup)
	}
	s.cloudFront.SetDelay(awslocal.ByHand)
	id := s.createKey(t, "next", "", newKey().Public())
	s.setItems(t, s.keyGroup, s.store.id, id)
	s.options.Observe = func(_ context.Context, step keygroup.Step) {
		if len(step.Waiting) != 121 {
			t.Errorf("%d distributions", len(step.Waiting))
		}
		s.cloudFront.Deploy()
	}
	if err := s.rotator(t, s.client, s.options).Wait(t.Context(), id); err != nil {
		t.Error(err)
	}
}

// TestWaitFails: a key that will never arrive, and a CloudFront that does not answer.
func TestWaitFails(t *testing.T) {
	s := newSite(t)
	r := s.rotator(t, s.client, s.options)
	if err := r.Wait(t.Context(), "KOTHER"); err == nil || !strings.Contains(err.Error(), "does not have KOTHER") {
		t.Error(err)
	}
	for _, operation := range []string{"GetKeyGroup", "ListDistributionsByKeyGroup", "GetDistribution"} {
		s.server.Fail(operation, 1, &awslocal.Error{Status: 403, Type: "AccessDenied", Message: "not authorized"})
		if err := r.Wait(t.Context(), s.store.id); !errors.Is(err, keys.ErrAccessDenied) || !strings.Contains(err.Error(), operation) {
			t.Errorf("%s: %v", operation, err)
		}
	}
	const undated = `<KeyGroup xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>g</Id><KeyGroupConfig><Name>viewers</Name><Items/></KeyGroupConfig></KeyGroup>`
	for _, answer := range []string{"", undated} { // without a date, the time to settle would count as over
		s.server.Answer("GetKeyGroup", 1, 200, answer)
		if err := r.Wait(t.Context(), s.store.id); !errors.Is(err, keys.ErrUnavailable) {
			t.Error(err)
		}
	}
}
