// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/cfsign/cfsign/keys"
)

// reasons are those of the codes with which the services, and AWS in front of them,
// refuse requests, without "Exception" behind.
//
// Source: "Common errors" and the two operations in the API references.
var reasons = map[string]error{
	"AccessDenied":               keys.ErrAccessDenied,
	"UnauthorizedOperation":      keys.ErrAccessDenied,
	"NotAuthorized":              keys.ErrAccessDenied,
	"OptInRequired":              keys.ErrAccessDenied,
	"SubscriptionRequired":       keys.ErrAccessDenied,
	"AuthFailure":                keys.ErrAccessDenied,
	"UnrecognizedClient":         keys.ErrAccessDenied,
	"InvalidClientTokenId":       keys.ErrAccessDenied,
	"InvalidAccessKeyId":         keys.ErrAccessDenied,
	"InvalidToken":               keys.ErrAccessDenied,
	"ExpiredToken":               keys.ErrAccessDenied,
	"RequestExpired":             keys.ErrAccessDenied,
	"RequestTimeTooSkewed":       keys.ErrAccessDenied,
	"InvalidSignature":           keys.ErrAccessDenied,
	"SignatureDoesNotMatch":      keys.ErrAccessDenied,
	"IncompleteSignature":        keys.ErrAccessDenied,
	"MissingAuthenticationToken": keys.ErrAccessDenied,

	"ResourceNotFound":         keys.ErrKeyNotFound,
	"ParameterNotFound":        keys.ErrKeyNotFound,
	"ParameterVersionNotFound": keys.ErrKeyNotFound,
	// The name is all that varies in the requests.
	"InvalidParameter": keys.ErrKeyNotFound,
	"Validation":       keys.ErrKeyNotFound,
	"ValidationError":  keys.ErrKeyNotFound,

	"TooManyUpdates": keys.ErrThrottled,
	"LimitExceeded":  keys.ErrThrottled,
}

// reasonOf returns the reason for an answer.
func reasonOf(err error, api smithy.APIError) error {
	code := api.ErrorCode()
	if _, ok := retry.DefaultThrottleErrorCodes[code]; ok {
		return keys.ErrThrottled
	}
	if reason, ok := reasons[strings.TrimSuffix(code, "Exception")]; ok {
		return reason
	}
	if code == "InvalidRequestException" && isDeletion(api.ErrorMessage()) {
		return keys.ErrPendingDeletion
	}
	switch status(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		return keys.ErrAccessDenied
	case http.StatusTooManyRequests:
		return keys.ErrThrottled
	}
	return keys.ErrUnavailable
}
