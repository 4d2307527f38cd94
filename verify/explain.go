// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// Explain makes all checks of [Verifier.Verify] that can be made, even after one
// has failed, and reports on each of them, with the likely cause of the first
// failure. It allows exactly what Verify allows.
//
// Without keys, as in the zero Verifier or a nil one, it cannot check the signature,
// so it allows nothing; but it checks the rest, SHA-1 allowed, which is useful to
// someone who has only the URL, or only the cookies: then an empty URL is none.
//
// It is meant for people, tests and logs. Where a signature does not match, it tries
// what else may have been signed, which costs up to some hundred verifications.
func (v *Verifier) Explain(r Request) Report {
	e := newExamination(v, r)
	e.keyless = v == nil || len(v.Keys.IDs()) == 0
	var report Report
	passed := map[CheckName]bool{}
	for _, s := range steps {
		check, err := e.examine(s, passed)
		report.Checks = append(report.Checks, check)
		if err != nil && report.Err == nil {
			report.refuse(err, e.hint(s.name, err))
		}
	}
	if passed[CheckPolicy] {
		report.Policy = printable(inWords(e.policy, e.now))
	}
	switch {
	case report.Err != nil && e.keyless && passed[CheckCredential]:
		report.Hint = strings.TrimSpace(report.Hint + " " + e.keylessHint())
	case report.Err != nil:
	case passed[CheckSignature]:
		report.Verdict, report.Allowed = Allowed, true
	default:
		report.Verdict, report.Reason, report.Err = Undecided, ErrUndecided.Error(), ErrUndecided
		report.Hint = e.keylessHint()
	}
	return report
}

// ExplainError returns the report on a request of which nothing is known but an
// error, such as that of [RequestFrom]. The error must not be nil.
func ExplainError(err error) Report {
	var report Report
	for _, s := range steps {
		report.Checks = append(report.Checks, Check{Name: s.name, Outcome: NotReached})
	}
	report.Checks[0] = Check{Name: CheckCredential, Outcome: Failed, Detail: printable(reasonOf(err))}
	report.refuse(err, ambiguousHint)
	return report
}

// refuse notes the first failure.
func (r *Report) refuse(err error, hint string) {
	r.Verdict, r.Code, r.Reason, r.Err, r.Hint = Denied, CodeAccessDenied, printable(reasonOf(err)), err, printable(hint)
	var denied *DeniedError
	if errors.As(err, &denied) {
		r.Code = denied.Code
	}
	for _, reason := range reasons {
		if errors.Is(err, reason) {
			r.Reason = reason.Error()
		}
	}
}

// examine makes one check, and notes it in passed if it succeeds.
func (e *examination) examine(s step, passed map[CheckName]bool) (Check, error) {
	check := Check{Name: s.name, Outcome: NotReached}
	if check.Detail = e.missing(s, passed); check.Detail != "" {
		return check, nil
	}
	if err := s.check(e); err != nil {
		check.Outcome, check.Detail, check.Queries = Failed, printable(reasonOf(err)+e.keyID(err)), printable(queries(err))
		return check, err
	}
	passed[s.name] = true
	check.Outcome, check.Detail = Passed, printable(s.finding(e))
	return check, nil
}

// missing says what a check lacks, or "".
func (e *examination) missing(s step, passed map[CheckName]bool) string {
	for _, need := range s.needs {
		if !passed[need] {
			return fmt.Sprintf("the check of the %s did not pass", need)
		}
	}
	_, wantsIP := e.policy.SourceIP()
	switch {
	case e.keyless && s.name == CheckKey:
		return "no public key was given" + e.namedKey(" for %s")
	case e.keyless && e.request.URL == "" && (s.name == CheckResource || s.name == CheckPolicyFormat && e.credential.isCanned()):
		return "no URL was given"
	case e.keyless && s.name == CheckViewerIP && wantsIP && !e.request.ViewerIP.IsValid():
		return "no viewer address was given"
	}
	return ""
}

// keyID is what a report adds to the error about an unknown key. Viewers, who may get
// to see errors, need not know the key pair IDs.
func (e *examination) keyID(err error) string {
	if !errors.Is(err, ErrUnknownKey) {
		return ""
	}
	return e.namedKey(": %s is not one of " + strings.Join(e.verifier.Keys.IDs(), ", "))
}

// queries returns those that differ, which errors leave out because they end up in
// logs.
func queries(err error) string {
	var mismatch *policy.NotCoveredError
	if !errors.As(err, &mismatch) || mismatch.Section != policy.SectionQuery {
		return ""
	}
	return fmt.Sprintf("%q is not %q", mismatch.URL, mismatch.Resource)
}

// namedKey puts the key pair ID into a text, if it is one, or else returns "".
func (e *examination) namedKey(format string) string {
	id := e.credential.values.get(wire.ParamKeyPairID)
	if keys.CheckID(id) != nil {
		return ""
	}
	return fmt.Sprintf(format, id)
}

// keylessHint returns what can be said of the key pair ID without keys.
func (e *examination) keylessHint() string {
	for _, r := range rules[CheckKey] {
		if r.applies != nil && r.applies(e, nil) {
			return r.hint
		}
	}
	return ""
}

// reasonOf returns the text of an error without its code.
func reasonOf(err error) string {
	var denied *DeniedError
	if errors.As(err, &denied) {
		return denied.Err.Error()
	}
	return err.Error()
}
