// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/policy"
)

// Explain makes all checks of [Verifier.Verify] that can be made, whatever the
// others say, and reports on each of them, with a guess at the cause of the
// first failure. Its result never allows what Verify denies, nor the reverse.
//
// Without keys, as in the zero Verifier or a nil one, it leaves the key and the
// signature open, and allows nothing: so those can use it who hold the URL only.
//
// It is for people, tests and logs. What it says of an unsigned policy is what
// anybody may have written, and where a signature does not match it tries out
// what else it might match: that costs up to a hundred verifications.
func (v *Verifier) Explain(r Request) Report {
	e := newExamination(v, r)
	var report Report
	passed := map[CheckName]bool{}
	for _, s := range steps {
		check, err := e.make(s, passed)
		report.Checks = append(report.Checks, check)
		if err != nil && report.Err == nil {
			report.Hint = printable(e.hint(s.name, err))
			report.deny(err)
		}
	}
	if passed[CheckPolicy] {
		report.Policy = printable(inWords(e.policy, e.now))
	}
	if report.Err == nil {
		report.Allowed = passed[CheckSignature]
		if !report.Allowed {
			report.Reason = "there is no public key to check the signature with, and nothing else speaks against access"
		}
	}
	return report
}

// make makes one check, and notes it in passed if it succeeds.
func (e *examination) make(s step, passed map[CheckName]bool) (Check, error) {
	check := Check{Name: s.name, Outcome: NotReached}
	for _, need := range s.needs {
		if !passed[need] {
			check.Detail = "needs the check of the " + string(need)
			return check, nil
		}
	}
	if s.name == CheckKey && e.hasNoKeys() {
		check.Detail = "no public key was given"
		return check, nil
	}
	if err := s.check(e); err != nil {
		check.Outcome, check.Detail = Failed, printable(reasonOf(err)+queriesOf(err))
		return check, err
	}
	passed[s.name] = true
	check.Outcome, check.Detail = Passed, printable(s.finding(e))
	return check, nil
}

// queriesOf returns the queries that differ, which errors leave out because logs
// are no place for them.
func queriesOf(err error) string {
	var mismatch *policy.NotCoveredError
	if !errors.As(err, &mismatch) || mismatch.Section != policy.SectionQuery {
		return ""
	}
	return fmt.Sprintf(": %q is not %q", mismatch.URL, mismatch.Resource)
}

func (e *examination) hasNoKeys() bool {
	return e.verifier == nil || len(e.verifier.Keys.IDs()) == 0
}

func (r *Report) deny(err error) {
	var denied *DeniedError
	if errors.As(err, &denied) {
		r.Code = denied.Code
	}
	r.Err, r.Reason = err, printable(reasonOf(err))
}

// reasonOf returns the text of an error without its code.
func reasonOf(err error) string {
	var denied *DeniedError
	if errors.As(err, &denied) {
		return denied.Err.Error()
	}
	return err.Error()
}
