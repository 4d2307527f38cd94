// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"errors"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/verify"
)

// A Name names a cause. Its text is stable, for programs that read the output.
type Name string

// The causes.
const (
	// NotSigned: the request has no signing parameter and no signed cookie.
	NotSigned Name = "not-signed"
	// Incomplete: a part of the signed URL or of the cookies is missing.
	Incomplete Name = "incomplete"
	// UnknownKey: no given public key has the key pair ID.
	UnknownKey Name = "unknown-key"
	// MalformedSignature and MalformedPolicy: the value cannot be read.
	MalformedSignature Name = "malformed-signature"
	MalformedPolicy    Name = "malformed-policy"
	// WrongSignature: the key did not make the signature over the policy.
	WrongSignature Name = "wrong-signature"
	// Expired and NotYetValid: the time of the request is outside of the policy's.
	Expired     Name = "expired"
	NotYetValid Name = "not-yet-valid"
	// WrongAddress and WrongAddressIPv6: the viewer is not in the policy's range.
	WrongAddress     Name = "wrong-address"
	WrongAddressIPv6 Name = "wrong-address-ipv6"
	// WrongResource: the policy does not cover the URL.
	WrongResource Name = "wrong-resource"
	// Ambiguous: CloudFront's pages do not say whether it accepts the request.
	Ambiguous Name = "ambiguous"
	// Firewall, EdgeFunction and InvalidRequest: CloudFront's type of result says that the check
	// of signatures is not the reason.
	Firewall       Name = "firewall"
	EdgeFunction   Name = "edge-function"
	InvalidRequest Name = "invalid-request"
	// Origin: the origin answered 403, such as S3 with its own AccessDenied.
	Origin Name = "origin"
	// BehindCheck: all checks pass with the given keys, and the log does not say what refused.
	BehindCheck Name = "signed-correctly"
	// Undecided: these logs, or these keys, do not suffice.
	Undecided Name = "undecided"
)

// A verdict is why a request was refused.
type verdict struct {
	name   Name
	code   verify.Code // of CloudFront's answer; empty: another server answered, or it is not known
	reason string      // in the words of package verify
	fix    string
	detail string // what was compared

	seconds   int64          // how late or early, if timed
	timed     bool           // the cause is a time
	request   verify.Request // of WrongSignature
	proven    bool           // the signature was verified
	openEnded bool           // every check passes that can be made
	noCookies bool           // the log does not have cookies, and this request may have had some
}

// What is missing, and what to do.
const (
	fixCookies = "The logs do not have cs(Cookie), so it is not known whether the request had signed cookies: turn on the logging of cookies."
	fixQuery   = "The logs do not have cs-uri-query, so nothing is known about signed URLs: select this field."
	fixHost    = "The logs do not have the URL: select x-host-header, cs-protocol and cs-uri-stem."
	fixTime    = "The line has no valid time: select date and time, or timestamp."
	fixAddress = "The policy has an address range, and the logs do not have c-ip: select this field."
	fixCut     = "Real-time logs have 800 bytes of the cookies, so signed cookies are often cut: use standard logs, which have all."
	fixRebuild = "The log does not show the URL byte by byte, and a canned policy is for exactly one URL: check such a URL with cfsign explain."
	fixKeys    = "All checks pass that need no key, so the signature does not match, or another server than CloudFront's check of signatures refused: give the keys with --public-key."
	fixBehind  = "All checks pass with this key. So the behavior of the path may not trust it, or a server behind the check refused, such as S3, AWS WAF or a function: save the answer, and pass it to cfsign explain --response."
)

// undecided is the verdict if something is missing.
func undecided(fix string) verdict {
	return verdict{name: Undecided, reason: "not decidable from these logs", fix: fix}
}

// foundVerdict is the verdict about a response that is not from the check of signatures.
func foundVerdict(f response.Finding) verdict {
	v := verdict{name: Origin, fix: strings.TrimSpace(f.Meaning + " " + f.Fix), reason: "403 from " + f.Source.Describe()}
	switch f.Source {
	case response.Firewall:
		v.name = Firewall
	case response.EdgeFunction:
		v.name = EdgeFunction
	case response.CloudFront:
		v.name = InvalidRequest
	case response.OtherServer:
		v.reason = "403 from the origin"
	}
	return v
}

// names are the causes for the reasons of package verify.
var names = []struct {
	reason error
	name   Name
}{
	{verify.ErrMissing, Incomplete},
	{verify.ErrUnknownKey, UnknownKey},
	{verify.ErrMalformedSignature, MalformedSignature},
	{verify.ErrMalformedPolicy, MalformedPolicy},
	{verify.ErrBadSignature, WrongSignature},
	{verify.ErrExpired, Expired},
	{verify.ErrNotYetValid, NotYetValid},
	{verify.ErrWrongIP, WrongAddress},
	{verify.ErrWrongResource, WrongResource},
}

// denied is the verdict of a report that denies.
func denied(report verify.Report) verdict {
	v := verdict{name: Ambiguous, code: report.Code, reason: report.Reason, fix: report.Hint, detail: report.Check(firstFailed(report)).Detail}
	for _, known := range names {
		if errors.Is(report.Err, known.reason) {
			v.name = known.name
		}
	}
	return v
}

// firstFailed returns the first check that failed, or "".
func firstFailed(report verify.Report) verify.CheckName {
	for _, check := range report.Checks {
		if check.Outcome == verify.Failed {
			return check.Name
		}
	}
	return ""
}
