// SPDX-License-Identifier: Apache-2.0

package refusal

// bodiless knows error responses without a body, such as those to HEAD (curl -I).
// Their header says who wrote what is not there.
func bodiless(a answer) (Refusal, bool) {
	if !a.empty || !a.failed() || !a.signs.known {
		return Refusal{}, false
	}
	switch {
	case a.signs.byS3() && !a.html: // S3 writes its errors in XML
		return s3Refusal(a, s3Unread), true
	case a.signs.byCloudFront() && a.signs.media == "text/xml":
		return keyCheckByLength(a), true
	case a.signs.byCloudFront() && a.html:
		return Refusal{
			Source:  CloudFront,
			Meaning: "CloudFront wrote a page, which its check of signatures does not: likely AWS WAF, a geographic restriction or a setting of the distribution. The body, which would say which, is missing.",
			Mend:    mendNoBody,
		}, true
	}
	return Refusal{}, false
}

const mendNoBody = "Send the request again with GET and save all of it: curl -i."

// keyCheckByLength tells the code from Content-Length, since the bodies of the check
// are always the same.
func keyCheckByLength(a answer) Refusal {
	for _, known := range keyErrors {
		if a.signs.length == known.length() {
			return Refusal{
				Source: Signatures, Signature: Failed,
				Meaning: "The body is missing, but by its length it is likely " + known.code + ". " + known.meaning,
				Mend:    known.mend,
			}
		}
	}
	return Refusal{
		Source: Signatures, Signature: Failed,
		Meaning: "By its media type, text/xml, this is likely CloudFront's check of signatures. The body, which would say why, is missing.",
		Mend:    mendNoBody,
	}
}
