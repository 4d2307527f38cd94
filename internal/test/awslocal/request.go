// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const contentType = "application/x-amz-json-1.1"

// services are the names under which requests are signed, by the first part of their
// targets.
var services = map[string]string{"TrentService": "kms", "secretsmanager": "secretsmanager", "AmazonSSM": "ssm"}

// authorization is the form of a signature of version 4. It is not verified.
var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[A-Za-z0-9]+/(\d{8})/[a-z0-9-]+/([a-z0-9-]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// checkRequest refuses what the services would refuse before they look at the body.
func checkRequest(r *http.Request, target string) error {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/":
		return &Error{Status: http.StatusNotFound, Type: "UnknownOperationException", Message: "the JSON protocol is POST / only"}
	case r.Header.Get("Content-Type") != contentType:
		return &Error{Status: http.StatusNotFound, Type: "UnknownOperationException", Message: "the content type is not " + contentType}
	case r.Header.Get("Authorization") == "":
		return &Error{Type: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	}
	match := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return &Error{Type: "IncompleteSignatureException", Message: "the Authorization header is not in the form of Signature Version 4"}
	}
	day, service, signed := match[1], match[2], strings.Split(match[3], ";")
	prefix, _, _ := strings.Cut(target, ".")
	if services[prefix] != service {
		return &Error{Type: "InvalidSignatureException", Message: "Credential should be scoped to correct service"}
	}
	for _, name := range []string{"host", "x-amz-date", "x-amz-target"} {
		if !slices.Contains(signed, name) {
			return &Error{Type: "InvalidSignatureException", Message: "the header " + name + " is not signed"}
		}
	}
	date, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || date.Format("20060102") != day || time.Since(date).Abs() > 15*time.Minute {
		return &Error{Type: "InvalidSignatureException", Message: "the date of the signature is not that of today"}
	}
	return nil
}
