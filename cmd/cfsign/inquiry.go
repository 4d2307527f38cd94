// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/evidence"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/refusal"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// An inquiry is what is known about a request that was refused.
type inquiry struct {
	request evidence.Request
	kept    []evidence.KeptBack // cookies that were not sent
	refusal refusal.Refusal     // zero: there is no response
	report  verify.Report       // zero: there is no request
}

// causes returns the likely causes of a refusal, the likeliest first.
func (q inquiry) causes() []string {
	var causes []string
	add := func(cause string) {
		if cause != "" {
			causes = append(causes, cause)
		}
	}
	switch q.refusal.Source {
	case "", refusal.Signatures, refusal.Unknown:
	default:
		add(strings.TrimSpace(q.refusal.Meaning + " " + q.refusal.Mend))
	}
	if q.refusal.Signature == refusal.Passed {
		return causes // whatever else is wrong, it was not the signature
	}
	add(q.keptBack())
	add(q.preflight())
	causes = append(causes, q.request.Faults...)
	add(q.overIPv6())
	add(q.resumed())
	add(q.lostOnTheWay())
	add(q.otherCode())
	add(q.report.Hint)
	add(q.contradicted())
	return causes
}

// keptBack: the cookies are there, and a client would not send them.
func (q inquiry) keptBack() string {
	if len(q.kept) == 0 || q.outcome(verify.CheckCredential) != verify.Failed {
		return ""
	}
	var reasons []string
	for _, kept := range q.kept {
		if !slices.Contains(reasons, kept.Reason) {
			reasons = append(reasons, kept.Reason)
		}
	}
	return "The cookie file has signed cookies that a client would not send with this URL: " + strings.Join(reasons, "; ") + "."
}

// preflight: browsers send nothing that is signed with these.
func (q inquiry) preflight() string {
	if q.request.Method != http.MethodOptions || q.report.Code != verify.CodeMissingKey {
		return ""
	}
	return "This is a CORS preflight, which never has cookies: let a behavior without signatures answer OPTIONS, or make the request one that needs no preflight."
}

// overIPv6: the range of a policy is compared with an address of another kind.
func (q inquiry) overIPv6() string {
	if !q.request.OverIPv6 || q.outcome(verify.CheckViewerIP) != verify.NotReached || q.outcome(verify.CheckPolicy) != verify.Passed {
		return ""
	}
	return "The connection went over IPv6, for which CloudFront supports no ranges: turn off IPv6 for the distribution, or leave the address out of the policy."
}

// resumed: an expired URL goes on with a download that has begun, and begins none.
func (q inquiry) resumed() string {
	if q.request.Header.Get("Range") == "" || q.outcome(verify.CheckExpiry) != verify.Failed {
		return ""
	}
	return "This is one of several range requests, as players and resumed downloads make them: each is checked by itself, and a download that has begun goes on after the expiry. Sign for as long as a playback may take."
}

// lostOnTheWay: CloudFront missed what is here.
func (q inquiry) lostOnTheWay() string {
	if q.refusal.Code != string(verify.CodeMissingKey) || q.outcome(verify.CheckCredential) != verify.Passed {
		return ""
	}
	return "CloudFront got no key pair ID, and this request has one: what arrived was another request. A redirect, a proxy or a player dropped the query, or the browser did not send the cookies."
}

// otherCode: CloudFront has refused for another reason than is to be seen here, perhaps
// because time has passed since.
func (q inquiry) otherCode() string {
	if q.refusal.Source != refusal.Signatures || q.refusal.Code == string(q.report.Code) || q.report.Verdict != verify.Denied || q.lostOnTheWay() != "" {
		return ""
	}
	return "CloudFront refused for another reason than is to be seen here now. " + strings.TrimSpace(q.refusal.Meaning+" "+q.refusal.Mend)
}

// contradicted: CloudFront refuses, and nothing here says why.
func (q inquiry) contradicted() string {
	aboutKeys := q.refusal.Code == string(verify.CodeAccessDenied) || q.refusal.Code == string(verify.CodeInvalidKey)
	switch {
	case q.refusal.Source != refusal.Signatures || q.report.Verdict == verify.Denied:
		return ""
	case q.report.Allowed && aboutKeys:
		return "With this key the request is allowed here. Compare the key with the one in CloudFront, see that the behavior that matches the path trusts its key group, and that this is the request that CloudFront got."
	case q.refusal.Code == string(verify.CodeAccessDenied) && q.report.Verdict == verify.Undecided:
		return "Nothing that can be seen without the key is wrong, so the signature does not match what CloudFront compares it with."
	case q.lostOnTheWay() != "":
		return ""
	}
	return strings.TrimSpace(q.refusal.Meaning + " " + q.refusal.Mend)
}

// outcome returns that of a check, or "" if there is no report.
func (q inquiry) outcome(name verify.CheckName) verify.Outcome {
	for _, check := range q.report.Checks {
		if check.Name == name {
			return check.Outcome
		}
	}
	return ""
}

// value returns a signing parameter of the URL or, if the URL has none of them, of the
// cookies, as CloudFront chooses.
func (q inquiry) value(param string) string {
	_, query, _ := strings.Cut(q.request.URL, "?")
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
	for _, cookie := range q.request.Cookies {
		if cookie.Name == wire.CookieName(param) {
			return cookie.Value
		}
	}
	return ""
}

// document returns the policy that was sent, as it can be printed, or "".
func (q inquiry) document() string {
	value := q.value(wire.ParamPolicy)
	if decoded, err := url.PathUnescape(value); err == nil {
		value = decoded
	}
	document, err := wire.Decode(value)
	if err != nil {
		return ""
	}
	const most = 6144 // bytes, more than fits into a URL
	return shown(string(document[:min(len(document), most)]))
}
