// SPDX-License-Identifier: Apache-2.0

// Package awserror classifies the errors of AWS SDK clients by the errors of package keys.
// It keeps secrets out of their texts.
package awserror

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/keys"
)

// An Error is a client's error with the reason it amounts to. Its text holds only parts
// that are known to be harmless: an error of the SDK may quote an answer with a secret in
// it, or a request with its session token.
type Error struct {
	reason error
	text   string
	cause  *error // nil: withheld; a pointer, because fmt does not follow it
}

// Error returns the reason and the harmless details.
func (e *Error) Error() string { return e.reason.Error() + ": " + e.text }

// Unwrap returns the reason. It does not lead to the client's error, so code that prints
// a chain of errors does not print that one.
func (e *Error) Unwrap() error { return e.reason }

// As looks for a type in the client's error.
func (e *Error) As(target any) bool { return e.cause != nil && errors.As(*e.cause, target) }

// Is looks for target in the client's error. It does not look for another reason: package
// net, for example, calls a connection timeout a [context.DeadlineExceeded].
func (e *Error) Is(target error) bool {
	return e.cause != nil && !slices.Contains(reasons, target) && errors.Is(*e.cause, target)
}

// reasons are what an Error unwraps to. An Error has exactly one.
var reasons = []error{
	context.DeadlineExceeded, context.Canceled, keys.ErrAccessDenied, keys.ErrKeyNotFound, keys.ErrDisabled,
	keys.ErrPendingDeletion, keys.ErrThrottled, keys.ErrUnavailable, keys.ErrUnsupportedKey,
}

func newError(reason error, text string, cause error) *Error {
	if !isReadable(cause) {
		return &Error{reason: reason, text: text}
	}
	return &Error{reason: reason, text: text, cause: &cause}
}

// Ended returns the error for a call that failed because a context ended. end is the
// error of the context. err is what the client made of it.
func Ended(end error, text string, err error) *Error { return newError(end, text, err) }

// Incomplete returns the error for an answer without the values it must have.
func Incomplete() *Error {
	return &Error{reason: keys.ErrUnavailable, text: "the answer is incomplete"}
}

// Classify returns the error for err, which a client returned. err must not be nil, and
// the context must not have ended: see [Ended].
func Classify(err error) *Error { return classify(err, describe) }

// ClassifyWrite is [Classify] for a request with a secret in it. The service may quote the
// request in its message, so the error has the code alone, and does not lead to the
// client's error.
func ClassifyWrite(err error) *Error {
	e := classify(err, code)
	e.cause = nil
	return e
}

// classify returns the error for err. describe returns what its text says of an answer.
func classify(err error, describe func(smithy.APIError) string) *Error {
	var operation *smithy.OperationError
	if errors.As(err, &operation) {
		if e := withoutCredentials(err, operation); e != nil {
			return e
		}
	}
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	switch {
	case !isReadable(err):
		return newError(keys.ErrUnavailable, "the answer is unreadable, and withheld because it may hold a secret"+requestID(err), err)
	case errors.As(err, &api):
		return newError(reasonOf(err, api), describe(api)+requestID(err), err)
	case errors.As(err, &send):
		return newError(keys.ErrUnavailable, describeConnection(send), err)
	case operation == nil || operation.Err == nil:
		return newError(keys.ErrUnavailable, "the client failed with an error that is not from the AWS SDK", err)
	}
	return unsent(err, operation.Err.Error())
}

// unsent returns the error for a request that the client did not send. The SDK has no
// types for these errors, so the beginnings of their texts must do. Tests with the SDK's
// clients notice if it changes them.
func unsent(err error, text string) *Error {
	switch {
	case strings.HasPrefix(text, "get identity: "), strings.HasPrefix(text, "failed to resolve service endpoint"):
		return newError(keys.ErrAccessDenied, "nothing was sent: check the client's credentials, Region and endpoint", err)
	case strings.HasPrefix(text, "failed to get retry Send token"):
		return newError(keys.ErrThrottled, "nothing was sent, because AWS throttled the client before", err)
	}
	return newError(keys.ErrUnavailable, "the client failed before it sent anything", err)
}

// withoutCredentials returns the error for a client that got no credentials, or nil if
// err has another cause. There are two signs:
//
//   - A second operation is below the first: STS, SSO or the metadata service failed.
//   - There is an answer, but not to our request, because the SDK wraps each answer to
//     that in a ResponseError. Providers without operations, such as the container's,
//     return such errors.
func withoutCredentials(err error, operation *smithy.OperationError) *Error {
	var provider *smithy.OperationError
	var response *smithyhttp.ResponseError
	cause, text := operation.Err, "there are no credentials"
	switch {
	case errors.As(operation.Err, &provider):
		cause, text = provider.Err, "there are no credentials, because "+provider.ServiceID+" "+provider.OperationName+" failed"
	case errors.As(operation.Err, &response) || !isFromService(operation.Err):
		return nil
	}
	var api smithy.APIError
	if errors.As(cause, &api) && api.ErrorCode() != "" {
		text += " with " + code(api)
	}
	// Outside of EC2 the metadata service never answers, so waiting does not help.
	isMissing := provider != nil && provider.ServiceID == "ec2imds" && isUnsent(cause)
	if !isMissing && mayPass(cause, api) {
		return newError(keys.ErrUnavailable, text, err)
	}
	return newError(keys.ErrAccessDenied, text, err)
}

// mayPass reports whether another try may give credentials. api is nil if cause has none.
func mayPass(cause error, api smithy.APIError) bool {
	switch {
	case isUnsent(cause), isUndecoded(cause), status(cause) >= http.StatusInternalServerError:
		return true
	case api == nil:
		return false
	}
	return api.ErrorCode() == "IDPCommunicationError" || errors.Is(reasonOf(cause, api), keys.ErrThrottled)
}

// isFromService reports whether err is an answer of a service, or the lack of one.
func isFromService(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) || isUndecoded(err) || isUnsent(err)
}

func isUndecoded(err error) bool {
	var undecoded *smithy.DeserializationError
	return errors.As(err, &undecoded)
}

func isUnsent(err error) bool {
	var send *smithyhttp.RequestSendError
	return errors.As(err, &send)
}

// isReadable reports whether err is free of answers that could not be read. The SDK and
// net/http quote those, with any secrets in them.
func isReadable(err error) bool {
	var send *smithyhttp.RequestSendError
	return !isUndecoded(err) && (!errors.As(err, &send) || describeConnection(send) != "")
}

// describeConnection says why there is no answer, without the URL. It returns "" unless
// the error is known to quote nothing from the answer.
func describeConnection(send *smithyhttp.RequestSendError) string {
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(send, &network):
		return "no answer (" + network.Error() + ")"
	case errors.As(send, &certificate):
		return "no answer (" + certificate.Error() + ")"
	case errors.Is(send, io.EOF), errors.Is(send, io.ErrUnexpectedEOF):
		return "no answer (the connection was cut)"
	case errors.As(send, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return ""
}

// describe returns the code of an answer, and its message unless that may repeat what the
// client signed, such as the session token. Only services and the codes below do not.
func describe(api smithy.APIError) string {
	var unmodeled *smithy.GenericAPIError
	if errors.As(api, &unmodeled) {
		switch strings.TrimSuffix(api.ErrorCode(), "Exception") {
		case "AccessDenied", "Throttling", "Validation":
		default:
			return code(api)
		}
	}
	if api.ErrorMessage() == "" {
		return code(api)
	}
	return code(api) + " " + strconv.Quote(api.ErrorMessage())
}

// code returns the code of an error, if it is like one from AWS.
func code(api smithy.APIError) string {
	const longest = 100
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-"
	if c := api.ErrorCode(); c != "" && len(c) <= longest && strings.Trim(c, alphabet) == "" {
		return c
	}
	return "an error without a code"
}

// status returns the status of the response that err is about, or 0.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		if response.Response == nil || response.Response.Response == nil {
			return 0 // HTTPStatusCode would panic
		}
		return response.HTTPStatusCode()
	}
	var container interface{ HTTPStatusCode() int }
	if errors.As(err, &container) {
		return container.HTTPStatusCode()
	}
	return 0
}

// requestID returns the ID that AWS support asks for.
func requestID(err error) string {
	var response interface{ ServiceRequestID() string }
	if !errors.As(err, &response) || response.ServiceRequestID() == "" {
		return ""
	}
	return " (request ID " + response.ServiceRequestID() + ")"
}
