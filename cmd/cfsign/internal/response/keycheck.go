// SPDX-License-Identifier: Apache-2.0

package response

import "strconv"

// A keyError is an answer of CloudFront's check of signatures.
type keyError struct{ code, message, meaning, fix string }

// keyErrors are the known answers of the check.
//
// Sources: for the first two and the last, "How do I troubleshoot issues related to a
// signed URL or signed cookies in CloudFront?",
// https://repost.aws/knowledge-center/cloudfront-troubleshoot-signed-url-cookies; and
// responses that users have published.
var keyErrors = []keyError{
	{
		"MissingKey", "Missing Key-Pair-Id query parameter or cookie value",
		"CloudFront found no key pair ID: nothing signed arrived with the request, or Key-Pair-Id was missing or empty.",
		"Look at the request that was sent, not at the signed one. Cookies need a Domain and Path that cover the URL, https if they are Secure, and a player or fetch that sends credentials. A query parameter called Policy, Expires, Signature, Key-Pair-Id or Hash-Algorithm makes CloudFront ignore cookies.",
	},
	{
		"InvalidKey", "Unknown Key",
		"A key pair ID arrived, but the behavior of this path trusts no public key with this ID.",
		"Sign with the ID of the public key (not of the key group, not of an access key), and add that key to a trusted key group of the first behavior whose path pattern matches.",
	},
	{
		"MalformedPolicy", "Malformed Policy",
		"CloudFront could not read the policy: its base64 or JSON is broken, DateLessThan is missing, Expires is not a whole number of seconds, or both Policy and Expires are missing.",
		"Send the policy exactly as it was signed, in CloudFront's base64 (- _ ~ for + = /), with the time in whole seconds.",
	},
	{
		"MalformedSignature", "Could not unencode Signature",
		"A signature arrived that is not in CloudFront's base64: it was cut, changed on the way, or written in another alphabet.",
		"Write base64 with - _ ~ for + = / and with its padding, in one line, and make sure that nothing shortens or encodes the URL again.",
	},
	{
		"AccessDenied", "Access denied",
		"The signature does not verify for this URL, or a condition of the policy is not met: expired, not valid yet, another IP address, or another resource. CloudFront does not say which.",
		"Compare the requested URL, byte by byte, with the signed resource, and the policy with the clock and the viewer's address. Check that the private key belongs to the key pair ID, and that Hash-Algorithm names the hash.",
	},
}

const noTrace = " No header field is CloudFront's: likely a proxy or an emulator answered in its words."

// keyCheck recognizes the XML of CloudFront's check. S3 uses the codes AccessDenied and
// MalformedPolicy too, but with other messages and with the IDs of the request.
func keyCheck(a answer) (Finding, bool) {
	if !a.xml.found() || a.xml.ids || a.xml.api || a.signs.byS3() {
		return Finding{}, false
	}
	for _, known := range keyErrors {
		if a.xml.code == known.code && known.likely(a) {
			f := Finding{Source: KeyCheck, Signature: Failed, Meaning: known.meaning, Fix: known.fix}
			if a.signs.elsewhere() {
				f.Meaning += noTrace
			}
			return f, true
		}
	}
	if contains(a.xml.message, "query parameter or cookie value") {
		return Finding{
			Source: KeyCheck, Signature: Failed,
			Meaning: "Likely a part of the credential is missing. The message names the part.",
			Fix:     "Send all parameters, or all cookies, of one signature. Remove none of them, and do not mix two signatures.",
		}, true
	}
	return Finding{}, false
}

// likely reports whether an answer with the code of e is from the check. A code that S3
// uses too needs the message of the check, or a header that names CloudFront.
func (e keyError) likely(a answer) bool {
	switch e.code {
	case "AccessDenied":
		return a.xml.message == e.message || a.signs.byCloudFront() && a.signs.media == "text/xml" && a.xml.message != "Access Denied"
	case "MalformedPolicy":
		return a.xml.message == e.message || a.signs.byCloudFront()
	}
	return true
}

// length returns the length of e's body. Every error has another length.
func (e keyError) length() string {
	const rest = `<?xml version="1.0" encoding="UTF-8"?><Error><Code></Code><Message></Message></Error>`
	return strconv.Itoa(len(rest) + len(e.code) + len(e.message))
}

// withoutBody recognizes error responses without a body, such as answers to HEAD
// (curl -I), by their header.
func withoutBody(a answer) (Finding, bool) {
	if !a.empty || !a.failed() || !a.signs.known {
		return Finding{}, false
	}
	switch {
	case a.signs.byS3() && !a.html: // S3 writes its errors in XML
		return s3Finding(a, s3WithoutBody), true
	case a.signs.byCloudFront() && a.signs.media == "text/xml":
		return keyCheckByLength(a), true
	case a.signs.byCloudFront() && a.html:
		return Finding{
			Source:  CloudFront,
			Meaning: "CloudFront wrote a page, but its check of signatures never does: likely AWS WAF, a geographic restriction or a setting of the distribution refused. The body, which would say which one, is missing.",
			Fix:     fixNoBody,
		}, true
	}
	return Finding{}, false
}

const fixNoBody = "Send the request again with GET, and save the whole response: curl -i."

// keyCheckByLength derives the code from Content-Length: the bodies of the check never
// vary.
func keyCheckByLength(a answer) Finding {
	f := Finding{
		Source: KeyCheck, Signature: Failed,
		Meaning: "By its media type, text/xml, this is likely CloudFront's check of signatures. The body, which would say why, is missing.",
		Fix:     fixNoBody,
	}
	for _, known := range keyErrors {
		if a.signs.length == known.length() {
			f.Meaning = "The body is missing, but by its length it is likely " + known.code + ". " + known.meaning
			f.Fix = known.fix
		}
	}
	return f
}
