// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
)

func TestClassifyLogged(t *testing.T) {
	for _, tt := range []struct {
		why    string
		logged response.Logged
		byType bool
		source response.Source
		code   string
		part   string // of the meaning
	}{
		{"the country", response.Logged{DetailedResult: "ClientGeoBlocked", ContentType: "text/html"}, true, response.Firewall, "", "country"},
		{"a rule", response.Logged{DetailedResult: "InvalidRequestBlocked"}, true, response.Firewall, "", "WAF"},
		{"the method", response.Logged{DetailedResult: "InvalidRequestMethod"}, true, response.CloudFront, "", "method"},
		{"an invalid request", response.Logged{DetailedResult: "InvalidRequest"}, true, response.CloudFront, "", "malformed"},
		{"a certificate of another host", response.Logged{DetailedResult: "InvalidRequestCertificate"}, true, response.CloudFront, "", "another host"},
		{"a function answered", response.Logged{DetailedResult: "FunctionGeneratedResponse"}, true, response.EdgeFunction, "", "function"},
		{"a function failed", response.Logged{DetailedResult: "LambdaExecutionError"}, true, response.EdgeFunction, "", "failed"},
		{"the type of S3's XML", response.Logged{DetailedResult: "Error", ContentType: "application/xml"}, false, response.S3, "", "bucket's policy"},
		{"the type of CloudFront's XML, and the length of one error", response.Logged{DetailedResult: "Error", ContentType: "text/xml", ContentLength: "146"}, false, response.KeyCheck, "MissingKey", "MissingKey"},
		{"the type of CloudFront's XML", response.Logged{DetailedResult: "Error", ContentType: "text/xml", ContentLength: "-"}, false, response.KeyCheck, "", "text/xml"},
		{"the origin was asked", response.Logged{DetailedResult: "Error", ContentType: "application/json", FromOrigin: true}, false, response.OtherServer, "", "origin refused"},
		{"a page can be from anyone", response.Logged{DetailedResult: "Error", ContentType: "text/html"}, false, response.Unknown, "", ""},
		{"a log without these fields", response.Logged{}, false, response.Unknown, "", ""},
	} {
		f, ok := response.ClassifyResult(tt.logged)
		if !ok {
			f = response.ClassifyLogged(tt.logged)
		}
		if ok != tt.byType || f.Source != tt.source || f.Code != tt.code || !strings.Contains(f.Meaning, tt.part) || f.Source != response.Unknown && f.Fix == "" {
			t.Errorf("%s: by type %t: %+v", tt.why, ok, f)
		}
	}
}
