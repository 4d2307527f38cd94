// SPDX-License-Identifier: Apache-2.0

package awslocal_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
)

// TestUnknownOperation: the error names the operations of the service that there are.
func TestUnknownOperation(t *testing.T) {
	var server awslocal.Server
	awslocal.NewSecrets(&server)
	awslocal.NewParameters(&server)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, signedRequest(t, "secretsmanager.ListSecrets", "secretsmanager", time.Now().UTC()))
	want := answered{http.StatusNotImplemented, "UnknownOperationException", `the local AWS has no operation "secretsmanager.ListSecrets": it has DescribeSecret, GetSecretValue, PutSecretValue, UpdateSecretVersionStage`}
	if diff := cmp.Diff(want, readJSON(t, w)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	targets := []string{awslocal.ParametersGet, awslocal.SecretsDescribe, awslocal.SecretsGetValue, awslocal.SecretsPutValue, awslocal.SecretsUpdateStage}
	slices.Sort(targets)
	if diff := cmp.Diff(targets, server.Operations()); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}

// answered is the error that a client reads.
type answered struct {
	Status        int
	Code, Message string
}

// readJSON reads an error of the JSON protocols. Clients read the code in the header, too.
func readJSON(t *testing.T, w *httptest.ResponseRecorder) answered {
	t.Helper()
	var body struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Header().Get("X-Amzn-Errortype") != body.Type {
		t.Errorf("%v %s: %v", w.Header(), w.Body, err)
	}
	return answered{w.Code, body.Type, body.Message}
}

// readXML reads an error with an element around it.
func readXML(t *testing.T, w *httptest.ResponseRecorder) answered {
	t.Helper()
	var body restError
	if err := xml.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Errorf("%s: %v", w.Body, err)
	}
	return answered{w.Code, body.Error.Code, body.Error.Message}
}

// readS3 reads an error of S3.
func readS3(t *testing.T, w *httptest.ResponseRecorder) answered {
	t.Helper()
	var body struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Errorf("%s: %v", w.Body, err)
	}
	return answered{w.Code, body.Code, body.Message}
}

// TestUnknownService: a client of a service that the server does not have reads which services it
// has. The requests have the forms of the SDK's clients.
func TestUnknownService(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		reason, method, path, target, contentType, scope string

		read func(*testing.T, *httptest.ResponseRecorder) answered
		want string
	}{
		{"JSON 1.1, in the scope of another service", "POST", "/", "AWSEvents.PutEvents", "application/x-amz-json-1.1", "us-east-1/events", readJSON, `"events" (AWSEvents.PutEvents)`},
		{"JSON 1.0, of a service that awslocal knows", "POST", "/", awslocal.DynamoDBPutItem, "application/x-amz-json-1.0", "us-east-1/dynamodb", readJSON, `"dynamodb" (DynamoDB_20120810.PutItem)`},
		{"REST with JSON", "POST", "/2015-03-31/functions/f/invocations", "", "application/octet-stream", "us-east-1/lambda", readJSON, `"lambda" (POST /2015-03-31/functions/f/invocations)`},
		{"signatures of version 4A have no Region", "GET", "/key-value-stores/a", "", "", "cloudfront-keyvaluestore", readJSON, `"cloudfront-keyvaluestore" (GET /key-value-stores/a)`},
		{"a form, answered with XML", "POST", "/", "", form, "us-east-1/sts", readXML, `"sts" (POST /)`},
		{"the same with a character set", "POST", "/", "", form + "; charset=utf-8", "us-east-1/sns", readXML, `"sns" (POST /)`},
		{"REST with XML", "GET", "/2013-04-01/hostedzone", "", "", "us-east-1/route53", readXML, `"route53" (GET /2013-04-01/hostedzone)`},
		{"CloudFront without one", "GET", "/2020-05-31/public-key", "", "", "us-east-1/cloudfront", readXML, `"cloudfront" (GET /2020-05-31/public-key)`},
		{"S3 has nothing around its errors", "GET", "/bucket/a.jpg", "", "", "us-east-1/s3", readS3, `"s3" (GET /bucket/a.jpg)`},
		{"no signature", "GET", "/health", "", "", "", readJSON, `"" (GET /health)`},
	} {
		var server awslocal.Server
		awslocal.NewSecrets(&server)
		awslocal.NewKMS(&server)
		awslocal.NewParameters(&server)
		r := httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader("body"))
		for name, value := range map[string]string{"Content-Type": tt.contentType, "X-Amz-Target": tt.target} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if tt.scope != "" {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/"+tt.scope+"/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64))
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		want := answered{http.StatusNotImplemented, "UnknownOperationException", "the local AWS has no service " + tt.want + ": it has kms, secretsmanager, ssm"}
		if diff := cmp.Diff(want, tt.read(t, w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
	var server awslocal.Server
	awslocal.NewCloudFront(&server)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/bucket", http.NoBody))
	if got := readJSON(t, w); !strings.HasSuffix(got.Message, ": it has cloudfront") {
		t.Errorf("got %v", got)
	}
}

// TestRefuseRegion: a client reads which Regions there are, in the form of its service.
func TestRefuseRegion(t *testing.T) {
	for _, tt := range []struct {
		scope, region, service string

		read func(*testing.T, *httptest.ResponseRecorder) answered
	}{
		{"cn-north-1/kms", "cn-north-1", "kms", readJSON},
		{"us-gov-west-1/s3", "us-gov-west-1", "s3", readS3},
		{"cloudfront-keyvaluestore", "", "cloudfront-keyvaluestore", readJSON},
		{"", "", "", readJSON},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		if tt.scope != "" {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/"+tt.scope+"/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64))
		}
		if region, service := awslocal.ScopeOf(r); region != tt.region || service != tt.service {
			t.Errorf("%q: got the Region %q and the service %q", tt.scope, region, service)
		}
		w := httptest.NewRecorder()
		awslocal.RefuseRegion(w, r, "write us-west-2")
		want := answered{http.StatusNotImplemented, "UnknownOperationException", fmt.Sprintf("the local AWS has no Region %q: write us-west-2", tt.region)}
		if diff := cmp.Diff(want, tt.read(t, w)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.scope, diff)
		}
	}
}
