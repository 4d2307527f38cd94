// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// A Verdict is the result of a [Report].
type Verdict string

// The verdicts.
const (
	// Allowed: every check passed.
	Allowed Verdict = "allowed"
	// Denied: a check failed.
	Denied Verdict = "denied"
	// Undecided: no public key was given, and every check that needs none
	// passed.
	Undecided Verdict = "undecided"
)

// ErrUndecided is the error of a [Report] that was made without a key. Verify never
// returns it.
var ErrUndecided = errors.New("no public key was given, so the signature was not checked")

// An Outcome is that of one check.
type Outcome string

// The outcomes of a check.
const (
	// Passed: the check succeeded.
	Passed Outcome = "passed"
	// Failed: the verifier refuses the request because of it.
	Failed Outcome = "failed"
	// NotReached: another check that it builds on did not pass, or a public
	// key or the viewer's address was not given.
	NotReached Outcome = "not reached"
)

// A Check is one line of a [Report].
type Check struct {
	// Name says what was checked.
	Name CheckName `json:"name"`
	// Outcome says how it went.
	Outcome Outcome `json:"outcome"`
	// Detail has the values that were compared, or says why not. It has no
	// query of a URL.
	Detail string `json:"detail,omitempty"`
	// Queries are the two that differ, if they are why the check failed.
	// They may be somebody's secret, so keep them out of logs. Empty: that is
	// not why.
	Queries string `json:"queries,omitempty"`
}

// A Report is what [Verifier.Explain] found. It contains neither the signature nor
// the encoded policy, but it does name the URL, the key pair ID, and the policy's
// resource, times and addresses. All its texts are printable ASCII in one line.
//
// Printed with %v or %s it is a text of several lines; encoding/json makes an object
// with the names of the tags. Both have the queries of Policy and of [Check], which may
// be somebody's secret. log/slog prints [Report.LogValue], which has no query. The zero
// Report allows nothing.
type Report struct {
	// Verdict is the result.
	Verdict Verdict `json:"verdict"`
	// Allowed is whether [Verifier.Verify] grants the request.
	Allowed bool `json:"allowed"`
	// Code is CloudFront's, of the first check that failed. Empty: none did.
	Code Code `json:"code,omitempty"`
	// Reason is the text of the sentinel that Err wraps, such as "expired".
	// Empty: the request is allowed.
	Reason string `json:"reason,omitempty"`
	// Checks are all checks in their order.
	Checks []Check `json:"checks"`
	// Policy says in words what the policy allows, with the query of its
	// resource. Unless the check of the signature passed, anybody may have
	// written it. Empty: it cannot be read.
	Policy string `json:"policy,omitempty"`
	// Hint is a sentence on the likely cause and how to fix it. Empty: none
	// is needed.
	Hint string `json:"hint,omitempty"`
	// Err is nil only if the request is allowed. It is the [*DeniedError] of
	// the first check that failed, or ErrUndecided.
	Err error `json:"-"`
}

// String returns the report as a text of several lines.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Summary())
	var notReached []string
	for _, check := range r.Checks {
		if check.Outcome == NotReached {
			notReached = append(notReached, string(check.Name))
			continue
		}
		fmt.Fprintf(&b, "  %-6s  %-16s  %s\n", check.Outcome, check.Name, strings.TrimSuffix(check.Detail+": "+check.Queries, ": "))
	}
	if len(notReached) > 0 {
		fmt.Fprintf(&b, "not reached: %s\n", strings.Join(notReached, ", "))
	}
	if r.Policy != "" {
		fmt.Fprintf(&b, "policy%s: %s\n", r.unproven(), r.Policy)
	}
	if r.Hint != "" {
		fmt.Fprintf(&b, "hint: %s\n", r.Hint)
	}
	return b.String()
}

// Summary returns the verdict in one line, with CloudFront's code and the reason.
func (r Report) Summary() string {
	switch {
	case r.Allowed:
		return string(Allowed)
	case r.Code == "":
		return strings.TrimSuffix(string(Undecided)+": "+r.Reason, ": ")
	}
	return fmt.Sprintf("%s, %s: %s", Denied, r.Code, r.Reason)
}

// LogValue returns the summary, what failed and the hint, for log/slog. It has no query.
func (r Report) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("summary", r.Summary())}
	for _, check := range r.Checks {
		if check.Outcome == Failed {
			attributes = append(attributes, slog.String(string(check.Name), check.Detail))
		}
	}
	if r.Hint != "" {
		attributes = append(attributes, slog.String("hint", r.Hint))
	}
	return slog.GroupValue(attributes...)
}

// unproven marks a policy that was not shown to be signed.
func (r Report) unproven() string {
	for _, check := range r.Checks {
		if check.Name == CheckSignature && check.Outcome == Passed {
			return ""
		}
	}
	return " (signature not verified)"
}
