// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A jsonProtocol is the AWS JSON protocol: POST / with the operation in X-Amz-Target. It has the
// version 1.0 or 1.1.
type jsonProtocol struct{ version string }

// jsonProtocolOf returns the protocol of the service of a target.
func jsonProtocolOf(target string) jsonProtocol {
	if strings.HasPrefix(target, "DynamoDB_") {
		return jsonProtocol{"1.0"}
	}
	return jsonProtocol{"1.1"}
}

func (p jsonProtocol) contentType() string { return "application/x-amz-json-" + p.version }

func (p jsonProtocol) write(w http.ResponseWriter, answer any) {
	p.writeJSON(w, http.StatusOK, answer)
}

func (p jsonProtocol) writeError(w http.ResponseWriter, e *Error) {
	w.Header().Set("X-Amzn-Errortype", e.Type)
	members := map[string]any{"__type": e.Type, "message": e.Message}
	if e.Item != nil {
		members["Item"] = e.Item
	}
	p.writeJSON(w, e.status(), members)
}

func (p jsonProtocol) writeJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", p.contentType())
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the client notices a failure
}

// services are the service names in signatures, by the first part of the target.
var services = map[string]string{"TrentService": "kms", "secretsmanager": "secretsmanager", "AmazonSSM": "ssm", "DynamoDB_20120810": "dynamodb"}

// authorization is the form of a Signature Version 4. The server does not verify it.
var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[A-Za-z0-9]+/(\d{8})/[a-z0-9-]+/([a-z0-9-]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// check refuses what the services refuse before they read the body.
func (p jsonProtocol) check(r *http.Request, target string, anyDate bool) error {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/":
		return &Error{Type: "UnknownOperationException", Message: "the JSON protocol is POST / only"}
	case r.Header.Get("Content-Type") != p.contentType():
		return &Error{Type: "UnknownOperationException", Message: "the content type is not " + p.contentType()}
	case r.Header.Get("Authorization") == "":
		return &Error{Type: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	}
	match := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return &Error{Type: "IncompleteSignatureException", Message: "the Authorization header does not have the form of Signature Version 4"}
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
	if err != nil || date.Format("20060102") != day || !anyDate && time.Since(date).Abs() > 15*time.Minute {
		return &Error{Type: "InvalidSignatureException", Message: "the date of the signature is not today"}
	}
	return nil
}
