// SPDX-License-Identifier: Apache-2.0

/*
Package response says which server refused a request, and what the refusal says about
the signature. It is for responses that were saved where a file behind CloudFront was
expected:

	finding := response.Classify(saved)
	fmt.Println(finding.Source.Describe(), finding.Meaning, finding.Fix)

Every server on the way answers 403, and the answers look alike: CloudFront's check of
signatures says "Access denied", and S3, which CloudFront asks only after that check,
"Access Denied".

Anybody can imitate a response. The package knows what AWS documents and what users
have published of real responses. A [Finding] is therefore not a proof, and its texts
say "likely" if the response can also mean something else.
*/
package response

import "net/http"

// A Response is an HTTP response, as far as it is known.
type Response struct {
	// Status is the status code. Zero: unknown.
	Status int
	// Header has the header fields. Nil: unknown.
	Header http.Header
	// Body is the body, possibly cut.
	Body []byte
}

// MaxSize is the number of bytes that [Classify] reads of a body. Refusals are far
// smaller.
const MaxSize = 1 << 20

// A Finding is what a response says. All texts are printable, in one line, and
// contain nothing that looks like a credential.
type Finding struct {
	// Source is the server that refused.
	Source Source
	// Signature is what the response says about the check of signatures.
	Signature Verdict
	// Code is the error code in the XML of CloudFront or S3, such as "MissingKey".
	// Empty: the response has no code.
	Code string
	// Message is the message of the response, shortened. Empty: it has no message.
	Message string
	// Meaning says what the response means for the signature.
	Meaning string
	// Fix says what to do.
	Fix string
	// Explanation is the decision of a local edge, from its header field.
	// Empty: the response has no such field.
	Explanation string
}

// A Source is the server that refused. Its text is stable, for programs that read the
// output. [Source.Describe] returns a text for people.
type Source string

// The servers that may refuse.
const (
	// Unknown: the response does not say.
	Unknown Source = "unknown"
	// Firewall is AWS WAF, or CloudFront's geographic restriction.
	Firewall Source = "firewall"
	// KeyCheck is CloudFront's check of signatures.
	KeyCheck Source = "signatures"
	// CloudFront is CloudFront for another reason.
	CloudFront Source = "cloudfront"
	// EdgeFunction is a CloudFront function or Lambda@Edge.
	EdgeFunction Source = "edge-function"
	// ErrorPage is a page of the site that replaces the refusal, so that the source
	// of the refusal is hidden.
	ErrorPage Source = "error-page"
	// S3 is Amazon S3, or a compatible store.
	S3 Source = "s3"
	// OtherServer is an origin other than S3, or a server that has nothing to do
	// with CloudFront.
	OtherServer Source = "other-server"
	// Success: the response is not a refusal.
	Success Source = "nobody"
)

// Describe returns s in words that fit into a sentence.
func (s Source) Describe() string {
	switch s {
	case Firewall:
		return "AWS WAF or a geographic restriction"
	case KeyCheck:
		return "CloudFront's check of signatures"
	case CloudFront:
		return "CloudFront itself, not its check of signatures"
	case EdgeFunction:
		return "a function at the edge"
	case ErrorPage:
		return "an error page of the site, which hides the server that refused"
	case S3:
		return "S3"
	case OtherServer:
		return "another server"
	case Success:
		return "a server that did not refuse"
	}
	return "an unknown server"
}

// A Verdict is what a response says about the check of signatures.
type Verdict int

const (
	// NotVisible is the zero value: the response does not show whether CloudFront
	// checked a signature, and what the result was.
	NotVisible Verdict = iota
	// Passed means that CloudFront accepted the signature, or that the behavior does
	// not require a signature. A response cannot tell one from the other.
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
