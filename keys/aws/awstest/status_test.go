// SPDX-License-Identifier: Apache-2.0

package awstest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/cfsign/cfsign/keys/aws/awstest"
)

// TestFaultStatuses: the SDK's clients get the statuses that AWS documents. Package awslocal tests
// all of them.
func TestFaultStatuses(t *testing.T) {
	cloud := awstest.New(t)
	arn := cloud.KMS.Add(nil)
	for _, tt := range []struct {
		operation, code string
		want            int
	}{
		{"cloudfront:ListKeyGroups", "AccessDenied", 403},
		{"cloudfront:ListKeyGroups", "PreconditionFailed", 412},
		{"cloudfront:ListKeyGroups", "PublicKeyInUse", 409},
		{"cloudfront:ListKeyGroups", "KeyGroupAlreadyExists", 409},
		{"cloudfront:ListKeyGroups", "NoSuchResource", 404},
		{"cloudfront:ListKeyGroups", "Throttling", 400},
		{"kms:Sign", "AccessDeniedException", 400},
		{"kms:Sign", "KMSInternalException", 500},
		{"kms:Sign", "UnknownOperationException", 404}, // 501 is for what only the local AWS lacks
	} {
		cloud.Fail(tt.operation, 0, tt.code)
		var err error
		if strings.HasPrefix(tt.operation, "kms:") {
			err = signOnce(t.Context(), cloud, arn)
		} else {
			_, err = cloudfront.NewFromConfig(cloud.Config).ListKeyGroups(t.Context(), &cloudfront.ListKeyGroupsInput{})
		}
		var response *awshttp.ResponseError
		if !errors.As(err, &response) || response.HTTPStatusCode() != tt.want || codeOf(err) != tt.code {
			t.Errorf("%s: got %v, want the status %d", tt.code, err, tt.want)
		}
		cloud.Recover(tt.operation)
	}
}

// TestOtherServices: a client of another service learns which services there are.
func TestOtherServices(t *testing.T) {
	cloud := awstest.New(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *cloud.Config.BaseEndpoint, strings.NewReader("Action=GetCallerIdentity&Version=2011-06-15"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusNotImplemented || !strings.Contains(string(body), "(POST /): it has cloudfront, kms, secretsmanager, ssm<") {
		t.Errorf("got %s %s", response.Status, body)
	}
}

// TestUnsigned: a request without a signature has no Region, and learns that the signature is missing.
func TestUnsigned(t *testing.T) {
	cloud := awstest.New(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *cloud.Config.BaseEndpoint, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "TrentService.Sign")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "MissingAuthenticationTokenException") {
		t.Errorf("%s, %s, %v", response.Status, text, err)
	}
}
