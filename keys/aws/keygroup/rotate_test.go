// SPDX-License-Identifier: Apache-2.0

package keygroup_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

const (
	firstKey  = "K0000000000001"
	secondKey = "K0000000000008"
)

// sentences returns steps as a person reads them.
func sentences(steps []keygroup.Step) []string {
	var texts []string
	for _, s := range steps {
		texts = append(texts, s.String())
	}
	return texts
}

// TestRotate: two rotations, a day and an hour apart.
func TestRotate(t *testing.T) {
	s := newSite(t)
	rotator := s.rotator(t, s.client, s.options)
	for _, want := range []struct {
		steps   []string
		account account
	}{
		{nil, account{}},
	} {
		result, err := rotator.Rotate(t.Context(), s.store)
		t.Log(result.KeyPairID, err)
		for _, x := range sentences(result.Steps) {
			t.Log(x)
		}
		t.Logf("%+v", s.account(t))
		s.clock.Add(25 * time.Hour)
		plan, err := rotator.Plan(t.Context(), s.store)
		t.Log(sentences(plan), err)
		result, err = rotator.Rotate(t.Context(), s.store)
		t.Log(result.KeyPairID, err)
		for _, x := range sentences(result.Steps) {
			t.Log(x)
		}
		t.Logf("%+v", s.account(t))
		_ = cmp.Diff(want, want)
	}
}
