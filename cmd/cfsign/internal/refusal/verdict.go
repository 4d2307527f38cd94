// SPDX-License-Identifier: Apache-2.0

package refusal

// A Verdict is what a response tells of the check of signatures.
type Verdict int

const (
	// NotVisible is the zero value: the response does not show whether there was a
	// check, or how it ended.
	NotVisible Verdict = iota
	// Passed means that CloudFront let the request pass: it accepted the signature,
	// or the behavior asks for none. A response cannot tell one from the other.
	Passed
	// Failed means that the check refused the request.
	Failed
)

// String returns "passed", "failed" or "not visible".
func (v Verdict) String() string {
	switch v {
	case Passed:
		return "passed"
	case Failed:
		return "failed"
	}
	return "not visible"
}
