// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
		return classifyCredentials(other)
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
		return "no answer: " + transport(send), keys.ErrUnavailable
	case operation == nil:
		return "the client failed, with an error that is not one of the SDK's", keys.ErrUnavailable
	}
	return "the request could not be made: see whether the client has a Region, an endpoint and Credentials", keys.ErrAccessDenied
}

// classifyCredentials is classify for an operation that should have given credentials.
func classifyCredentials(operation *smithy.OperationError) (detail string, kind error) {
	detail = fmt.Sprintf("there are no credentials: %s %s failed", operation.ServiceID, operation.OperationName)
	var api smithy.APIError
	if !errors.As(operation.Err, &api) {
		return detail, keys.ErrAccessDenied
	}
	detail += " with " + api.ErrorCode()
	if errors.Is(kindOf(operation.Err, api), keys.ErrThrottled) || status(operation.Err) >= http.StatusInternalServerError {
		return detail, keys.ErrUnavailable // for now
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
	code := api.ErrorCode()
	var unmodeled *smithy.GenericAPIError
	if errors.As(api, &unmodeled) && !strings.HasPrefix(code, "AccessDenied") && !strings.HasPrefix(code, "Throttling") && code != "ValidationException" {
		return code + requestID(err)
	}
	return code + ": " + api.ErrorMessage() + requestID(err)
}

// transport returns why nothing came back, without the URL.
func transport(send *smithyhttp.RequestSendError) string {
	var wrapped *url.Error
	if errors.As(send, &wrapped) {
		return wrapped.Err.Error()
	}
	return "the connection failed"
}

// status returns the status of the response that err is about, or 0.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil || response.Response.Response == nil {
		return 0
	}
	return response.HTTPStatusCode()
}

// requestID returns by what AWS finds a request again.
func requestID(err error) string {
	var response interface{ ServiceRequestID() string }
	if !errors.As(err, &response) || response.ServiceRequestID() == "" {
		return ""
	}
	return " (request ID " + response.ServiceRequestID() + ")"
}
