// SPDX-License-Identifier: Apache-2.0

package response

import (
	"net/http"
	"strings"
)

// Logged is what an access log says about a response with status 403.
type Logged struct {
	// DetailedResult is x-edge-detailed-result-type. Empty: the log does not have it.
	DetailedResult string
	// ContentType is sc-content-type. Empty: the log does not have it.
	ContentType string
	// ContentLength is sc-content-len. Empty: the log does not have it.
	ContentLength string
	// FromOrigin is whether the log has a time for the answer of the origin.
	FromOrigin bool
}

// ClassifyResult returns what CloudFront's type of result says alone. ok is false for the type
// Error and others that CloudFront's check of signatures can have, too.
//
// Source: "Standard logging reference", on x-edge-detailed-result-type,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
func ClassifyResult(l Logged) (f Finding, ok bool) {
	switch l.DetailedResult {
	case "ClientGeoBlocked":
		return geographicRefusal, true
	case "InvalidRequestBlocked":
		return pageWith("Request blocked."), true
	case "InvalidRequestMethod":
		return pageWith("not configured to allow the HTTP request method"), true
	case "InvalidRequest", "InvalidRequestHeader":
		return pageByStatus(http.StatusBadRequest), true
	case "InvalidRequestCertificate":
		return pageByStatus(http.StatusMisdirectedRequest), true
	}
	return edgeFunction(answer{signs: signs{cache: strings.ToLower(l.DetailedResult) + " from cloudfront"}})
}

// ClassifyLogged returns what the rest of the line says. CloudFront's check of signatures, S3, and
// pages have different media types. For other responses, the source is [Unknown].
func ClassifyLogged(l Logged) Finding {
	header := newSigns(http.Header{"Content-Type": {l.ContentType}, "Content-Length": {l.ContentLength}})
	header.through = true // CloudFront wrote the log
	switch {
	case header.media == "application/xml":
		header.s3 = true
		for _, known := range s3Errors {
			if known.code == "AccessDenied" && known.part == "" {
				return s3Finding(answer{signs: header}, known)
			}
		}
	case l.FromOrigin:
		return Finding{
			Source: OtherServer, Signature: Passed,
			Meaning: askedOrigin + "The origin refused.",
			Fix:     "Read the origin's log: the refusal is its own.",
		}
	case header.media == "text/xml":
		f := keyCheckByLength(answer{signs: header})
		for _, known := range keyErrors {
			if header.length == known.length() {
				f.Code = known.code
			}
		}
		return f
	}
	return Finding{Source: Unknown}
}

// pageWith returns the finding of CloudFront's page with a text.
func pageWith(part string) Finding {
	for _, known := range pageErrors {
		if known.part == part {
			return known.finding
		}
	}
	return Finding{Source: Unknown}
}
