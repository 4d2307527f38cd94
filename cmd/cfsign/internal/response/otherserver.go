// SPDX-License-Identifier: Apache-2.0

package response

import (
	"net/http"
	"strings"
)

// awsAPI recognizes errors of AWS APIs, which have hosts of their own.
func awsAPI(a answer) (Finding, bool) {
	if !a.xml.api {
		return Finding{}, false
	}
	return Finding{
		Source:  OtherServer,
		Meaning: "An API of AWS answered, not a distribution." + nothingSaid,
		Fix:     "Request the distribution's domain name, d....cloudfront.net or an alternate domain name.",
	}, true
}

// delivered recognizes responses that are not a refusal.
func delivered(a answer) (Finding, bool) {
	ok := a.status >= 200 && a.status <= 299 || a.status == http.StatusNotModified
	if !ok || strings.HasPrefix(a.signs.cache, "error") {
		return Finding{}, false
	}
	f := Finding{
		Source:  Success,
		Meaning: "This is not a refusal, but no header field is CloudFront's either: it says nothing about the signature.",
		Fix:     "Save the response to the request that was refused.",
	}
	switch {
	case a.html:
		f.Meaning = "This is not a refusal, unless you did not ask for a page. In that case it is likely a custom error response, which hides the source of the refusal."
	case a.signs.through:
		f.Signature = Passed
		f.Meaning = "This is not a refusal: CloudFront served the request, so it accepted the signature, or the behavior does not require one."
	}
	return f, true
}

// apiGateway recognizes answers of API Gateway and Lambda by their header or their words.
func apiGateway(a answer) (Finding, bool) {
	if !a.signs.gateway && a.json != "Missing Authentication Token" && a.json != "Forbidden" {
		return Finding{}, false
	}
	return Finding{
		Source:  OtherServer,
		Meaning: "Likely API Gateway or Lambda answered. API Gateway may have a CloudFront of its own in front, so CloudFront's header fields do not show whether your distribution was involved." + nothingSaid,
		Fix:     "Check which behavior matches the path, and whether the API has this path, stage and method.",
	}, true
}

// origin recognizes errors of an origin other than S3 by the name of the server.
func origin(a answer) (Finding, bool) {
	if !a.failed() || !a.signs.through || a.signs.server == "" || a.signs.byCloudFront() {
		return Finding{}, false
	}
	if a.html {
		return Finding{
			Source:  OtherServer,
			Meaning: "Likely the origin" + a.serverName() + " refused, and the signature was accepted, or the behavior does not require one. It can also be a custom error response from the origin, which hides the source of the refusal.",
			Fix:     "Look the request up in the origin's log. If it is not there, look into the distribution's access log.",
		}, true
	}
	return Finding{
		Source: OtherServer, Signature: Passed,
		Meaning: "The origin" + a.serverName() + " answered through CloudFront, so the signature was accepted, or the behavior does not require one.",
		Fix:     "Read the origin's log: the refusal is its own.",
	}, true
}

// otherServer recognizes that CloudFront had no part in the response.
func otherServer(a answer) (Finding, bool) {
	if !a.signs.elsewhere() {
		return Finding{}, false
	}
	return Finding{
		Source:  OtherServer,
		Meaning: "A server" + a.serverName() + " answered without any header field of CloudFront: likely the request never came to CloudFront." + nothingSaid,
		Fix:     "Check that the host name leads to the distribution, and that no proxy or other CDN answers instead.",
	}, true
}

// unnamed recognizes only that CloudFront had a part in the response.
func unnamed(a answer) (Finding, bool) {
	if !a.signs.through {
		return Finding{}, false
	}
	return Finding{
		Source:  Unknown,
		Meaning: "The response came through CloudFront, but does not name its author: CloudFront, AWS WAF, a function at the edge, or the origin." + nothingSaid,
		Fix:     "Save the whole response to a GET (curl -i), or look the request up in the distribution's access log.",
	}, true
}

// serverName returns the name of the server in parentheses, for a sentence, or "".
func (a answer) serverName() string {
	name := printable(a.signs.named, longestName)
	if name == "" {
		return ""
	}
	return " (" + name + ")"
}
