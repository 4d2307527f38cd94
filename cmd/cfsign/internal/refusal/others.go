// SPDX-License-Identifier: Apache-2.0

package refusal

import (
	"net/http"
	"strings"
)

// edgeFunction knows what functions wrote by X-Cache, which has the type of the
// result that access logs have.
func edgeFunction(a answer) (Refusal, bool) {
	kind := a.signs.cache
	if !strings.HasPrefix(kind, "function") && !strings.HasPrefix(kind, "lambda") || !strings.HasSuffix(kind, "from cloudfront") {
		return Refusal{}, false
	}
	r := Refusal{Source: EdgeFunction, Mend: "Read the function's code and its log: it decides, not the signature alone."}
	if strings.Contains(kind, "generatedresponse") {
		r.Meaning = "The distribution's own function at the edge wrote this response. AWS does not say whether signatures are checked before it runs, so it says nothing sure of the signature."
		return r, true
	}
	r.Meaning = "A function at the edge failed, or was called too often." + nothingSaid
	return r, true
}

// awsAPI knows the errors of AWS's APIs, which have a host of their own.
func awsAPI(a answer) (Refusal, bool) {
	if !a.xml.api {
		return Refusal{}, false
	}
	return Refusal{
		Source:  OtherServer,
		Meaning: "An API of AWS answered, not a distribution." + nothingSaid,
		Mend:    "Request the distribution's domain name, d....cloudfront.net or its alternate one.",
	}, true
}

// delivered knows responses that are no refusal.
func delivered(a answer) (Refusal, bool) {
	ok := a.status >= 200 && a.status <= 299 || a.status == http.StatusNotModified
	if !ok || strings.HasPrefix(a.signs.cache, "error") {
		return Refusal{}, false
	}
	r := Refusal{
		Source:  Nobody,
		Meaning: "This is no refusal, but no header field is CloudFront's either: it says nothing of the signature.",
		Mend:    "Save the response to the request that was refused.",
	}
	switch {
	case a.html:
		r.Meaning = "This is no refusal, unless a page is not what you asked for: then it is likely a custom error response, which hides whose refusal it stands for."
	case a.signs.through:
		r.Signature = Passed
		r.Meaning = "This is no refusal: CloudFront served the request, so the signature was accepted, or the behavior asks for none."
	}
	return r, true
}

// errorPage knows pages that CloudFront, or an origin, sends in place of an error.
// A custom error response is for a status, whoever gave it.
//
// Source: "Configure error response behavior".
func errorPage(a answer) (Refusal, bool) {
	replaced := strings.HasPrefix(a.signs.cache, "error") && a.status >= 200 && a.status <= 299
	object := a.signs.through && (a.signs.byS3() || a.signs.byCloudFront() && a.html) // S3 writes its errors in XML
	bare := a.html && !a.signs.known
	if !replaced && !(a.failed() && (object || bare)) {
		return Refusal{}, false
	}
	r := Refusal{
		Source:  ErrorPage,
		Meaning: "Likely a custom error response: the site's page in place of the refusal, or one that a rule of AWS WAF sends. Such a page is the same for the check of signatures, for S3 and for AWS WAF, so whose refusal it hides is not visible.",
		Mend:    "Look the request up in the distribution's access log, or take the custom error response for this status (403, most often) away for a while.",
	}
	if !a.signs.known {
		r.Meaning = "A page, but not one that CloudFront writes itself. " + r.Meaning
		r.Mend += " The header fields would tell more: curl -i."
	}
	return r, true
}

// apiGateway knows API Gateway's and Lambda's answers by their header, or by their
// words.
func apiGateway(a answer) (Refusal, bool) {
	if !a.signs.gateway && a.json != "Missing Authentication Token" && a.json != "Forbidden" {
		return Refusal{}, false
	}
	return Refusal{
		Source:  OtherServer,
		Meaning: "Likely API Gateway or Lambda answered. API Gateway may have a CloudFront of its own in front, so CloudFront's header fields do not tell whether your distribution was asked." + nothingSaid,
		Mend:    "See which behavior matches the path, and whether the API has this path, stage and method.",
	}, true
}

// origin knows errors of an origin that is not S3 by the name of the server.
func origin(a answer) (Refusal, bool) {
	if !a.failed() || !a.signs.through || a.signs.server == "" || a.signs.byCloudFront() {
		return Refusal{}, false
	}
	if a.html {
		return Refusal{
			Source:  OtherServer,
			Meaning: "Likely the origin" + a.serverName() + " refused, and the signature was accepted, or the behavior asks for none. It may also be a custom error response that comes from there, which hides whose refusal it stands for.",
			Mend:    "Look into the origin's log: if the request is not there, look into the distribution's access log.",
		}, true
	}
	return Refusal{
		Source: OtherServer, Signature: Passed,
		Meaning: "The origin" + a.serverName() + " answered by way of CloudFront, so the signature was accepted, or the behavior asks for none.",
		Mend:    "Look into the origin's log: the refusal is its own.",
	}, true
}

// stranger knows that CloudFront had no part in the response.
func stranger(a answer) (Refusal, bool) {
	if !a.signs.elsewhere() {
		return Refusal{}, false
	}
	return Refusal{
		Source:  OtherServer,
		Meaning: "A server" + a.serverName() + " answered without any header field of CloudFront's: likely the request never came to CloudFront." + nothingSaid,
		Mend:    "See that the host name leads to the distribution, and that no proxy or other CDN answers in its place.",
	}, true
}

// unnamed knows only that CloudFront had a part in the response.
func unnamed(a answer) (Refusal, bool) {
	if !a.signs.through {
		return Refusal{}, false
	}
	return Refusal{
		Source:  Unknown,
		Meaning: "The response came by way of CloudFront, but does not say who wrote it: CloudFront, AWS WAF, a function at the edge, or the origin." + nothingSaid,
		Mend:    "Save the whole response to a GET (curl -i), or look the request up in the distribution's access log.",
	}, true
}

// serverName is what the server calls itself, for a sentence.
func (a answer) serverName() string {
	name := printable(a.signs.named, longestName)
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}
