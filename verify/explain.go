// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
)

// Explain makes all checks of [Verifier.Verify] that it can make, even after one has
// failed. It reports on each of them, and on the likely cause of the first failure. It
// allows exactly what Verify allows.
//
// Without keys, as in the zero Verifier or a nil one, Explain can only tell whether a
// signature has a possible length, so it allows nothing. It still makes the other checks,
// and accepts SHA-1. Use this if you have only a URL. If you have only the cookies, leave
// the request's URL empty: the result is [Undecided] at best, with keys or without.
//
// Explain is meant for people, tests and logs. If a signature does not match, Explain
// tries what else may have been signed: what signers are known to sign by mistake, and
// what clients, servers and mailers are known to change in a URL. This takes at most 300
// signature verifications. If the URL contains another signed URL, as the address of a viewer
// or of an image proxy does, Explain also explains that one.
func (v *Verifier) Explain(r Request) Report { return v.explain(r, true) }

// explain is Explain. It looks into the URL for another signed URL only once.
func (v *Verifier) explain(r Request, outermost bool) Report {
	x := explanation{evaluation: v.evaluate(r), passed: map[CheckName]bool{}, outermost: outermost}
	if v == nil || len(v.Keys.IDs()) == 0 {
		x.keyless, x.verifier = true, &Verifier{AllowSHA1: true}
	}
	var report Report
	for _, name := range checks {
		line, err := x.make(name)
		report.Checks = append(report.Checks, line)
		if err != nil && report.Err == nil {
			report.fail(err, x.hint(name, err))
		}
	}
	if x.passed[CheckPolicy] {
		report.Policy = printable(describePolicy(x.policy, x.now))
	}
	report.Notes = x.notes(report.Err)
	switch {
	case report.Err != nil && x.keyless && x.passed[CheckCredential] && !strings.Contains(report.Hint, x.keyHint()):
		report.Hint = strings.TrimSpace(report.Hint + " " + x.keyHint())
	case report.Err != nil:
	case x.passed[CheckSignature] && x.passed[CheckResource]:
		report.Verdict, report.Allowed = Allowed, true
	case !x.keyless:
		report.Verdict, report.Reason, report.Err = Undecided, errNoURL.Error(), errNoURL
	default:
		report.Verdict, report.Reason, report.Err = Undecided, ErrUndecided.Error(), ErrUndecided
		report.Hint = x.keyHint()
	}
	return report
}

// ExplainError returns a report on a denied request when you have only the error, such as
// an error of [RequestFrom]. The error must not be nil.
func ExplainError(err error) Report {
	var report Report
	for _, name := range checks {
		report.Checks = append(report.Checks, notReached(name, CheckCredential))
	}
	report.Checks[0] = Check{Name: CheckCredential, Outcome: Failed, Detail: printable(reasonOf(err))}
	report.fail(err, undocumented.sentence(false))
	if errors.Is(err, ErrAmbiguous) {
		report.Notes = []string{assumption}
	}
	return report
}

// fail records the first failure.
func (r *Report) fail(err error, hint string) {
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

// An explanation is an evaluation that goes on after a check has failed.
type explanation struct {
	*evaluation
	keyless   bool // the verifier has no keys
	outermost bool // the URL was not found in another one
	passed    map[CheckName]bool
}

// make makes one check, if it can be made.
func (x explanation) make(name CheckName) (Check, error) {
	line, run := Check{Name: name}, func() error { return x.run(name) }
	switch missing := x.missing(name); {
	case name == CheckSignature && x.hasImpossibleSignature():
		run = x.denyImpossible
	case missing != "":
		return notReached(name, missing), nil
	default:
		if line.Detail = x.notGiven(name); line.Detail != "" {
			line.Outcome = NotReached
			return line, nil
		}
	}
	if err := run(); err != nil {
		line.Outcome, line.Detail, line.Queries = Failed, printable(reasonOf(err)+x.trustedIDs(err)), printable(queries(err))
		return line, err
	}
	x.passed[name] = true
	line.Outcome, line.Detail = Passed, printable(findings[name](x.evaluation))
	return line, nil
}

// missing returns a check that must pass before another one, and has not. It returns "" if
// all of them have passed.
func (x explanation) missing(name CheckName) CheckName {
	for _, need := range needs[name] {
		if !x.passed[need] {
			return need
		}
	}
	return ""
}

// hasImpossibleSignature reports, without a key, that no key can have made the signature.
func (x explanation) hasImpossibleSignature() bool {
	return x.keyless && x.passed[CheckSignatureFormat] && !isPossibleSignature(x.signature)
}

// denyImpossible is the check of a signature that no key can have made.
func (e *evaluation) denyImpossible() error {
	return deny(CodeAccessDenied, ErrBadSignature, "no key that CloudFront accepts makes a signature of %d bytes like this one", len(e.signature))
}

// notReached is the result of a check that needs another one, which has not passed.
func notReached(name, need CheckName) Check {
	detail := fmt.Sprintf("the check of the %s did not pass", need)
	return Check{Name: name, Outcome: NotReached, Needs: need, Detail: detail}
}

// notGiven says what an explanation without keys or without a URL lacks for a check. It
// returns "" if nothing is lacking.
func (x explanation) notGiven(name CheckName) string {
	noURL := x.request.URL == ""
	usesURL := name == CheckResource || name == CheckPolicyFormat && x.credential.isCanned()
	_, hasRange := x.policy.SourceIP()
	switch {
	case name == CheckKey && x.keyless:
		return "no public key was given" + x.withKeyID(" for %s")
	case usesURL && noURL:
		return "no URL was given"
	case name == CheckViewerIP && hasRange && !x.request.ViewerIP.IsValid() && (x.keyless || noURL):
		return "no viewer address was given"
	}
	return ""
}

// hint returns the likely cause of a failure, and how to fix it.
func (x explanation) hint(failed CheckName, err error) string {
	if found := x.explainInner(failed); found != "" {
		return found
	}
	if failed == CheckSignature && !x.keyless {
		if found := x.commonMistake(); found != "" {
			return found
		}
	}
	if failed == CheckResource && errors.Is(err, ErrWrongResource) {
		if found := x.coveredRewrite(); found != "" {
			return found
		}
	}
	return x.likelyCause(failed, err).sentence(x.credential.cookies)
}

// keyHint returns what the form of the key pair ID says, without keys, and which value was
// not put in.
func (x explanation) keyHint() string {
	for _, c := range slices.Concat(withoutValue, causes[CheckKey]) {
		if c.symptom != nil && c.symptom(x.evaluation, nil) {
			return c.sentence(x.credential.cookies)
		}
	}
	return ""
}

// trustedIDs is what a report adds to the error about an unknown key. The error itself
// has no key pair IDs, because a viewer may see it.
func (x explanation) trustedIDs(err error) string {
	if !errors.Is(err, ErrUnknownKey) {
		return ""
	}
	return x.withKeyID(": %s is not one of " + strings.Join(x.verifier.Keys.IDs(), ", "))
}

// withKeyID puts the key pair ID into a text. It returns "" if the ID is invalid.
func (x explanation) withKeyID(format string) string {
	id := x.keyPairID()
	if keys.CheckID(id) != nil {
		return ""
	}
	return fmt.Sprintf(format, id)
}

// queries returns the two queries that differ. Errors leave them out, because errors end
// up in logs.
func queries(err error) string {
	mismatch := mismatchOf(err)
	if mismatch.Section != policy.SectionQuery {
		return ""
	}
	return fmt.Sprintf("%q is not %q", mismatch.URL, mismatch.Resource)
}

// reasonOf returns the text of an error without its code.
func reasonOf(err error) string {
	var denied *DeniedError
	if errors.As(err, &denied) {
		return denied.Err.Error()
	}
	return err.Error()
}
