// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/verify"
)

// An incident is what is known about a request that was refused.
type incident struct {
	request capture.Request
	unsent  []capture.UnsentCookie // cookies that were not sent
	finding response.Finding       // zero: there is no response
	report  verify.Report          // zero: there is no request
}

// causes returns the likely causes of a refusal, the likeliest first.
func (i incident) causes() []string {
	var causes []string
	add := func(cause string) {
		if cause != "" {
			causes = append(causes, cause)
		}
	}
	switch i.finding.Source {
	case "", response.KeyCheck, response.Unknown:
	default:
		add(strings.TrimSpace(i.finding.Meaning + " " + i.finding.Fix))
	}
	if i.finding.Signature == response.Passed {
		return causes // whatever else is wrong, it was not the signature
	}
	add(i.unsentCookies())
	add(i.preflight())
	causes = append(causes, i.request.Faults...)
	add(i.overIPv6())
	add(i.resumed())
	add(i.lostOnTheWay())
	add(i.otherCode())
	add(i.report.Hint)
	add(i.contradicted())
	return causes
}

// unsentCookies: the cookies are there, and a client would not send them.
func (i incident) unsentCookies() string {
	if len(i.unsent) == 0 || i.outcome(verify.CheckCredential) != verify.Failed {
		return ""
	}
	var reasons []string
	for _, unsent := range i.unsent {
		if !slices.Contains(reasons, unsent.Reason) {
			reasons = append(reasons, unsent.Reason)
		}
	}
	return "The cookie file has signed cookies that a client would not send with this URL: " + strings.Join(reasons, "; ") + "."
}

// preflight: browsers send nothing that is signed with these.
func (i incident) preflight() string {
	if i.request.Method != http.MethodOptions || i.report.Code != verify.CodeMissingKey {
		return ""
	}
	return "This is a CORS preflight, which never has cookies: let a behavior without signatures answer OPTIONS, or make the request one that needs no preflight."
}

// overIPv6: the range of a policy is compared with an address of another kind.
func (i incident) overIPv6() string {
	if !i.request.OverIPv6 || i.outcome(verify.CheckViewerIP) != verify.NotReached || i.outcome(verify.CheckPolicy) != verify.Passed {
		return ""
	}
	return "The connection went over IPv6, for which CloudFront supports no ranges: turn off IPv6 for the distribution, or leave the address out of the policy."
}

// resumed: an expired URL goes on with a download that has begun, and begins none.
func (i incident) resumed() string {
	if i.request.Header.Get("Range") == "" || i.outcome(verify.CheckExpiry) != verify.Failed {
		return ""
	}
	return "This is one of several range requests, as players and resumed downloads make them: each is checked by itself, and a download that has begun goes on after the expiry. Sign for as long as a playback may take."
}

// lostOnTheWay: CloudFront missed what is here.
func (i incident) lostOnTheWay() string {
	if i.finding.Code != string(verify.CodeMissingKey) || i.outcome(verify.CheckCredential) != verify.Passed {
		return ""
	}
	return "CloudFront got no key pair ID, and this request has one: what arrived was another request. A redirect, a proxy or a player dropped the query, or the browser did not send the cookies."
}

// otherCode: CloudFront has refused for another reason than is to be seen here, perhaps
// because time has passed since.
func (i incident) otherCode() string {
	if i.finding.Source != response.KeyCheck || i.finding.Code == string(i.report.Code) || i.report.Verdict != verify.Denied || i.lostOnTheWay() != "" {
		return ""
	}
	return "CloudFront refused for another reason than is to be seen here now. " + strings.TrimSpace(i.finding.Meaning+" "+i.finding.Fix)
}

// contradicted: CloudFront refuses, and nothing here says why.
func (i incident) contradicted() string {
	aboutKeys := i.finding.Code == string(verify.CodeAccessDenied) || i.finding.Code == string(verify.CodeInvalidKey)
	switch {
	case i.finding.Source != response.KeyCheck || i.report.Verdict == verify.Denied:
		return ""
	case i.report.Allowed && aboutKeys:
		return "With this key the request is allowed here. Compare the key with the one in CloudFront, see that the behavior that matches the path trusts its key group, and that this is the request that CloudFront got."
	case i.finding.Code == string(verify.CodeAccessDenied) && i.report.Verdict == verify.Undecided:
		return "Nothing that can be seen without the key is wrong, so the signature does not match what CloudFront compares it with."
	case i.lostOnTheWay() != "":
		return ""
	}
	return strings.TrimSpace(i.finding.Meaning + " " + i.finding.Fix)
}

// outcome returns that of a check, or "" if there is no report.
func (i incident) outcome(name verify.CheckName) verify.Outcome {
	for _, check := range i.report.Checks {
		if check.Name == name {
			return check.Outcome
		}
	}
	return ""
}

// value returns a signing parameter of the URL or, if the URL has none of them, of the
// cookies, as CloudFront chooses.
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

// document returns the policy that was sent, as it can be printed, or "".
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
	return shown(string(document[:min(len(document), most)]))
}
