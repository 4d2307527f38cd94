// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"crypto/fips140"
	"testing"
	"time"

	"github.com/cfsign/cfsign/internal/test/vectors"
	"github.com/cfsign/cfsign/verify"
)

// sentinels are the reasons by their names in the vectors.
var sentinels = map[string]error{
	"ErrMissing": verify.ErrMissing, "ErrUnknownKey": verify.ErrUnknownKey, "ErrMalformedSignature": verify.ErrMalformedSignature,
	"ErrMalformedPolicy": verify.ErrMalformedPolicy, "ErrBadSignature": verify.ErrBadSignature, "ErrSHA1": verify.ErrSHA1,
	"ErrExpired": verify.ErrExpired, "ErrNotYetValid": verify.ErrNotYetValid, "ErrWrongIP": verify.ErrWrongIP,
	"ErrWrongResource": verify.ErrWrongResource, "ErrAmbiguous": verify.ErrAmbiguous,
}

// TestDecisions checks every decision as a signed URL and as signed cookies.
func TestDecisions(t *testing.T) {
	for _, d := range vectors.Decisions(t) {
		t.Run(d.ID, func(t *testing.T) {
			if d.UsesSHA1() && fips140.Enforced() {
				t.Skip("SHA-1 is ruled out in this process")
			}
			v := verifier(t)
			v.Clock = func() time.Time { return d.Time() }
			if d.Only != "cookies" {
				checkDecision(t, v, d, verify.Request{URL: d.SignedURL(t), ViewerIP: d.ViewerIP()})
			}
			if d.Only != "url" {
				checkDecision(t, v, d, verify.Request{URL: d.URL, Cookies: d.Cookies(t), ViewerIP: d.ViewerIP()})
			}
		})
	}
}

func checkDecision(t *testing.T, v *verify.Verifier, d vectors.Decision, r verify.Request) {
	t.Helper()
	checkReport(t, v, r, v.Explain(r))
	if d.Refused != "" {
		reason, ok := sentinels[d.Refused]
		if !ok {
			t.Fatalf("no sentinel %s", d.Refused)
		}
		checkDenied(t, v, r, verify.Code(d.Code), reason)
		return
	}
	grant, err := v.Verify(r)
	if err != nil {
		t.Fatalf("%v, but %s", err, d.Reason)
	}
	if grant.URL() != d.URL {
		t.Errorf("the URL is %q, want %q", grant.URL(), d.URL)
	}
}

// TestEveryReasonIsDecided: every sentinel has a case.
func TestEveryReasonIsDecided(t *testing.T) {
	seen := map[string]bool{"ErrSHA1": true} // depends on an option: see TestSHA1NeedsPermission
	for _, d := range vectors.Decisions(t) {
		seen[d.Refused] = true
	}
	for name, reason := range sentinels {
		if !seen[name] {
			t.Errorf("no decision for %v", reason)
		}
	}
}
