// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A restProtocol is REST with XML, as CloudFront has it.
type restProtocol struct{}

// A restAnswer is what an operation answers in a restProtocol.
type restAnswer struct {
	status         int    // zero: 200
	etag, location string // headers, if not empty
	body           any    // nil: no body
}

func (restProtocol) contentType() string { return "text/xml" }

func (p restProtocol) write(w http.ResponseWriter, answer any) {
	a := answer.(*restAnswer)
	if a.etag != "" {
		w.Header().Set("ETag", a.etag)
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	p.writeXML(w, a.status, rand.Text(), a.body)
}

// An errorResponse is the body of an error.
//
// Source: an answer of CloudFront in a public report of a bug,
// https://github.com/spacecatninja/craft-imager-x/issues/19
type errorResponse struct {
	XMLName   xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func (p restProtocol) writeError(w http.ResponseWriter, e *Error) {
	fault, id := "Sender", rand.Text()
	if e.status() >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	p.writeXML(w, e.status(), id, &errorResponse{Type: fault, Code: e.Type, Message: e.Message, RequestID: id})
}

func (p restProtocol) writeXML(w http.ResponseWriter, status int, id string, body any) {
	w.Header().Set("X-Amzn-Requestid", id)
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", p.contentType())
	w.WriteHeader(status)
	_, _ = w.Write([]byte(xml.Header)) // the client notices a failure
	_ = xml.NewEncoder(w).Encode(body) // the same
}

var restAuthorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[A-Za-z0-9]+/(\d{8})/[a-z0-9-]+/cloudfront/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// check refuses requests without a signature of the right form and service.
func (restProtocol) check(r *http.Request, _ string, anyDate bool) error {
	header := r.Header.Get("Authorization")
	if header == "" {
		return &Error{Type: "MissingAuthenticationToken", Message: "Missing Authentication Token"}
	}
	match := restAuthorization.FindStringSubmatch(header)
	if match == nil {
		return &Error{Type: "SignatureDoesNotMatch", Message: "the Authorization header is not a Signature Version 4 for cloudfront"}
	}
	signed := strings.Split(match[2], ";")
	date, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	switch {
	case !slices.Contains(signed, "host") || !slices.Contains(signed, "x-amz-date"):
		return &Error{Type: "SignatureDoesNotMatch", Message: "host and x-amz-date must be signed"}
	case err != nil || date.Format("20060102") != match[1] || !anyDate && time.Since(date).Abs() > 15*time.Minute:
		return &Error{Type: "SignatureDoesNotMatch", Message: "the date of the signature is not today"}
	}
	return nil
}
