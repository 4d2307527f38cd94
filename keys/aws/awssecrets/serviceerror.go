// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/keys"
)

// A failure is an error of a client, under the reason that it amounts to. Its text is made
// of what is known to be harmless: errors of the SDK may quote the answer, and with it
// the secret, or the request with a session token.
type failure struct {
	text   string
	reason error
	cause  error // nil: it is withheld altogether
}

// Error gives the reason and what can be said.
func (f *failure) Error() string { return f.reason.Error() + ": " + f.text }

// Unwrap returns the reason alone.
func (f *failure) Unwrap() error { return f.reason }

// As looks for the client's error.
func (f *failure) As(target any) bool { return f.cause != nil && errors.As(f.cause, target) }

// Is looks for the client's error, too, but for the ends of contexts, since the net
// package says of a connection that came to nothing that it was one.
func (f *failure) Is(target error) bool {
	isEnd := target == context.DeadlineExceeded || target == context.Canceled
	return !isEnd && f.cause != nil && errors.Is(f.cause, target)
}

// serviceError finds the reason for an error of a client.
func serviceError(ctx context.Context, err error) error {
	if end := ctx.Err(); end != nil { // of which clients say many things
		return &failure{text: "before there was an answer", reason: end, cause: withoutSecret(err)}
	}
	if f := credentialsError(err); f != nil {
		return f
	}
	var operation *smithy.OperationError
	var api smithy.APIError
	var send *smithyhttp.RequestSendError
	switch {
	case withoutSecret(err) == nil:
		return unreadable()
	case errors.As(err, &api):
		return apiError(err, api)
	case errors.As(err, &send):
		return sendError(err, send)
	case !errors.As(err, &operation) || operation.Err == nil:
		return &failure{text: "the client failed, and not with an error of AWS's SDK", reason: keys.ErrUnavailable, cause: err}
	}
	return unsentError(err, operation.Err.Error())
}

// unsentError is for what the client says if it has sent nothing, for which it has no
// types.
func unsentError(err error, text string) error {
	switch {
	case strings.HasPrefix(text, "get identity: "), strings.HasPrefix(text, "failed to resolve service endpoint"):
		return &failure{text: "nothing was sent: see whether the client has credentials, a Region and an endpoint", reason: keys.ErrAccessDenied, cause: err}
	case strings.HasPrefix(text, "failed to get retry Send token"):
		return &failure{text: "the client sends nothing for now, because it was throttled", reason: keys.ErrThrottled, cause: err}
	}
	return &failure{text: "the client failed before it sent anything", reason: keys.ErrUnavailable, cause: err}
}

// apiError is for an error that the service answered with.
func apiError(err error, api smithy.APIError) error {
	f := &failure{text: code(api), reason: reasonOf(err, api), cause: err}
	var unknown *smithy.GenericAPIError
	if message := api.ErrorMessage(); message != "" && (!errors.As(api, &unknown) || quotable[api.ErrorCode()]) {
		f.text += ": " + message
	}
	var response interface{ ServiceRequestID() string }
	if errors.As(err, &response) && response.ServiceRequestID() != "" {
		f.text += " (request ID " + response.ServiceRequestID() + ")"
	}
	return f
}

// code returns the code of an error, unless it cannot be one of AWS.
func code(api smithy.APIError) string {
	if !codes.MatchString(api.ErrorCode()) {
		return "an error without a code"
	}
	return api.ErrorCode()
}

var codes = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,100}$`)

// quotable are the codes of AWS in front of all services whose messages help. Others
// repeat what was signed.
var quotable = map[string]bool{"AccessDeniedException": true, "ThrottlingException": true, "ValidationException": true}

// withoutSecret returns err, or nil if it is about an answer that could not be read: that
// may have the secret in it, and the SDK quotes it.
func withoutSecret(err error) error {
	var malformed *smithy.DeserializationError
	if errors.As(err, &malformed) {
		return nil
	}
	return err
}

// unreadable is for an answer that is not one of the service's.
func unreadable() error {
	return &failure{text: "the answer cannot be read, and is withheld because it may have the secret in it", reason: keys.ErrUnavailable}
}

// sendError is for a request to which no answer came. What net/http says of an answer
// that is not HTTP quotes it, and may have the secret in it: of it nothing is kept.
func sendError(err error, send *smithyhttp.RequestSendError) error {
	f := &failure{text: "no answer: the connection failed", reason: keys.ErrUnavailable, cause: err}
	var operation *net.OpError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(send, &operation):
		f.text = "no answer: " + operation.Error()
	case errors.As(send, &certificate):
		f.text = "no answer: " + certificate.Error()
	case errors.Is(send, io.EOF), errors.Is(send, io.ErrUnexpectedEOF):
	case errors.As(send, &timeout) && timeout.Timeout():
		f.text = "no answer in time"
	default:
		return unreadable()
	}
	return f
}

// isDeletion reports whether a message is that of a secret on its way out, for which the
// service has no code: "... because it was marked for deletion", or "currently marked
// deleted".
func isDeletion(message string) bool {
	return strings.Contains(message, "for deletion") || strings.Contains(message, "marked deleted")
}
