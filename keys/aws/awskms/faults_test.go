// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"crypto"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

const always = 1000

// attempts is how often the SDK tries a request that may pass.
const attempts = 3

// TestFaults has each operation fail in every way that a service fails in.
func TestFaults(t *testing.T) {
	fail := func(times, status int, code, message string) func(*service, string) {
		return func(s *service, target string) {
			s.server.Fail(target, times, &awslocal.Error{Status: status, Type: code, Message: message})
		}
	}
	answer := func(status int, body string) func(*service, string) {
		return func(s *service, target string) { s.server.Answer(target, always, status, body) }
	}
	state := func(state string) func(*service, string) {
		return func(s *service, _ string) { s.SetState(s.arn, state) }
	}
	const denied = "User: arn:aws:sts::111122223333:assumed-role/site/1 is not authorized to perform this"
	tests := []struct {
		name, why string
		prepare   func(s *service, target string)
		want      error
		code      string // of the SDK's error
		requests  int
	}{
		{"throttled once", "the SDK tries again", fail(1, 400, "ThrottlingException", "Rate exceeded"), nil, "", 2},
		{"dropped once", "the SDK tries again", func(s *service, target string) { s.server.Drop(target, 1) }, nil, "", 2},
		{"unavailable once", "the SDK tries again", fail(1, 503, "ServiceUnavailableException", ""), nil, "", 2},

		{"throttled", "the quota is used up", fail(always, 400, "ThrottlingException", "Rate exceeded"), keys.ErrThrottled, "ThrottlingException", attempts},
		{"throttled, short", "older form", fail(always, 400, "Throttling", ""), keys.ErrThrottled, "Throttling", attempts},
		{"limit", "of requests", fail(always, 400, "RequestLimitExceeded", ""), keys.ErrThrottled, "RequestLimitExceeded", attempts},
		{"too many", "of a gateway", fail(always, 429, "TooManyRequestsException", ""), keys.ErrThrottled, "TooManyRequestsException", attempts},
		{"too many, short", "older form", fail(always, 400, "TooManyRequests", ""), keys.ErrThrottled, "TooManyRequests", 1},
		{"too many, unnamed", "the status alone", fail(always, 429, "Odd", ""), keys.ErrThrottled, "Odd", attempts},
		{"resource limit", "an error that KMS has", fail(always, 400, "LimitExceededException", ""), keys.ErrThrottled, "LimitExceededException", attempts},
		{"limit, short", "older form", fail(always, 400, "LimitExceeded", ""), keys.ErrThrottled, "LimitExceeded", 1},

		{"internal", "KMS says so", fail(always, 500, "KMSInternalException", ""), keys.ErrUnavailable, "KMSInternalException", attempts},
		{"dependency", "KMS says so", fail(always, 500, "DependencyTimeoutException", ""), keys.ErrUnavailable, "DependencyTimeoutException", attempts},
		{"key unavailable", "KMS says so", fail(always, 500, "KeyUnavailableException", ""), keys.ErrUnavailable, "KeyUnavailableException", attempts},
		{"503", "unmodeled", fail(always, 503, "ServiceUnavailable", ""), keys.ErrUnavailable, "ServiceUnavailable", attempts},
		{"unknown", "unknown to the SDK", fail(always, 400, "OddException", ""), keys.ErrUnavailable, "OddException", 1},
		{"dropped", "the connection ends without an answer", func(s *service, target string) { s.server.Drop(target, always) }, keys.ErrUnavailable, "", attempts},
		{"gone", "no process listens", func(s *service, _ string) { s.close() }, keys.ErrUnavailable, "", 0},
		{"no operation", "an endpoint of another service", fail(always, 404, "UnknownOperationException", ""), keys.ErrUnavailable, "UnknownOperationException", 1},

		{"malformed", "cut off", answer(200, `{"KeyId":"arn:aws:k`), keys.ErrUnavailable, "", 1},
		{"not JSON", "a page of a proxy", answer(200, `<html>`), keys.ErrUnavailable, "", 1},
		{"other JSON", "a list", answer(200, `[]`), keys.ErrUnavailable, "", 1},
		{"wrong types", "a number for a text", answer(200, `{"KeyId":1,"Signature":2,"PublicKey":{}}`), keys.ErrUnavailable, "", 1},
		{"no base64", "damaged", answer(200, `{"KeyId":"a","Signature":"%","PublicKey":"%"}`), keys.ErrUnavailable, "", 1},
		{"null", "nothing", answer(200, `null`), keys.ErrUnavailable, "", 1},
		{"no fields", "nothing", answer(200, `{}`), keys.ErrUnavailable, "", 1},
		{"empty", "nothing", answer(200, ``), keys.ErrUnavailable, "", 1},
		{"403 page", "of a proxy", answer(403, `<html>`), keys.ErrUnavailable, "", 1},
		{"502 page", "of a load balancer", answer(502, `<html>`), keys.ErrUnavailable, "", attempts},

		{"denied", "no permission", fail(always, 400, "AccessDeniedException", denied), keys.ErrAccessDenied, "AccessDeniedException", 1},
		{"denied, short", "older form", fail(always, 403, "AccessDenied", denied), keys.ErrAccessDenied, "AccessDenied", 1},
		{"unknown caller", "a deleted access key", fail(always, 400, "UnrecognizedClientException", "The security token included in the request is invalid."), keys.ErrAccessDenied, "UnrecognizedClientException", 1},
		{"expired", "old credentials", fail(always, 400, "ExpiredTokenException", ""), keys.ErrAccessDenied, "ExpiredTokenException", 1},
		{"signature", "a wrong secret access key", fail(always, 400, "InvalidSignatureException", ""), keys.ErrAccessDenied, "InvalidSignatureException", 1},
		{"incomplete", "a proxy took headers away", fail(always, 400, "IncompleteSignature", ""), keys.ErrAccessDenied, "IncompleteSignature", 1},
		{"unsigned", "a proxy took headers away", fail(always, 403, "MissingAuthenticationToken", ""), keys.ErrAccessDenied, "MissingAuthenticationToken", 1},
		{"403, unnamed", "the status alone", fail(always, 403, "OddException", ""), keys.ErrAccessDenied, "OddException", 1},

		{"disabled", "an operator did it", state("Disabled"), keys.ErrDisabled, "DisabledException", 1},
		{"pending deletion", "an operator did it", state("PendingDeletion"), keys.ErrPendingDeletion, "KMSInvalidStateException", 1},
		{"pending deletion, other form", "KMS has two", fail(always, 400, "DisabledException", "arn is pending deletion (or pending replica deletion)."), keys.ErrPendingDeletion, "DisabledException", 1},
		{"pending replica deletion", "a multi-Region key", fail(always, 400, "KMSInvalidStateException", "arn is pending replica deletion."), keys.ErrPendingDeletion, "KMSInvalidStateException", 1},
		{"pending import", "no key material", state("PendingImport"), keys.ErrUnavailable, "KMSInvalidStateException", 1},
		{"disabled, other form", "an invalid state", fail(always, 400, "KMSInvalidStateException", "arn is disabled."), keys.ErrDisabled, "KMSInvalidStateException", 1},

		{"not found", "deleted", fail(always, 400, "NotFoundException", "Key 'arn' does not exist"), keys.ErrKeyNotFound, "NotFoundException", 1},
		{"other Region", "an ARN of another Region", fail(always, 400, "NotFoundException", "Invalid arn us-west-2"), keys.ErrKeyNotFound, "NotFoundException", 1},
		{"other partition", "an ARN of another partition", fail(always, 400, "InvalidArnException", ""), keys.ErrKeyNotFound, "InvalidArnException", 1},
		{"invalid name", "not one of KMS", fail(always, 400, "ValidationException", "at 'keyId'"), keys.ErrKeyNotFound, "ValidationException", 1},
		{"symmetric", "the default kind of key", fail(always, 400, "UnsupportedOperationException", ""), keys.ErrUnsupportedKey, "UnsupportedOperationException", 1},
		{"other usage", "for encryption", fail(always, 400, "InvalidKeyUsageException", ""), keys.ErrUnsupportedKey, "InvalidKeyUsageException", 1},
	}
	for _, target := range []string{awslocal.KMSGetPublicKey, awslocal.KMSSign} {
		for _, tt := range tests {
			t.Run(strings.TrimPrefix(target, "TrentService.")+"/"+tt.name, func(t *testing.T) {
				s := newService(t)
				got, err := operate(t, s, target, func() { tt.prepare(s, target) })
				checkKind(t, err, tt.want)
				if got != (tt.want == nil) || got != (err == nil) {
					t.Errorf("%s: %t, %v", tt.why, got, err)
				}
				checkCode(t, err, tt.code)
				want := requests{Public: 1, Sign: tt.requests}
				if target == awslocal.KMSGetPublicKey {
					want = requests{Public: tt.requests}
				}
				if diff := cmp.Diff(want, s.count()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// operate has an operation done after a preparation, and reports whether it gave
// something.
func operate(t *testing.T, s *service, target string, prepare func()) (bool, error) {
	t.Helper()
	if target == awslocal.KMSGetPublicKey {
		prepare()
		key, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
		return key != nil, err
	}
	key := s.key(t)
	prepare()
	signature, err := key.SignContext(t.Context(), digest, crypto.SHA256)
	return signature != nil, err
}

// checkCode looks for the SDK's error behind ours, and for its code in the text.
func checkCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	switch found := errors.As(err, &api); {
	case found != (code != ""):
		t.Errorf("the SDK's error is found: %t: %v", found, err)
	case found && (api.ErrorCode() != code || !strings.Contains(err.Error(), code)):
		t.Errorf("got the code %s, want %s: %v", api.ErrorCode(), code, err)
	}
}

// TestAccessCodes sends all codes of AWS for denied access, with the status that KMS uses.
func TestAccessCodes(t *testing.T) {
	for _, code := range []string{
		"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "OptInRequired", "SubscriptionRequired",
		"InvalidGrantTokenException", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken",
		"ExpiredToken", "ExpiredTokenException", "RequestExpired", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed",
	} {
		s := newService(t)
		s.server.Fail(awslocal.KMSGetPublicKey, 1, &awslocal.Error{Status: 400, Type: code})
		_, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
		checkKind(t, err, keys.ErrAccessDenied)
		checkCode(t, err, code)
	}
}

// TestNoAnswer says what became of the connection.
func TestNoAnswer(t *testing.T) {
	s := newService(t)
	s.close()
	_, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
	if err == nil || !strings.Contains(err.Error(), "dial tcp 127.0.0.1:") || strings.Contains(err.Error(), "http://") {
		t.Errorf("got %v, want the error of the network without the URL", err)
	}
}

// TestRequestID is in the error, for AWS's support.
func TestRequestID(t *testing.T) {
	s := newService(t)
	transport := s.options.HTTPClient
	client := s.with(func(o *kms.Options) { o.HTTPClient = stamping{transport} })
	s.SetState(s.arn, "Disabled")
	_, err := awskms.New(t.Context(), client, s.arn, awskms.Options{})
	const want = "(request ID 5dd6b6d9-EXAMPLE)"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// stamping adds the header that AWS's answers have.
type stamping struct{ transport kms.HTTPClient }

func (s stamping) Do(r *http.Request) (*http.Response, error) {
	response, err := s.transport.Do(r)
	if err == nil {
		response.Header.Set("X-Amzn-Requestid", "5dd6b6d9-EXAMPLE")
	}
	return response, err
}
