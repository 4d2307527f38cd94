// SPDX-License-Identifier: Apache-2.0

package awserror

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/cfsign/cfsign/keys"
)

// codes maps the error codes of AWS, without "Exception" at the end, to reasons. It is one
// table for KMS, Secrets Manager and Parameter Store, because no code means one thing in
// one of them and another thing in another.
//
// Sources: "Common Errors" (https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html),
// "GetPublicKey" and "Sign" (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html),
// "GetSecretValue" (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html),
// "GetParameter" (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html).
var codes = map[string]error{
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
	"InvalidGrantToken":          keys.ErrAccessDenied, // KMS: a grant token is a permission

	"NotFound":                 keys.ErrKeyNotFound, // KMS
	"ResourceNotFound":         keys.ErrKeyNotFound, // Secrets Manager
	"ParameterNotFound":        keys.ErrKeyNotFound,
	"ParameterVersionNotFound": keys.ErrKeyNotFound,
	// Our requests are fixed apart from the name, so an invalid request has an invalid name.
	// The services document both ValidationException and ValidationError.
	"InvalidArn":       keys.ErrKeyNotFound,
	"InvalidParameter": keys.ErrKeyNotFound,
	"Validation":       keys.ErrKeyNotFound,
	"ValidationError":  keys.ErrKeyNotFound,

	"InvalidKeyUsage":      keys.ErrUnsupportedKey, // KMS
	"UnsupportedOperation": keys.ErrUnsupportedKey, // KMS: a symmetric key

	"LimitExceeded":   keys.ErrThrottled,
	"TooManyRequests": keys.ErrThrottled,
	"TooManyUpdates":  keys.ErrThrottled, // Parameter Store
}

// reasonOf returns the reason for an answer: by its code, by its message if the code is
// one for several states, and otherwise by its status.
func reasonOf(err error, api smithy.APIError) error {
	if _, ok := retry.DefaultThrottleErrorCodes[api.ErrorCode()]; ok {
		return keys.ErrThrottled
	}
	code := strings.TrimSuffix(api.ErrorCode(), "Exception")
	if reason, ok := codes[code]; ok {
		return reason
	}
	if reason := reasonOfState(code, api.ErrorMessage()); reason != nil {
		return reason
	}
	switch status(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		return keys.ErrAccessDenied
	case http.StatusTooManyRequests:
		return keys.ErrThrottled
	}
	return keys.ErrUnavailable
}

// reasonOfState returns the reason for a code that stands for several states of a key or
// secret, or nil for other codes. Only the message tells the states apart. KMS uses either
// of its two codes for a key that is pending deletion.
//
// Source: "Key states of AWS KMS keys", notes 1 to 3 of the table
// (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
func reasonOfState(code, message string) error {
	says := func(text string) bool { return strings.Contains(message, text) }
	switch code {
	case "Disabled", "KMSInvalidState":
		switch {
		case says("pending deletion"), says("pending replica deletion"):
			return keys.ErrPendingDeletion
		case code == "Disabled", says("is disabled"):
			return keys.ErrDisabled
		}
		return keys.ErrUnavailable
	case "InvalidRequest": // Secrets Manager: "marked for deletion", "currently marked deleted"
		if says("for deletion") || says("marked deleted") {
			return keys.ErrPendingDeletion
		}
	}
	return nil
}
