// SPDX-License-Identifier: Apache-2.0

package response

import (
	"net/http"
	"strings"
)

// longestPage is the number of bytes that a page of CloudFront can have. A longer page
// is a page about CloudFront.
const longestPage = 4 << 10

// geographic recognizes the words of CloudFront's geographic restriction, which can come
// as a page or in other forms.
//
// Source: "How do I troubleshoot 403 errors from CloudFront?",
// https://repost.aws/knowledge-center/cloudfront-troubleshoot-403-errors.
func geographic(a answer) (Finding, bool) {
	if len(a.text) > longestPage || !contains(a.text, "configured to block access from your country") {
		return Finding{}, false
	}
	return geographicRefusal, true
}

// geographicRefusal is the finding of the geographic restriction.
var geographicRefusal = Finding{
	Source:  Firewall,
	Message: "The Amazon CloudFront distribution is configured to block access from your country.",
	Meaning: "CloudFront's geographic restriction blocks the viewer's country." + nothingSaid,
	Fix:     "Send the request from an allowed country, or change the distribution's geographic restrictions.",
}

// A pageError is the meaning of a part of CloudFront's page.
type pageError struct {
	part    string
	finding Finding
}

const (
	nothingSaid = " This says nothing about the signature."
	askedOrigin = "CloudFront sent the request to the origin, so it accepted the signature, or the behavior does not require one. "
)

// pageErrors are the known pages.
//
// Sources: "How do I troubleshoot 403 errors from CloudFront?",
// https://repost.aws/knowledge-center/cloudfront-troubleshoot-403-errors, "Troubleshooting
// error response status codes in CloudFront",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/troubleshooting-response-errors.html,
// and pages that users have published.
var pageErrors = []pageError{
	{"Request blocked.", Finding{
		Source:  Firewall,
		Meaning: "Likely a rule of AWS WAF blocked the request." + nothingSaid,
		Fix:     "Find the rule in the sampled requests of the distribution's web ACL, and allow this request.",
	}},
	{"not configured to allow the HTTP request method", Finding{
		Source:  CloudFront,
		Meaning: "The behavior of this path does not allow the method of the request." + nothingSaid,
		Fix:     "Send GET or HEAD, or add the method to the allowed methods of the behavior (OPTIONS for preflights of browsers).",
	}},
	{"Lambda function", Finding{
		Source:  EdgeFunction,
		Meaning: "A Lambda@Edge function failed, or CloudFront could not run it." + nothingSaid,
		Fix:     "Read the function's log in the region nearest to the viewer.",
	}},
	{"CloudFront function", Finding{
		Source:  EdgeFunction,
		Meaning: "A CloudFront function failed, or CloudFront could not run it." + nothingSaid,
		Fix:     "Test the function in the console, and read its log in us-east-1.",
	}},
	{"connect to the origin", Finding{
		Source: CloudFront, Signature: Passed,
		Meaning: askedOrigin + "But CloudFront could not connect to the origin.",
		Fix:     "Check that the origin runs, lets CloudFront connect, and has a certificate that CloudFront trusts.",
	}},
	{"establish a connection with the origin", Finding{
		Source: CloudFront, Signature: Passed,
		Meaning: askedOrigin + "But the connection failed, or the origin closed it.",
		Fix:     "Check that the origin runs, lets CloudFront connect, and answers in time.",
	}},
	{"resolve the origin domain name", Finding{
		Source: CloudFront, Signature: Passed,
		Meaning: askedOrigin + "But the origin's domain name does not resolve.",
		Fix:     "Correct the domain name of the origin.",
	}},
}

// cloudFrontPage recognizes CloudFront's error page.
func cloudFrontPage(a answer) (Finding, bool) {
	const heading = "The request could not be satisfied"
	if len(a.text) > longestPage || !contains(a.title+a.text, heading) {
		return Finding{}, false
	}
	f := pageByStatus(a.status)
	for _, known := range pageErrors {
		if contains(a.text, known.part) {
			f = known.finding
			break
		}
	}
	f.Message = pageMessage(a.text)
	return f, true
}

// pageByStatus returns the meaning of CloudFront's page if its words do not tell.
//
// Source, for 403: "How do I resolve the error 'The request could not be satisfied. Bad
// Request' from CloudFront?",
// https://repost.aws/knowledge-center/resolve-cloudfront-bad-request-error.
func pageByStatus(status int) Finding {
	f := Finding{Source: CloudFront}
	switch status {
	case http.StatusForbidden, 0:
		f.Meaning = "Likely the host of the URL is not an alternate domain name of the distribution, or the request came over plain HTTP to a behavior that requires https. In rare cases a GET request has a body."
		f.Fix = "Add the host to the distribution's alternate domain names, and sign and request the https URL."
	case http.StatusRequestEntityTooLarge:
		f.Meaning = "The body of the request is larger than CloudFront accepts."
		f.Fix = "Send no body with a request for a file."
	case http.StatusMisdirectedRequest:
		f.Meaning = "The TLS connection is for another host than the request."
		f.Fix = "Connect to the host of the URL, and send the same name with TLS and in Host."
	case http.StatusBadRequest, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		f.Meaning = "CloudFront considers the request malformed: likely a character is not percent-encoded, or the URL or a header (including cookies) is too long."
		f.Fix = "Encode the path before signing, request exactly the signed URL, and send fewer or shorter cookies."
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.Meaning = "CloudFront could not get the file: likely the origin, or a function at the edge, failed."
		f.Fix = "Read the logs of the origin and of the functions."
	default:
		f.Meaning = "CloudFront refused, and not with an answer of its check of signatures."
		f.Fix = "Look the request up in the distribution's access log: x-edge-detailed-result-type says why."
		return f
	}
	f.Meaning += nothingSaid
	return f
}

// redirect recognizes CloudFront's redirect to https.
func redirect(a answer) (Finding, bool) {
	if a.status < 300 || a.status > 399 || a.status == http.StatusNotModified || a.signs.cache != "redirect from cloudfront" {
		return Finding{}, false
	}
	return Finding{
		Source:  CloudFront,
		Meaning: "CloudFront redirected to https before it checked anything. The answer to the https request is not here." + nothingSaid,
		Fix:     "Sign and request the https URL: a signature for http does not match after the redirect.",
	}, true
}

// edgeFunction recognizes responses of functions by X-Cache, which has the result type
// of the access logs.
func edgeFunction(a answer) (Finding, bool) {
	kind := a.signs.cache
	if !strings.HasPrefix(kind, "function") && !strings.HasPrefix(kind, "lambda") || !strings.HasSuffix(kind, "from cloudfront") {
		return Finding{}, false
	}
	f := Finding{Source: EdgeFunction, Fix: "Read the code and the log of the function: it decides too, not only the signature."}
	if strings.Contains(kind, "generatedresponse") {
		f.Meaning = "The distribution's own function at the edge wrote this response. AWS does not document whether CloudFront checks signatures before the function runs, so the response says nothing certain about the signature."
		return f, true
	}
	f.Meaning = "A function at the edge failed, or was called too often." + nothingSaid
	return f, true
}

// errorPage recognizes pages that CloudFront, or an origin, sends instead of an error.
// A custom error response replaces every response with its status.
//
// Source: "Configure error response behavior",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-procedure.html.
func errorPage(a answer) (Finding, bool) {
	replaced := strings.HasPrefix(a.signs.cache, "error") && a.status >= 200 && a.status <= 299
	object := a.signs.through && (a.signs.byS3() || a.signs.byCloudFront() && a.html) // S3 writes its errors in XML
	bare := a.html && !a.signs.known
	if !replaced && !(a.failed() && (object || bare)) {
		return Finding{}, false
	}
	f := Finding{
		Source:  ErrorPage,
		Meaning: "Likely a custom error response: the site's page instead of the refusal, or a page that a rule of AWS WAF sends. The page is the same for the check of signatures, S3 and AWS WAF, so the source of the refusal is not visible.",
		Fix:     "Look the request up in the distribution's access log, or remove the custom error response for this status (usually 403) for a while.",
	}
	if !a.signs.known {
		f.Meaning = "A page, but not one that CloudFront writes itself. " + f.Meaning
		f.Fix += " The header fields would tell more: curl -i."
	}
	return f, true
}
