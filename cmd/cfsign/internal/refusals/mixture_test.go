// SPDX-License-Identifier: Apache-2.0

package refusals_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/accesslogs"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/logmixture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusals"
)

// TestMixture sends a known mixture of requests to a local distribution, and finds exactly that
// mixture in its access log. CFSIGN_LOG_REQUESTS sets the number of requests.
func TestMixture(t *testing.T) {
	requests := 5000
	if text := os.Getenv("CFSIGN_LOG_REQUESTS"); text != "" {
		var err error
		if requests, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	sent := logmixture.Send(t, requests)
	got := run(t, sent.Log, refusals.Options{Keys: sent.Keys})
	counts := map[refusals.Name]int64{}
	for _, c := range got.Causes {
		counts[c.Name] += c.Requests
	}
	if diff := cmp.Diff(sent.Refused, counts); diff != "" {
		t.Error(diff)
	}
	if n := int64(requests); got.Requests != n || got.Lines != n || got.Damaged != 0 || got.Requests-got.Refused != sent.Allowed {
		t.Errorf("%d requests, %d refused, %d lines, %d damaged, want %d with %d allowed", got.Requests, got.Refused, got.Lines, got.Damaged, n, sent.Allowed)
	}
	checkTimes(t, got)
	checkKeys(t, got, sent.Allowed)
}

// checkTimes checks how late and how early requests were.
func checkTimes(t *testing.T, got *refusals.Report) {
	t.Helper()
	for _, c := range got.Causes {
		switch s := c.Seconds; {
		case c.Name == refusals.Expired && (s == nil || s.Median < 3590 || s.Median > 3720 || s.Most > 3720):
			t.Errorf("expired: %+v, and two of three are an hour late", s)
		case c.Name == refusals.NotYetValid && (s == nil || s.Most > 3600 || s.Median < 3000):
			t.Errorf("not yet valid: %+v, and all are an hour early", s)
		case s != nil && c.Name != refusals.Expired && c.Name != refusals.NotYetValid:
			t.Errorf("%s: %+v", c.Name, s)
		}
	}
}

// checkKeys checks how the keys were used.
func checkKeys(t *testing.T, got *refusals.Report, allowed int64) {
	t.Helper()
	uses, sum := map[string]refusals.KeyUse{}, int64(0)
	for _, k := range got.Keys {
		uses[k.ID] = k
		sum += k.Allowed
	}
	if sum != allowed || len(uses) != 3 {
		t.Errorf("%d allowed with %d keys, want %d with 3", sum, len(uses), allowed)
	}
	if gone := uses[logmixture.GoneID]; gone.Allowed != 0 || gone.Refused == 0 || !gone.NeededUntil.IsZero() {
		t.Errorf("the key that is gone: %+v", gone)
	}
	if until := time.Until(uses[logmixture.OtherID].NeededUntil); until < 2*time.Hour || until > 3*time.Hour {
		t.Errorf("%s is needed for %v, want for three hours", logmixture.OtherID, until)
	}
	if until := time.Until(uses[logmixture.KeyID].NeededUntil); until < time.Hour || until > 2*time.Hour {
		t.Errorf("%s is needed for %v, want for the two hours of the policy that is not yet valid", logmixture.KeyID, until)
	}
}

// run writes a log into a file, and reads it.
func run(t testing.TB, log []byte, o refusals.Options) *refusals.Report {
	t.Helper()
	return runFields(t, log, nil, o)
}

// runFields is run with the names of the fields.
func runFields(t testing.TB, log []byte, fields []string, o refusals.Options) *refusals.Report {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := refusals.Run(t.Context(), accesslogs.NewReader(accesslogs.Options{Fields: fields}), []string{path}, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
