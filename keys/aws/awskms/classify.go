// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/keys"
)

// classify returns what can be said about an error of the client without giving
// anything away, and its kind.
func classify(err error) (detail string, kind error) {
	// What is below a second operation was not said by KMS, but to the provider of the
	// credentials: by STS, SSO or the metadata service.
	var operation, other *smithy.OperationError
	if errors.As(err, &operation) && errors.As(operation.Err, &other) {
		return classifyCredentials(fmt.Sprintf(": %s %s failed", other.ServiceID, other.OperationName), other.Err, other.ServiceID == "ec2imds")
	}
	// Whatever came back for a request to KMS, the SDK wraps in this. Without it nothing was
	// sent, and an error of a service is that of a provider of credentials that has no
	// operations: of a container's, or of what the metadata service says about the role.
	var response *smithyhttp.ResponseError
	if operation != nil && !errors.As(operation.Err, &response) && isOfService(operation.Err) {
		return classifyCredentials("", operation.Err, false)
	}
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	var decode *smithy.DeserializationError
	switch {
	case errors.As(err, &api):
		return explain(err, api), kindOf(err, api)
	case errors.As(err, &decode):
		return "the answer cannot be read" + requestID(err), keys.ErrUnavailable
	case errors.As(err, &send):
		return transport(send), keys.ErrUnavailable
	case operation == nil || operation.Err == nil:
		return "the client failed, with an error that is not one of the SDK's", keys.ErrUnavailable
	}
	return classifyUnsent(operation.Err.Error())
}

// classifyUnsent is classify for what the client says if it has sent nothing, for which
// it has no types.
func classifyUnsent(text string) (detail string, kind error) {
	switch {
	case strings.HasPrefix(text, "get identity: "), strings.HasPrefix(text, "failed to resolve service endpoint"):
		return "the request could not be made: see whether the client has a Region, an endpoint and Credentials", keys.ErrAccessDenied
	case strings.HasPrefix(text, "failed to get retry Send token"):
		return "the client sends nothing for now, because it was throttled", keys.ErrThrottled
	}
	return "the client failed before it sent anything", keys.ErrUnavailable
}

// isOfService reports whether err is the answer of a service, or the lack of one.
func isOfService(err error) bool {
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	var decode *smithy.DeserializationError
	return errors.As(err, &api) || errors.As(err, &send) || errors.As(err, &decode)
}

// classifyCredentials is classify for what should have given credentials. Where nobody
// answers as the metadata service, there is none: nothing to wait for.
func classifyCredentials(who string, err error, mayBeMissing bool) (detail string, kind error) {
	detail = "there are no credentials" + who
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	var decode *smithy.DeserializationError
	if errors.As(err, &api) && api.ErrorCode() != "" {
		detail += " with " + code(api)
	}
	switch {
	case status(err) >= http.StatusInternalServerError, errors.As(err, &decode), errors.As(err, &send) && !mayBeMissing:
		return detail, keys.ErrUnavailable // for now
	case api != nil && (api.ErrorCode() == "IDPCommunicationError" || errors.Is(kindOf(err, api), keys.ErrThrottled)):
		return detail, keys.ErrUnavailable
	}
	return detail, keys.ErrAccessDenied
}

// kindOf returns the kind of an answer of AWS.
//
// Source: "Common errors" of the API reference, and the errors of the two operations.
func kindOf(err error, api smithy.APIError) error {
	if (retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}).IsErrorThrottle(api) == aws.TrueTernary {
		return keys.ErrThrottled
	}
	switch strings.TrimSuffix(api.ErrorCode(), "Exception") {
	case "LimitExceeded", "TooManyRequests":
		return keys.ErrThrottled
	case "Disabled", "KMSInvalidState":
		return kindOfState(api)
	case "NotFound", "InvalidArn", "Validation": // the name of the key is all that varies in a request
		return keys.ErrKeyNotFound
	case "InvalidKeyUsage", "UnsupportedOperation":
		return keys.ErrUnsupportedKey
	case "AccessDenied", "UnauthorizedOperation", "NotAuthorized", "OptInRequired", "SubscriptionRequired", "InvalidGrantToken",
		"UnrecognizedClient", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "RequestExpired",
		"MissingAuthenticationToken", "IncompleteSignature", "InvalidSignature", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed":
		return keys.ErrAccessDenied
	}
	switch status(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		return keys.ErrAccessDenied
	case http.StatusTooManyRequests:
		return keys.ErrThrottled
	}
	return keys.ErrUnavailable
}

// kindOfState tells the states of a key apart, for which KMS has two errors and the
// message. A key that is going to be deleted has either.
//
// Source: "Key states of AWS KMS keys", notes 1 to 3 of the table.
func kindOfState(api smithy.APIError) error {
	message := api.ErrorMessage()
	switch {
	case strings.Contains(message, "pending deletion"), strings.Contains(message, "pending replica deletion"):
		return keys.ErrPendingDeletion
	case api.ErrorCode() == "DisabledException", strings.Contains(message, "is disabled"):
		return keys.ErrDisabled
	}
	return keys.ErrUnavailable
}

// explain returns the code of an answer, and its message if that is about the key and
// not about the request's signature, which some repeat with all that was signed.
func explain(err error, api smithy.APIError) string {
	code := code(api)
	var unmodeled *smithy.GenericAPIError
	if errors.As(api, &unmodeled) && !strings.HasPrefix(code, "AccessDenied") && !strings.HasPrefix(code, "Throttling") && code != "ValidationException" {
		return code + requestID(err)
	}
	return code + ": " + api.ErrorMessage() + requestID(err)
}

// code returns the code of an error, unless it cannot be one of AWS.
func code(api smithy.APIError) string {
	const most = 100
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-"
	if c := api.ErrorCode(); c != "" && len(c) <= most && strings.Trim(c, alphabet) == "" {
		return c
	}
	return "an error without a code"
}

// transport returns why nothing came back, without the URL. What net/http says of an answer
// that is not HTTP quotes it.
func transport(send *smithyhttp.RequestSendError) string {
	var operation *net.OpError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(send, &operation):
		return "no answer: " + operation.Error()
	case errors.As(send, &certificate):
		return "no answer: " + certificate.Error()
	case errors.As(send, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return "no answer that can be read"
}

// withoutAnswer returns err, or nil if it quotes an answer: a signature gives access.
func withoutAnswer(err error) error {
	var decode *smithy.DeserializationError
	var send *smithyhttp.RequestSendError
	if errors.As(err, &decode) || errors.As(err, &send) && transport(send) == "no answer that can be read" {
		return nil
	}
	return err
}

// status returns the status of the response that err is about, or 0.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		if response.Response == nil || response.Response.Response == nil {
			return 0
		}
		return response.HTTPStatusCode()
	}
	var other interface{ HTTPStatusCode() int } // of the container's provider
	if errors.As(err, &other) {
		return other.HTTPStatusCode()
	}
	return 0
}

// requestID returns by what AWS finds a request again.
func requestID(err error) string {
	var response interface{ ServiceRequestID() string }
	if !errors.As(err, &response) || response.ServiceRequestID() == "" {
		return ""
	}
	return " (request ID " + response.ServiceRequestID() + ")"
}
