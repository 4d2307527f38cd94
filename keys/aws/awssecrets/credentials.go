// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"errors"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cfsign/cfsign/keys"
)

// credentialsError returns the error for what should have given credentials to the client,
// or nil if err is about something else: what is below a second operation was said by STS,
// SSO or the metadata service.
//
// Whatever came back for a request of ours, the SDK has in a ResponseError. Without it nothing was
// sent, and an answer is that to a provider that has no operations: to a container's, or
// of what the metadata service says about the role.
func credentialsError(err error) error {
	var operation, other *smithy.OperationError
	var response *smithyhttp.ResponseError
	switch {
	case !errors.As(err, &operation):
		return nil
	case errors.As(operation.Err, &other):
		// Where nobody answers as the metadata service, there is none to wait for.
		isMissing := other.ServiceID == "ec2imds" && isUnsent(other.Err)
		return withoutCredentials(err, other.Err, ": "+other.ServiceID+" "+other.OperationName+" failed", !isMissing)
	case !errors.As(operation.Err, &response) && (isAnswer(operation.Err) || isUnsent(operation.Err)):
		return withoutCredentials(err, operation.Err, "", true)
	}
	return nil
}

func withoutCredentials(err, cause error, who string, mayPass bool) error {
	f := &failure{text: "there are no credentials" + who, reason: keys.ErrAccessDenied, cause: withoutSecret(err)}
	var api smithy.APIError
	if errors.As(cause, &api) && api.ErrorCode() != "" {
		f.text += " with " + code(api)
	}
	if mayPass && isPassingAnswer(cause, api) {
		f.reason = keys.ErrUnavailable
	}
	return f
}

// isPassingAnswer reports whether another try may give credentials.
func isPassingAnswer(cause error, api smithy.APIError) bool {
	switch {
	case isUnsent(cause), withoutSecret(cause) == nil, status(cause) >= http.StatusInternalServerError:
		return true
	case api == nil:
		return false
	}
	return api.ErrorCode() == "IDPCommunicationError" || errors.Is(reasonOf(cause, api), keys.ErrThrottled)
}

func isAnswer(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) || withoutSecret(err) == nil
}

func isUnsent(err error) bool {
	var send *smithyhttp.RequestSendError
	return errors.As(err, &send)
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
	var other interface{ HTTPStatusCode() int } // of a container's provider
	if errors.As(err, &other) {
		return other.HTTPStatusCode()
	}
	return 0
}
