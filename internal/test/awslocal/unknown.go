// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// namesOf returns the names of the operations of a target's service, or nil if the server has none.
func (s *Server) namesOf(target string) []string {
	service, _, _ := strings.Cut(target, ".")
	var names []string
	for _, other := range s.Operations() {
		if name, ok := strings.CutPrefix(other, service+"."); ok {
			names = append(names, name)
		}
	}
	return names
}

// unknown is the error for an operation that the server does not have. It names the operations
// of the service that it has.
func (s *Server) unknown(target string) error {
	return missing("operation %q: it has %s", target, strings.Join(s.namesOf(target), ", "))
}

// refuseService answers a request for a service that the server does not have. The error names the
// services that there are.
func (s *Server) refuseService(w http.ResponseWriter, r *http.Request) {
	_, service := ScopeOf(r)
	name := r.Header.Get("X-Amz-Target")
	if name == "" {
		name = r.Method + " " + r.URL.Path
	}
	refuse(w, r, missing("service %q (%s): it has %s", service, name, strings.Join(s.services(), ", ")))
}

// RefuseRegion answers a request for a Region that the local AWS does not have. The hint says which
// Regions there are.
func RefuseRegion(w http.ResponseWriter, r *http.Request, hint string) {
	region, _ := ScopeOf(r)
	refuse(w, r, missing("Region %q: %s", region, hint))
}

// refuse answers a request with an error, in the form that the clients of its service read.
func refuse(w http.ResponseWriter, r *http.Request, e *Error) {
	_, service := ScopeOf(r)
	switch isForm := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"); {
	case service == "s3":
		restProtocol{}.writeXML(w, e.status(), "", &s3Error{Code: e.Type, Message: e.Message})
	case isForm || slices.Contains([]string{"cloudfront", "route53"}, service):
		restProtocol{}.writeError(w, e)
	default:
		jsonProtocolOf(r.Header.Get("X-Amz-Target")).writeError(w, e)
	}
}

// An s3Error is the body of an error of S3, which other services with XML wrap.
//
// Source: "REST error responses", https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
type s3Error struct {
	XMLName       xml.Name `xml:"Error"`
	Code, Message string
}

// scope is the end of a credential's scope. Version 4A of signatures has no Region there.
var scope = regexp.MustCompile(`Credential=[^/]+/\d{8}/(?:([a-z0-9-]+)/)?([a-z0-9-]+)/aws4_request`)

// ScopeOf returns the Region and the service for which a request is signed, or "" for what its
// signature does not name.
func ScopeOf(r *http.Request) (region, service string) {
	match := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return "", ""
	}
	return match[1], match[2]
}

// services returns the names of the services that the server has.
func (s *Server) services() []string {
	var names []string
	for _, target := range s.Operations() {
		prefix, _, ok := strings.Cut(target, ".")
		name := services[prefix]
		if !ok {
			name = "cloudfront"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
