// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/response"
	"github.com/google/go-cmp/cmp"
)

// read returns a body in testdata.
func read(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// header returns a header with the lines.
func header(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

var (
	byCloudFront = []string{"Server: CloudFront", "X-Cache: Error from cloudfront", "Via: 1.1 0000.cloudfront.net (CloudFront)", "X-Amz-Cf-Id: example=="}
	throughTo    = func(server string) []string {
		return append([]string{"Server: " + server}, byCloudFront[1:]...)
	}
)

func with(lines []string, more ...string) http.Header {
	return header(append(lines[:len(lines):len(lines)], more...)...)
}

// A verdict is the part of a finding for programs.
type verdict struct {
	Source    response.Source
	Signature response.Verdict
	Code      string
}

func TestClassify(t *testing.T) {
	tests := []struct {
		name   string
		why    string
		status int
		header http.Header
		body   string // a file in testdata
		want   verdict
		words  string // in the meaning
	}{
		{"missing key", "nothing signed arrived", 403, with(byCloudFront, "Content-Type: text/xml"), "cloudfront-missing-key.xml", verdict{response.KeyCheck, response.Failed, "MissingKey"}, "nothing signed arrived"},
		{"invalid key", "the ID is in no key group of the behavior", 403, with(byCloudFront, "Content-Type: text/xml"), "cloudfront-invalid-key.xml", verdict{response.KeyCheck, response.Failed, "InvalidKey"}, "behavior of this path trusts"},
		{"malformed policy", "the policy cannot be read", 403, with(byCloudFront, "Content-Type: text/xml"), "cloudfront-malformed-policy.xml", verdict{response.KeyCheck, response.Failed, "MalformedPolicy"}, "could not read the policy"},
		{"malformed signature", "the base64 is wrong", 403, with(byCloudFront, "Content-Type: text/xml"), "cloudfront-malformed-signature.xml", verdict{response.KeyCheck, response.Failed, "MalformedSignature"}, "not in CloudFront's base64"},
		{"access denied", "CloudFront writes a lower-case d", 403, with(byCloudFront, "Content-Type: text/xml"), "cloudfront-access-denied.xml", verdict{response.KeyCheck, response.Failed, "AccessDenied"}, "expired, not valid yet"},
		{"access denied, the body alone", "the lower-case d is enough", 0, nil, "cloudfront-access-denied.xml", verdict{response.KeyCheck, response.Failed, "AccessDenied"}, "does not verify"},
		{"a code that is not known", "users have mentioned such a message", 403, with(byCloudFront, "Content-Type: text/xml"), "cloudfront-like.xml", verdict{response.KeyCheck, response.Failed, "MissingPart"}, "Likely a part of the credential is missing"},
		{"missing key, of an emulator", "the header fields are not CloudFront's", 403, header("Server: emulator"), "cloudfront-missing-key.xml", verdict{response.KeyCheck, response.Failed, "MissingKey"}, "likely a proxy or an emulator"},

		{"S3 through CloudFront", "S3 is asked after the check", 403, with(throughTo("AmazonS3"), "Content-Type: application/xml", "X-Amz-Request-Id: 1"), "s3-access-denied.xml", verdict{response.S3, response.Passed, "AccessDenied"}, "The signature was accepted, or the behavior does not require one"},
		{"S3 itself", "no header field is CloudFront's", 403, header("Server: AmazonS3", "X-Amz-Request-Id: 1"), "s3-access-denied.xml", verdict{response.S3, response.NotVisible, "AccessDenied"}, "likely the request went to S3 itself"},
		{"S3, the body alone", "the server is not visible", 0, nil, "s3-access-denied.xml", verdict{response.S3, response.NotVisible, "AccessDenied"}, "if the request went to CloudFront, the signature was accepted"},
		{"S3, the server's name replaced", "a policy for response headers may do that", 403, with(byCloudFront), "s3-access-denied.xml", verdict{response.S3, response.Passed, "AccessDenied"}, "The signature was accepted"},
		{"words of S3 under CloudFront's name", "a contradiction proves nothing", 403, with(byCloudFront, "Content-Type: text/xml"), "s3-like.xml", verdict{response.S3, response.NotVisible, "AccessDenied"}, "likely S3"},
		{"the header of a file", "a browser copies no status, and nothing says error", 0, header("Server: AmazonS3", "X-Cache: Hit from cloudfront", "Content-Type: video/mp4"), "", verdict{response.Unknown, response.NotVisible, ""}, "does not name its author"},
		{"the header of an error", "X-Cache says error", 0, with(throughTo("AmazonS3"), "Content-Type: application/xml"), "", verdict{response.S3, response.Passed, ""}, "body, which would say why"},
		{"S3's website endpoint", "its errors are pages", 403, with(throughTo("AmazonS3")), "s3-website.html", verdict{response.S3, response.Passed, "AccessDenied"}, "bucket's policy"},
		{"a behavior without restriction", "CloudFront left the parameters in", 403, with(throughTo("AmazonS3")), "s3-query-string-authentication.xml", verdict{response.S3, response.NotVisible, "AccessDenied"}, "nothing was checked"},
		{"the bucket's URL was signed", "CloudFront's parameters went to S3", 403, header("Server: AmazonS3"), "s3-query-string-authentication.xml", verdict{response.S3, response.NotVisible, "AccessDenied"}, "likely the request went to S3 itself"},
		{"one of both", "the body alone does not say", 0, nil, "s3-query-string-authentication.xml", verdict{response.S3, response.NotVisible, "AccessDenied"}, "Either the URL is the bucket's"},
		{"presigned and expired", "another kind of signature", 403, with(throughTo("AmazonS3")), "s3-presigned-expired.xml", verdict{response.S3, response.Passed, "AccessDenied"}, "presigned for S3 has expired"},
		{"presigned by way of CloudFront", "it adds header fields", 403, with(throughTo("AmazonS3")), "s3-headers-not-signed.xml", verdict{response.S3, response.Passed, "AccessDenied"}, "does not cover"},
		{"no kms:Decrypt", "the key's policy", 403, with(throughTo("AmazonS3")), "s3-kms-decrypt.xml", verdict{response.S3, response.Passed, "AccessDenied"}, "AWS KMS"},
		{"KMS with an identity", "it cannot sign with version 4", 400, with(throughTo("AmazonS3")), "s3-kms-oai.xml", verdict{response.S3, response.Passed, "InvalidArgument"}, "origin access identity"},
		{"KMS key disabled", "the code alone says KMS", 400, with(throughTo("AmazonS3")), "s3-kms-disabled.xml", verdict{response.S3, response.Passed, "KMS.DisabledException"}, "AWS KMS"},
		{"the message names the action", "newer messages of S3", 403, with(throughTo("AmazonS3")), "s3-not-authorized.xml", verdict{response.S3, response.Passed, "AccessDenied"}, "names an action"},
		{"no object", "CloudFront may list the bucket", 404, with(throughTo("AmazonS3")), "s3-no-such-key.xml", verdict{response.S3, response.Passed, "NoSuchKey"}, "no such object"},
		{"no bucket", "the origin is wrong", 404, with(throughTo("AmazonS3")), "s3-no-such-bucket.xml", verdict{response.S3, response.Passed, "NoSuchBucket"}, "no such bucket"},
		{"S3's own signature", "not CloudFront's", 403, with(throughTo("AmazonS3")), "s3-signature-does-not-match.xml", verdict{response.S3, response.Passed, "SignatureDoesNotMatch"}, "one of AWS's own"},
		{"key pair ID as an access key", "someone renamed the parameter", 403, header("Server: AmazonS3"), "s3-invalid-access-key-id.xml", verdict{response.S3, response.NotVisible, "InvalidAccessKeyId"}, "access key"},
		{"presigned wrongly", "X-Amz-... is S3's", 400, header("Server: AmazonS3"), "s3-query-parameters.xml", verdict{response.S3, response.NotVisible, "AuthorizationQueryParametersError"}, "X-Amz-"},
		{"another region", "a bucket that moved", 400, with(throughTo("AmazonS3")), "s3-wrong-region.xml", verdict{response.S3, response.Passed, "AuthorizationHeaderMalformed"}, "another region"},
		{"signature version 2", "an origin access identity in a new region", 400, with(throughTo("AmazonS3")), "s3-old-signature.xml", verdict{response.S3, response.Passed, "InvalidRequest"}, "Version 4"},
		{"disabled", "by AWS", 403, with(throughTo("AmazonS3")), "s3-all-access-disabled.xml", verdict{response.S3, response.Passed, "AllAccessDisabled"}, "disabled"},
		{"archived", "Glacier", 403, with(throughTo("AmazonS3")), "s3-archived.xml", verdict{response.S3, response.Passed, "InvalidObjectState"}, "archived"},
		{"permanent redirect", "the bucket's region", 301, with(throughTo("AmazonS3")), "s3-permanent-redirect.xml", verdict{response.S3, response.Passed, "PermanentRedirect"}, "another region"},
		{"temporary redirect", "a new bucket", 307, with(throughTo("AmazonS3")), "s3-temporary-redirect.xml", verdict{response.S3, response.Passed, "TemporaryRedirect"}, "new"},
		{"slow down", "too many requests", 503, with(throughTo("AmazonS3")), "s3-slow-down.xml", verdict{response.S3, response.Passed, "SlowDown"}, "too many"},
		{"another code", "S3 has dozens", 416, with(throughTo("AmazonS3")), "s3-other-code.xml", verdict{response.S3, response.Passed, "InvalidRange"}, "code says why"},
		{"MalformedPolicy of S3", "it has IDs, and means a bucket's policy", 400, header("Server: AmazonS3"), "s3-malformed-policy.xml", verdict{response.S3, response.NotVisible, "MalformedPolicy"}, "code says why"},

		{"AWS WAF", "the page says blocked", 403, with(byCloudFront, "Content-Type: text/html"), "cloudfront-request-blocked.html", verdict{response.Firewall, response.NotVisible, ""}, "AWS WAF"},
		{"AWS WAF, copied from a browser", "text without markup", 0, nil, "browser-page.txt", verdict{response.Firewall, response.NotVisible, ""}, "AWS WAF"},
		{"country", "the page says so", 403, with(byCloudFront, "Content-Type: text/html"), "cloudfront-geographic.html", verdict{response.Firewall, response.NotVisible, ""}, "country"},
		{"country, in another form", "clients have shown it without a page", 403, nil, "geographic.txt", verdict{response.Firewall, response.NotVisible, ""}, "country"},
		{"another host name", "403 and Bad request", 403, with(byCloudFront), "cloudfront-bad-request-403.html", verdict{response.CloudFront, response.NotVisible, ""}, "not an alternate domain name"},
		{"malformed request", "400 and Bad request", 400, with(byCloudFront), "cloudfront-bad-request-400.html", verdict{response.CloudFront, response.NotVisible, ""}, "malformed"},
		{"malformed request, the body alone", "the page has the status", 0, nil, "cloudfront-bad-request-400.html", verdict{response.CloudFront, response.NotVisible, ""}, "malformed"},
		{"large request", "413", 413, with(byCloudFront), "cloudfront-too-large.html", verdict{response.CloudFront, response.NotVisible, ""}, "larger"},
		{"method", "POST to a behavior for GET", 403, with(byCloudFront), "cloudfront-method.html", verdict{response.CloudFront, response.NotVisible, ""}, "method"},
		{"another certificate", "421", 421, with(byCloudFront), "cloudfront-misdirected.html", verdict{response.CloudFront, response.NotVisible, ""}, "TLS"},
		{"no connection to the origin", "the origin is asked after the check", 502, with(byCloudFront), "cloudfront-origin-connection.html", verdict{response.CloudFront, response.Passed, ""}, "could not connect"},
		{"the origin closed", "the same", 502, with(byCloudFront), "cloudfront-origin-closed.html", verdict{response.CloudFront, response.Passed, ""}, "connection failed"},
		{"the origin's name", "the same", 502, with(byCloudFront), "cloudfront-origin-name.html", verdict{response.CloudFront, response.Passed, ""}, "does not resolve"},
		{"Lambda@Edge failed", "the page says so", 503, with(byCloudFront), "cloudfront-lambda.html", verdict{response.EdgeFunction, response.NotVisible, ""}, "Lambda@Edge"},
		{"a function failed", "the page says so", 503, with(byCloudFront), "cloudfront-function.html", verdict{response.EdgeFunction, response.NotVisible, ""}, "CloudFront function"},
		{"502 without words", "origin or function", 502, with(byCloudFront), "cloudfront-other-502.html", verdict{response.CloudFront, response.NotVisible, ""}, "likely the origin"},
		{"a new page", "CloudFront may add some", 418, with(byCloudFront), "cloudfront-other-418.html", verdict{response.CloudFront, response.NotVisible, ""}, "not with an answer of its check"},

		{"a function wrote it", "X-Cache", 403, header("Server: CloudFront", "X-Cache: FunctionGeneratedResponse from cloudfront"), "site-page.html", verdict{response.EdgeFunction, response.NotVisible, ""}, "own function"},
		{"Lambda@Edge wrote it", "X-Cache, and no body", 403, header("Server: CloudFront", "X-Cache: LambdaGeneratedResponse from cloudfront"), "", verdict{response.EdgeFunction, response.NotVisible, ""}, "own function"},
		{"Lambda@Edge imitates CloudFront", "X-Cache is surer than a body", 403, header("Server: CloudFront", "X-Cache: LambdaGeneratedResponse from cloudfront"), "cloudfront-missing-key.xml", verdict{response.EdgeFunction, response.NotVisible, "MissingKey"}, "own function"},
		{"Lambda@Edge was not run", "X-Cache", 503, header("Server: CloudFront", "X-Cache: LambdaLimitExceeded from cloudfront"), "", verdict{response.EdgeFunction, response.NotVisible, ""}, "failed"},

		{"custom error response", "the site's page for 403", 403, with(throughTo("AmazonS3"), "Content-Type: text/html"), "site-page.html", verdict{response.ErrorPage, response.NotVisible, ""}, "custom error response"},
		{"custom error response with 200", "an error that X-Cache remembers", 200, with(throughTo("AmazonS3"), "Content-Type: text/html"), "site-page.html", verdict{response.ErrorPage, response.NotVisible, ""}, "custom error response"},
		{"custom error response in JSON", "S3 writes errors in XML only", 403, with(throughTo("AmazonS3"), "Content-Type: application/json"), "api-gateway.json", verdict{response.ErrorPage, response.NotVisible, ""}, "custom error response"},
		{"a page, the body alone", "not one of CloudFront's", 0, nil, "site-page.html", verdict{response.ErrorPage, response.NotVisible, ""}, "not one that CloudFront writes"},
		{"custom error response to HEAD", "S3 writes no page for an error", 403, with(throughTo("AmazonS3"), "Content-Type: text/html"), "", verdict{response.ErrorPage, response.NotVisible, ""}, "custom error response"},
		{"an index page for every path", "200, and perhaps not what was asked for", 200, header("Server: AmazonS3", "X-Cache: Hit from cloudfront"), "site-page.html", verdict{response.Success, response.NotVisible, ""}, "unless you did not ask for a page"},

		{"HEAD refused by the check", "the length tells the code", 403, with(byCloudFront, "Content-Type: text/xml", "Content-Length: 146"), "", verdict{response.KeyCheck, response.Failed, ""}, "likely MissingKey"},
		{"HEAD refused by the check, another length", "a code that is not known", 403, with(byCloudFront, "Content-Type: text/xml", "Content-Length: 7"), "", verdict{response.KeyCheck, response.Failed, ""}, "likely CloudFront's check"},
		{"HEAD refused by S3", "the server's name", 403, with(throughTo("AmazonS3"), "Content-Type: application/xml"), "", verdict{response.S3, response.Passed, ""}, "body, which would say why"},
		{"HEAD refused by CloudFront", "a page is not the check's", 403, with(byCloudFront, "Content-Type: text/html"), "", verdict{response.CloudFront, response.NotVisible, ""}, "likely AWS WAF"},
		{"no body, no type", "no sign of a server", 403, with(byCloudFront), "", verdict{response.Unknown, response.NotVisible, ""}, "does not name its author"},

		{"API Gateway behind CloudFront", "it has a CloudFront of its own", 403, with(byCloudFront[1:], "X-Amz-Apigw-Id: 1"), "api-gateway.json", verdict{response.OtherServer, response.NotVisible, ""}, "API Gateway"},
		{"API Gateway, the body alone", "its words", 0, nil, "api-gateway.json", verdict{response.OtherServer, response.NotVisible, ""}, "API Gateway"},
		{"a function's URL", "Message with a capital", 403, header("X-Amzn-Errortype: AccessDeniedException"), "lambda-url.json", verdict{response.OtherServer, response.NotVisible, ""}, "Lambda"},
		{"nginx behind CloudFront", "a page could be a custom error response", 403, with(throughTo("nginx")), "nginx.html", verdict{response.OtherServer, response.NotVisible, ""}, "Likely the origin (nginx)"},
		{"an application behind CloudFront", "no page", 401, with(throughTo("gunicorn"), "Content-Type: text/plain"), "words.txt", verdict{response.OtherServer, response.Passed, ""}, "The origin (gunicorn)"},
		{"nginx", "never was CloudFront", 403, header("Server: nginx"), "nginx.html", verdict{response.OtherServer, response.NotVisible, ""}, "never came to CloudFront"},
		{"an unnamed server", "never was CloudFront", 403, header("Date: now"), "nginx.html", verdict{response.OtherServer, response.NotVisible, ""}, "A server answered"},
		{"an API of AWS", "distributions do not send ErrorResponse", 403, nil, "aws-api.xml", verdict{response.OtherServer, response.NotVisible, "AccessDenied"}, "API of AWS"},

		{"redirect to https", "the final response is missing", 301, header("Server: CloudFront", "X-Cache: Redirect from cloudfront"), "", verdict{response.CloudFront, response.NotVisible, ""}, "redirected to https"},
		{"delivered", "not a refusal", 206, header("Server: AmazonS3", "X-Cache: Hit from cloudfront"), "words.txt", verdict{response.Success, response.Passed, ""}, "not a refusal"},
		{"not modified", "not a refusal either", 304, header("X-Cache: RefreshHit from cloudfront"), "", verdict{response.Success, response.Passed, ""}, "not a refusal"},
		{"delivered by another server", "200 without CloudFront", 200, header("Server: nginx"), "words.txt", verdict{response.Success, response.NotVisible, ""}, "no header field is CloudFront's"},
		{"nothing", "the zero value", 0, nil, "", verdict{response.Unknown, response.NotVisible, ""}, "no sign of CloudFront"},
		{"words", "of an unknown server", 0, nil, "words.txt", verdict{response.Unknown, response.NotVisible, ""}, "no sign of CloudFront"},

		{"billion laughs", "entities are not looked up", 0, nil, "billion-laughs.xml", verdict{response.Unknown, response.NotVisible, "AccessDenied"}, "no sign of CloudFront"},
		{"external entity", "files are not read", 0, nil, "external-entity.xml", verdict{response.Unknown, response.NotVisible, "AccessDenied"}, "no sign of CloudFront"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var body []byte
			if test.body != "" {
				body = read(t, test.body)
			}
			got := response.Classify(response.Response{Status: test.status, Header: test.header, Body: body})
			if diff := cmp.Diff(test.want, verdict{got.Source, got.Signature, got.Code}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.why, diff)
			}
			if !strings.Contains(got.Meaning, test.words) {
				t.Errorf("%s: meaning %q has no %q", test.why, got.Meaning, test.words)
			}
			if got.Fix == "" {
				t.Errorf("%s: the fix is missing", test.why)
			}
		})
	}
}
