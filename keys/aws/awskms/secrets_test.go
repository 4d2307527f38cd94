// SPDX-License-Identifier: Apache-2.0

package awskms_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/internal/test/awslocal"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/keys/aws/awskms"
)

// secrets are the secrets of the caller, and stand-ins for them.
var secrets = []string{"SecretOfTheCaller", "TokenOfTheSession", "AKIDEXAMPLE"}

// checkNoSecret looks into everything that is printed of an error and of what it wraps.
func checkNoSecret(t *testing.T, err error) {
	t.Helper()
	var printed bytes.Buffer
	for all := []error{err}; len(all) > 0; all = all[1:] {
		e := all[0]
		fmt.Fprintf(&printed, "%v %+v %s %#v %d\n", e, e, e, e, e)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("", "error", e)
		if several, ok := e.(interface{ Unwrap() []error }); ok {
			all = append(all, several.Unwrap()...)
		} else if inner := errors.Unwrap(e); inner != nil {
			all = append(all, inner)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(printed.String(), secret) {
			t.Errorf("%s was printed: %s", secret, &printed)
		}
	}
}

// TestErrorsWithoutSecrets has AWS and the SDK say what must not be repeated.
func TestErrorsWithoutSecrets(t *testing.T) {
	// As KMS and others answer.
	const canonical = "The request signature we calculated does not match the signature you provided.\n\n" +
		"The Canonical String for this request should have been\n'POST\n/\n\nhost:kms.us-east-1.amazonaws.com\nx-amz-security-token:TokenOfTheSession\n"
	const header = "'Credential=AKIDEXAMPLE' not a valid key=value pair (missing equal-sign) in Authorization header"
	for _, answer := range []*awslocal.Error{
		{Status: 400, Type: "InvalidSignatureException", Message: canonical},
		{Status: 403, Type: "SignatureDoesNotMatch", Message: canonical},
		{Status: 400, Type: "IncompleteSignatureException", Message: header},
		{Status: 403, Type: "NewException", Message: canonical},
		{Status: 500, Type: "NewException", Message: canonical},
	} {
		s := newService(t)
		s.server.Fail(awslocal.KMSGetPublicKey, always, answer)
		key, err := awskms.New(t.Context(), s.client, s.arn, awskms.Options{})
		if err == nil || key != nil {
			t.Fatalf("%s: %v", answer.Type, err)
		}
		checkNoSecret(t, err)
	}
}

// TestCredentials fails to get them in the ways of the SDK's providers.
func TestCredentials(t *testing.T) {
	remote := func(service, operation string, status int, cause error) error {
		response := &smithyhttp.Response{Response: &http.Response{StatusCode: status}}
		return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithyhttp.ResponseError{Response: response, Err: cause}}
	}
	tests := []struct {
		name, why string
		err       error
		want      error
		text      string
	}{
		{"none", "no file, no variable, no metadata service", &smithy.OperationError{
			ServiceID: "ec2imds", OperationName: "GetMetadata", Err: &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: no route to host")}},
		}, keys.ErrAccessDenied, "ec2imds GetMetadata failed"},
		{"role", "it may not be assumed", remote("STS", "AssumeRole", 403, &smithy.GenericAPIError{Code: "AccessDenied", Message: "TokenOfTheSession"}), keys.ErrAccessDenied, "STS AssumeRole failed with AccessDenied"},
		{"role not found", "the key would be there", remote("STS", "AssumeRole", 404, &smithy.GenericAPIError{Code: "NotFoundException"}), keys.ErrAccessDenied, "STS AssumeRole"},
		{"throttled", "it passes", remote("STS", "AssumeRole", 400, &smithy.GenericAPIError{Code: "Throttling"}), keys.ErrUnavailable, "STS AssumeRole failed with Throttling"},
		{"down", "it passes", remote("SSO", "GetRoleCredentials", 503, &smithy.GenericAPIError{Code: "UnknownError"}), keys.ErrUnavailable, "SSO GetRoleCredentials"},
		{"unreachable", "it passes", &smithy.OperationError{
			ServiceID: "STS", OperationName: "AssumeRole", Err: &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}},
		}, keys.ErrUnavailable, "STS AssumeRole failed"},
		{"a page for an answer", "it passes", remote("STS", "AssumeRole", 503, errors.New("<html>")), keys.ErrUnavailable, "STS AssumeRole failed"},
		{"identity provider", "AWS says: try again", remote("STS", "AssumeRoleWithWebIdentity", 400, &smithy.GenericAPIError{Code: "IDPCommunicationError"}), keys.ErrUnavailable, "IDPCommunicationError"},
		{"role of the machine", "it may not be assumed", &smithy.GenericAPIError{Code: "AssumeRoleUnauthorizedAccess"}, keys.ErrAccessDenied, "there are no credentials with AssumeRoleUnauthorizedAccess"},
		{"container", "its answer is in the message", containerError{"", 500}, keys.ErrUnavailable, "there are no credentials"},
		{"container, throttled", "not KMS", containerError{"TooManyRequests", 429}, keys.ErrUnavailable, "there are no credentials with TooManyRequests"},
		{"container, not found", "not the key", containerError{"NotFoundException", 404}, keys.ErrAccessDenied, "there are no credentials with NotFoundException"},
		{"process", "it wrote no JSON", errors.New(`parse failed of process output: {"SecretAccessKey": "SecretOfTheCaller"`), keys.ErrAccessDenied, "credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newService(t)
			client := s.with(func(o *kms.Options) {
				o.Credentials = credentials(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, tt.err })
			})
			key, err := awskms.New(t.Context(), client, s.arn, awskms.Options{})
			checkKind(t, err, tt.want)
			checkNoSecret(t, err)
			if key != nil || err == nil || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%s: %v, want one that says %q", tt.why, err, tt.text)
			}
			var operation *smithy.OperationError
			if !errors.As(err, &operation) || operation.ServiceID != kms.ServiceID {
				t.Errorf("the SDK's error is not found: %v", err)
			}
			if n := s.count(); n != (requests{}) {
				t.Errorf("%+v requests", n)
			}
		})
	}
}

// A containerError is what the provider of a container's credentials returns: without an
// operation, and with the whole answer for a message.
type containerError struct {
	code   string
	status int
}

func (e containerError) Error() string { return e.code + ": " + e.ErrorMessage() }

func (e containerError) ErrorCode() string { return e.code }

func (containerError) ErrorMessage() string { return `{"SecretAccessKey": "SecretOfTheCaller"}` }

func (containerError) ErrorFault() smithy.ErrorFault { return smithy.FaultUnknown }

func (e containerError) HTTPStatusCode() int { return e.status }

// TestUnreadableAnswers are withheld: they may have a signature or a session token in them.
func TestUnreadableAnswers(t *testing.T) {
	unreadable := &smithy.DeserializationError{Err: errors.New("bad"), Snapshot: []byte("TokenOfTheSession")}
	for why, err := range map[string]error{
		"of KMS":              &smithy.OperationError{ServiceID: "KMS", Err: unreadable},
		"of STS":              &smithy.OperationError{ServiceID: "KMS", Err: &smithy.OperationError{ServiceID: "STS", Err: unreadable}},
		"of what is not HTTP": &smithy.OperationError{ServiceID: "KMS", Err: &smithyhttp.RequestSendError{Err: errors.New(`malformed HTTP response "TokenOfTheSession"`)}},
	} {
		_, err := awskms.New(t.Context(), failing{err: err}, alias, awskms.Options{})
		checkKind(t, err, keys.ErrUnavailable)
		checkNoSecret(t, err)
		var operation *smithy.OperationError
		if errors.As(err, &operation) {
			t.Errorf("%s: it is behind the error", why)
		}
	}
}

// TestAnonymous sends a request without a signature, as the SDK does on demand.
func TestAnonymous(t *testing.T) {
	s := newService(t)
	for _, none := range []aws.CredentialsProvider{nil, aws.AnonymousCredentials{}} {
		client := s.with(func(o *kms.Options) { o.Credentials = none })
		key, err := awskms.New(t.Context(), client, s.arn, awskms.Options{})
		checkKind(t, err, keys.ErrAccessDenied)
		checkCode(t, err, "MissingAuthenticationTokenException")
		if key != nil {
			t.Error("a key without credentials")
		}
	}
}

// TestNoRegion is a client that does not know where to send requests.
func TestNoRegion(t *testing.T) {
	client := kms.New(kms.Options{Credentials: credentials(good)})
	key, err := awskms.New(t.Context(), client, alias, awskms.Options{})
	checkKind(t, err, keys.ErrAccessDenied)
	if key != nil || err == nil || !strings.Contains(err.Error(), "Region") {
		t.Error(err)
	}
}

// careless is an API whose secret fmt would print.
type careless struct {
	*kms.Client
	secret string
}

// TestKeyPrintsNoSecret prints a key in every way that there is, also from inside other
// types.
func TestKeyPrintsNoSecret(t *testing.T) {
	s := newService(t)
	key, err := awskms.New(t.Context(), careless{s.client, "SecretOfTheCaller"}, s.arn, awskms.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	for _, value := range []any{
		key, reflect.ValueOf(key).Elem().Interface(), // a copy, which code should not make
		struct{ key *awskms.Key }{key},
		struct{ Key crypto.Signer }{key},
		&struct{ key awskms.Key }{*key},
		[]*awskms.Key{key},
		map[string]keys.ContextSigner{"a": key},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
			fmt.Fprintf(&printed, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&printed, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("json", "value", value)
		if data, err := json.Marshal(value); err == nil {
			printed.Write(data)
		}
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)} {
			if strings.Contains(printed.String(), form) {
				t.Errorf("%s was printed", secret)
			}
		}
	}
	if want := "awskms.Key(" + s.arn + ")"; fmt.Sprint(key) != want || fmt.Sprintf("%+v %#v %d", key, key, key) != want+" "+want+" "+want {
		t.Errorf("%v does not say which key it is", key)
	}
}
