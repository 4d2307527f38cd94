// SPDX-License-Identifier: Apache-2.0

package refusal

import "strconv"

// A keyError is an answer of CloudFront's check of signatures.
type keyError struct{ code, message, meaning, mend string }

// keyErrors are all that are known.
//
// Source: "How do I troubleshoot issues related to a signed URL or signed cookies in
// CloudFront?" for the first two and the last, and responses that people have shown.
var keyErrors = []keyError{
	{
		"MissingKey", "Missing Key-Pair-Id query parameter or cookie value",
		"CloudFront found no key pair ID: nothing signed arrived with the request, or Key-Pair-Id was missing or empty.",
		"Look at the request that was sent, not at what was signed. Cookies have to cover the URL with Domain and Path, come with https if they are Secure, and be sent by the player or by fetch (credentials); a parameter of the URL called Policy, Expires, Signature, Key-Pair-Id or Hash-Algorithm makes CloudFront ignore them.",
	},
	{
		"InvalidKey", "Unknown Key",
		"A key pair ID arrived, but it is that of no public key which the behavior of this path trusts.",
		"Sign with the ID of the public key (not of the key group, not an access key), and add that key to a trusted key group of the first behavior whose path pattern matches.",
	},
	{
		"MalformedPolicy", "Malformed Policy",
		"CloudFront could not read the policy: its base64 or its JSON is broken, DateLessThan is missing, Expires is not a whole number of seconds, or there is neither Policy nor Expires.",
		"Send the policy exactly as it was signed, in CloudFront's base64 (- _ ~ for + = /), with the time in whole seconds.",
	},
	{
		"MalformedSignature", "Could not unencode Signature",
		"A signature arrived that is not in CloudFront's base64: it was cut, changed on the way, or written in another alphabet.",
		"Write base64 with - _ ~ for + = / and with its padding, in one line, and see that nothing shortens or encodes the URL again.",
	},
	{
		"AccessDenied", "Access denied",
		"The signature does not verify for this URL, or a condition of the policy is not met: expired, not valid yet, another IP address, or another resource. CloudFront does not say which.",
		"Compare the URL that was requested, byte by byte, with the resource that was signed, and the policy with the clock and the viewer's address; see that the private key belongs to the key pair ID, and Hash-Algorithm to the hash.",
	},
}

const noTrace = " No header field is CloudFront's: likely a proxy or an emulator answered in its words."

// keyCheck knows CloudFront's XML. S3 has the codes AccessDenied and MalformedPolicy
// too, but with other messages, and with the IDs of the request.
func keyCheck(a answer) (Refusal, bool) {
	if !a.xml.found() || a.xml.ids || a.xml.api || a.signs.byS3() {
		return Refusal{}, false
	}
	for _, known := range keyErrors {
		if a.xml.code == known.code && known.likely(a) {
			r := Refusal{Source: Signatures, Signature: Failed, Meaning: known.meaning, Mend: known.mend}
			if a.signs.elsewhere() {
				r.Meaning += noTrace
			}
			return r, true
		}
	}
	if contains(a.xml.message, "query parameter or cookie value") {
		return Refusal{
			Source: Signatures, Signature: Failed,
			Meaning: "Likely a part of the credential is missing, the one that the message names.",
			Mend:    "Send all parameters, or all cookies, that signing gave; remove none, and mix none of two signings.",
		}, true
	}
	return Refusal{}, false
}

// likely reports whether a with e's code is the check of signatures. Codes that S3
// has too need its message, or a header that says who wrote the response.
func (e keyError) likely(a answer) bool {
	switch e.code {
	case "AccessDenied":
		return a.xml.message == e.message || a.signs.byCloudFront() && a.signs.media == "text/xml" && a.xml.message != "Access Denied"
	case "MalformedPolicy":
		return a.xml.message == e.message || a.signs.byCloudFront()
	}
	return true
}

// length is that of e's body, which differs for all of them.
func (e keyError) length() string {
	const rest = `<?xml version="1.0" encoding="UTF-8"?><Error><Code></Code><Message></Message></Error>`
	return strconv.Itoa(len(rest) + len(e.code) + len(e.message))
}
