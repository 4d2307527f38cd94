// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/message"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// An incident is what is known about a refused request.
type incident struct {
	request capture.Request
	unsent  []capture.UnsentCookie
	finding response.Finding // zero: there is no response
	report  verify.Report    // zero: there is no request
	words   message.Words
}

// causes returns the likely causes of a refusal, the most likely first.
func (i incident) causes() []string {
	var causes []string
	switch i.finding.Source {
	case "", response.KeyCheck, response.Unknown:
	default:
		causes = append(causes, i.found())
	}
	if i.finding.Signature != response.Passed {
		causes = append(causes, i.unsentCookies(), i.preflight())
		causes = append(causes, i.words.SayAll(i.request.Faults)...)
		causes = append(causes, SetCookieFaults(i.request)...)
		causes = append(causes, i.overIPv6(), i.resumed(), i.lostInTransit(), i.otherReason(), i.report.Hint, i.unexplained())
	}
	return slices.DeleteFunc(causes, func(cause string) bool { return cause == "" })
}

// found returns what the response means, and the fix.
func (i incident) found() string {
	return strings.TrimSpace(i.finding.Meaning + " " + i.finding.Fix)
}

// unsentCookies: the cookie file has cookies that a client would not send.
func (i incident) unsentCookies() string { return UnsentCookies(i.report, i.unsent) }

// UnsentCookies says why a client would not send the signed cookies of a cookie file. It returns ""
// if the report does not miss them.
func UnsentCookies(report verify.Report, unsent []capture.UnsentCookie) string {
	if len(unsent) == 0 || report.Check(verify.CheckCredential).Outcome != verify.Failed {
		return ""
	}
	var reasons []string
	for _, cookie := range unsent {
		if !slices.Contains(reasons, cookie.Reason) {
			reasons = append(reasons, cookie.Reason)
		}
	}
	return "The cookie file has signed cookies that a client would not send with this URL: " + strings.Join(reasons, "; ") + "."
}

// Preflight is the fix for a CORS preflight that is not signed.
const Preflight = "This is a CORS preflight, which never has cookies: answer OPTIONS with a behavior that does not restrict viewer access, or send a request that needs no preflight."

// preflight: browsers send no cookies with a CORS preflight.
func (i incident) preflight() string {
	if i.request.Method != http.MethodOptions || i.report.Code != verify.CodeMissingKey {
		return ""
	}
	return Preflight
}

// overIPv6: the policy has an IPv4 range.
func (i incident) overIPv6() string {
	if !i.request.OverIPv6 || !i.rangeUnchecked() {
		return ""
	}
	return "The connection used IPv6, but CloudFront supports ranges for IPv4 only: turn off IPv6 for the distribution, or leave the address out of the policy."
}

// resumed: a download that has begun continues after the expiry, but a new one does not
// begin.
func (i incident) resumed() string {
	if i.request.Header.Get("Range") == "" || i.report.Check(verify.CheckExpiry).Outcome != verify.Failed {
		return ""
	}
	return "This is a range request, as players and resumed downloads send them: CloudFront checks each one, but lets a download that has begun continue after the expiry. Sign for as long as a playback can take."
}

// lostInTransit: CloudFront did not get the key pair ID of this request.
func (i incident) lostInTransit() string {
	if i.finding.Code != string(verify.CodeMissingKey) || i.report.Check(verify.CheckCredential).Outcome != verify.Passed {
		return ""
	}
	return "CloudFront got no key pair ID, but this request has one, so another request arrived: a redirect, a proxy or a player dropped the query, or the browser did not send the cookies."
}

// otherReason: the checks find another reason than CloudFront, perhaps because time has
// passed.
func (i incident) otherReason() string {
	if i.finding.Source != response.KeyCheck || i.finding.Code == string(i.report.Code) || i.report.Verdict != verify.Denied || i.lostInTransit() != "" {
		return ""
	}
	return "CloudFront refused for another reason than the checks find now. " + i.found()
}

// unexplained: CloudFront refused, and the checks find no reason.
func (i incident) unexplained() string {
	aboutKeys := i.finding.Code == string(verify.CodeAccessDenied) || i.finding.Code == string(verify.CodeInvalidKey)
	switch {
	case i.finding.Source != response.KeyCheck || i.report.Verdict == verify.Denied || i.lostInTransit() != "":
		return ""
	case i.report.Allowed && aboutKeys:
		return "With this key, the request is allowed. Compare the key with the public key in CloudFront. Check that the behavior that matches the path trusts its key group, and that CloudFront got this request."
	case i.finding.Code == string(verify.CodeAccessDenied) && i.report.Verdict == verify.Undecided:
		return "All checks that need no key pass, so the signature does not match the request that CloudFront got."
	}
	return i.found()
}

// rangeUnchecked reports whether the policy has an address range, but the viewer's address
// is unknown.
func (i incident) rangeUnchecked() bool {
	return i.report.Check(verify.CheckViewerIP).Outcome == verify.NotReached && i.report.Check(verify.CheckPolicy).Outcome == verify.Passed
}

// value returns a signing parameter of the URL or, if the URL has none of them, of the
// cookies. CloudFront chooses the same way.
func (i incident) value(param string) string {
	_, query, _ := strings.Cut(i.request.URL, "?")
	inURL := false
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(parameter, "=")
		if name == param {
			return value
		}
		inURL = inURL || wire.IsReserved(name)
	}
	if inURL {
		return ""
	}
	for _, cookie := range i.request.Cookies {
		if cookie.Name == wire.CookieName(param) {
			return cookie.Value
		}
	}
	return ""
}

// document returns the policy that was sent, made printable, or "".
func (i incident) document() string {
	value := i.value(wire.ParamPolicy)
	if decoded, err := url.PathUnescape(value); err == nil {
		value = decoded
	}
	document, err := wire.Decode(value)
	if err != nil {
		return ""
	}
	const most = 6144 // bytes, more than fits into a URL
	return Shown(string(document[:min(len(document), most)]))
}
