// SPDX-License-Identifier: Apache-2.0

package refusal

import "net/http"

// longestPage is how long a page of CloudFront's may be. Longer ones are about it.
const longestPage = 4 << 10

// geographic knows the words of CloudFront's geographic restriction, which comes as
// a page or in other forms.
//
// Source: "How do I troubleshoot 403 errors from CloudFront?".
func geographic(a answer) (Refusal, bool) {
	if len(a.text) > longestPage || !contains(a.text, "configured to block access from your country") {
		return Refusal{}, false
	}
	return Refusal{
		Source:  Firewall,
		Message: "The Amazon CloudFront distribution is configured to block access from your country.",
		Meaning: "CloudFront's geographic restriction refused the viewer's country: this says nothing of the signature.",
		Mend:    "Request from an allowed country, or change the distribution's geographic restrictions.",
	}, true
}

// A pageError is what CloudFront means by words of its page.
type pageError struct {
	part    string
	refusal Refusal
}

const (
	nothingSaid = " This says nothing of the signature."
	askedOrigin = "CloudFront asked the origin, so the signature was accepted, or the behavior asks for none. "
)

// pageErrors are the pages that are known.
//
// Source: the pages of the Knowledge Center on "Request blocked" and "Bad request",
// "Troubleshooting error response status codes in CloudFront", and pages that people
// have shown.
var pageErrors = []pageError{
	{"Request blocked.", Refusal{
		Source:  Firewall,
		Meaning: "Likely a rule of AWS WAF blocked the request." + nothingSaid,
		Mend:    "Look at the sampled requests of the distribution's web ACL for the rule, and allow this request.",
	}},
	{"not configured to allow the HTTP request method", Refusal{
		Source:  CloudFront,
		Meaning: "The behavior of this path does not allow the method of the request." + nothingSaid,
		Mend:    "Send GET or HEAD, or add the method to those that the behavior allows (OPTIONS for preflights of browsers).",
	}},
	{"Lambda function", Refusal{
		Source:  EdgeFunction,
		Meaning: "A Lambda@Edge function failed, or CloudFront could not run it." + nothingSaid,
		Mend:    "Read the function's log, in the region nearest to the viewer.",
	}},
	{"CloudFront function", Refusal{
		Source:  EdgeFunction,
		Meaning: "A CloudFront function failed, or CloudFront could not run it." + nothingSaid,
		Mend:    "Test the function in the console, and read its log in us-east-1.",
	}},
	{"connect to the origin", Refusal{
		Source: CloudFront, Signature: Passed,
		Meaning: askedOrigin + "But it could not connect to it.",
		Mend:    "See that the origin is up, lets CloudFront connect, and has a certificate that CloudFront trusts.",
	}},
	{"establish a connection with the origin", Refusal{
		Source: CloudFront, Signature: Passed,
		Meaning: askedOrigin + "But the connection failed, or the origin closed it.",
		Mend:    "See that the origin is up, lets CloudFront connect, and answers in time.",
	}},
	{"resolve the origin domain name", Refusal{
		Source: CloudFront, Signature: Passed,
		Meaning: askedOrigin + "But the origin's name leads nowhere.",
		Mend:    "Correct the domain name of the origin.",
	}},
}

// cloudFrontPage knows the page of CloudFront's errors.
func cloudFrontPage(a answer) (Refusal, bool) {
	const heading = "The request could not be satisfied"
	if len(a.text) > longestPage || !contains(a.title+a.text, heading) {
		return Refusal{}, false
	}
	message := pageMessage(a.text)
	for _, known := range pageErrors {
		if contains(a.text, known.part) {
			known.refusal.Message = message
			return known.refusal, true
		}
	}
	r := byStatus(a.status)
	r.Message = message
	return r, true
}

// byStatus is what CloudFront's page means if its words do not say.
//
// Source: "How do I resolve the error 'The request could not be satisfied. Bad
// Request' from CloudFront?" for 403.
func byStatus(status int) Refusal {
	r := Refusal{Source: CloudFront}
	switch status {
	case http.StatusForbidden, 0:
		r.Meaning = "Likely the host name of the URL is no alternate domain name of the distribution, or the request came over plain HTTP to a behavior that wants https; rarely, a GET request has a body."
		r.Mend = "Add the host name to the distribution's alternate domain names, and request, and sign, the https URL."
	case http.StatusRequestEntityTooLarge:
		r.Meaning = "The body of the request is larger than CloudFront takes."
		r.Mend = "Send no body with a request for a file."
	case http.StatusMisdirectedRequest:
		r.Meaning = "The host name of the request is not one that the TLS connection is for."
		r.Mend = "Connect to the host of the URL, and send the same name with TLS and in Host."
	case http.StatusBadRequest, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		r.Meaning = "CloudFront took the request for malformed: likely a character that has to be encoded, or a URL or a header (cookies, too) that is too long."
		r.Mend = "Encode the path before signing, request exactly what was signed, and send fewer or shorter cookies."
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		r.Meaning = "CloudFront could not get the file: likely the origin, or a function at the edge, failed."
		r.Mend = "Look into the origin's log and those of the functions."
	default:
		r.Meaning = "CloudFront refused, and not with an answer of its check of signatures."
		r.Mend = "Look the request up in the distribution's access log: x-edge-detailed-result-type says why."
		return r
	}
	r.Meaning += nothingSaid
	return r
}

// redirect knows the one that CloudFront writes.
func redirect(a answer) (Refusal, bool) {
	if a.status < 300 || a.status > 399 || a.status == http.StatusNotModified || a.signs.cache != "redirect from cloudfront" {
		return Refusal{}, false
	}
	return Refusal{
		Source:  CloudFront,
		Meaning: "CloudFront redirected to https before anything else, and what the https request got is not here." + nothingSaid,
		Mend:    "Sign and request the https URL: one signed for http does not fit after the redirect.",
	}, true
}
