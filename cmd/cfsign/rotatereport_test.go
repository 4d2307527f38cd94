// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/keys/aws/keygroup"
)

// TestNextSteps: what to do after a rotation names a key only while it is trusted.
func TestNextSteps(t *testing.T) {
	p := place{restart: func(id string) string { return "restart with " + id }, former: "the former key is here"}
	until := time.Date(2026, 1, 2, 18, 0, 0, 0, time.UTC)
	retire := keygroup.Step{Action: keygroup.Retire, KeyPairID: "K1", Until: until}
	for _, tt := range []struct {
		why   string
		steps []keygroup.Step
		want  []string
	}{
		{"the old key stays for its time", []keygroup.Step{retire}, []string{
			"restart with K2", "the former key is here",
			"K1 stays trusted until 2026-01-02T18:00:00Z, so what it has signed stays valid. The next run after that removes it.", "No key was removed.",
		}},
		{"its time was so short that it has passed", []keygroup.Step{retire, {Action: keygroup.Remove, KeyPairID: "K1"}}, []string{"restart with K2", "the former key is here"}},
		{"another key was removed before", []keygroup.Step{{Action: keygroup.Remove, KeyPairID: "K0"}, retire}, []string{
			"restart with K2", "the former key is here",
			"K1 stays trusted until 2026-01-02T18:00:00Z, so what it has signed stays valid. The next run after that removes it.",
		}},
	} {
		got := (&rotateCommand{keep: "25h", minAge: "30d"}).nextSteps(p, keygroup.Result{KeyPairID: "K2", Steps: tt.steps})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.why, diff)
		}
	}
}
