// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"fmt"
	"strings"
)

// An Outcome is that of one check.
type Outcome string

// The outcomes of a check.
const (
	// Passed: nothing speaks against access.
	Passed Outcome = "passed"
	// Failed: CloudFront would refuse the request for it.
	Failed Outcome = "failed"
	// NotReached: an earlier failure, or a missing key, left nothing to check.
	NotReached Outcome = "not reached"
)

// A Check is one line of a [Report].
type Check struct {
	// Name says what was checked.
	Name CheckName `json:"name"`
	// Outcome is how it went.
	Outcome Outcome `json:"outcome"`
	// Detail has the values that were compared, or says why not.
	Detail string `json:"detail,omitempty"`
}

// A Report is what [Verifier.Explain] found. It has neither the signature nor
// the encoded policy, but it does name the URL, the policy's resource, times and
// addresses. All its texts are printable ASCII in one line.
//
// Printed with %v or %s it is a text of several lines, and encoding/json makes
// of it an object with the names of the tags.
type Report struct {
	// Allowed is whether [Verifier.Verify] grants the request.
	Allowed bool `json:"allowed"`
	// Code is CloudFront's, from the first check that failed. Empty: none did.
	Code Code `json:"code,omitempty"`
	// Reason is why the request is not allowed, in words. Empty: it is.
	Reason string `json:"reason,omitempty"`
	// Checks are all checks in their order.
	Checks []Check `json:"checks"`
	// Policy says in words what the policy allows. Whoever wrote the request
	// wrote it, unless the check of the signature passed. Empty: it cannot be
	// read.
	Policy string `json:"policy,omitempty"`
	// Hint is a sentence on the likely cause and the mend. Empty: none failed.
	Hint string `json:"hint,omitempty"`
	// Err is the [*DeniedError] of [Verifier.Verify] for the first check that
	// failed, nil if none did.
	Err error `json:"-"`
}

// String returns the report as text of several lines.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.verdict())
	for _, check := range r.Checks {
		line := fmt.Sprintf("  %-11s  %-16s  %s", check.Outcome, check.Name, check.Detail)
		fmt.Fprintln(&b, strings.TrimRight(line, " "))
	}
	if r.Policy != "" {
		fmt.Fprintf(&b, "policy: %s\n", r.Policy)
	}
	if r.Hint != "" {
		fmt.Fprintf(&b, "likely: %s\n", r.Hint)
	}
	return b.String()
}

func (r Report) verdict() string {
	switch {
	case r.Allowed:
		return "allowed"
	case r.Code == "":
		return "undecided: " + r.Reason
	}
	return fmt.Sprintf("denied, %s: %s", r.Code, r.Reason)
}
