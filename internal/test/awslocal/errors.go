// SPDX-License-Identifier: Apache-2.0

package awslocal

import (
	"fmt"
	"net/http"
)

// An Error is an error as the services report it.
type Error struct {
	// Status is the status of the response. Zero: the status that AWS documents for the type.
	Status int
	// Type is the name of the exception, such as AccessDeniedException.
	Type string
	// Message is for people.
	Message string
	// Item is the item for which a condition of DynamoDB failed. Nil: the error has none.
	Item Item
}

// Error returns the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// statuses are the statuses of the types of errors that do not have the status 400. Clients try
// again if a status says that the fault is in the server. Services with the JSON protocol use 400
// for all other errors, such as AccessDeniedException and ResourceNotFoundException.
//
// Sources: the errors of each operation in the API references, such as
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateKeyGroup.html and
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html, and "Common errors", such as
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
var statuses = map[string]int{
	// CloudFront.
	"AccessDenied":           http.StatusForbidden,
	"KeyGroupAlreadyExists":  http.StatusConflict,
	"NoSuchDistribution":     http.StatusNotFound,
	"NoSuchPublicKey":        http.StatusNotFound,
	"NoSuchResource":         http.StatusNotFound,
	"PreconditionFailed":     http.StatusPreconditionFailed,
	"PublicKeyAlreadyExists": http.StatusConflict,
	"PublicKeyInUse":         http.StatusConflict,
	"ResourceInUse":          http.StatusConflict,

	// The identity of the caller, at services with XML.
	"ExpiredToken":               http.StatusForbidden,
	"InvalidClientTokenId":       http.StatusForbidden,
	"MissingAuthenticationToken": http.StatusForbidden,
	"OptInRequired":              http.StatusForbidden,
	"SignatureDoesNotMatch":      http.StatusForbidden,

	"RequestEntityTooLarge":     http.StatusRequestEntityTooLarge,
	"UnknownOperationException": http.StatusNotFound,

	// Faults of a server.
	"DependencyTimeoutException":  http.StatusServiceUnavailable,
	"InternalError":               http.StatusInternalServerError,
	"InternalFailure":             http.StatusInternalServerError,
	"InternalServerError":         http.StatusInternalServerError,
	"InternalServiceError":        http.StatusInternalServerError,
	"InternalServiceFailure":      http.StatusInternalServerError,
	"KMSInternalException":        http.StatusInternalServerError,
	"KeyUnavailableException":     http.StatusInternalServerError,
	"ServiceUnavailable":          http.StatusServiceUnavailable,
	"ServiceUnavailableException": http.StatusServiceUnavailable,
}

// status returns the status of the response.
func (e *Error) status() int {
	if e.Status != 0 {
		return e.Status
	}
	if status, ok := statuses[e.Type]; ok {
		return status
	}
	return http.StatusBadRequest
}

// missing returns the error for what AWS has and the local AWS does not. Its status is not the one
// that AWS has for the type: with 404, S3's clients would take an object as missing.
func missing(format string, values ...any) *Error {
	return &Error{Type: "UnknownOperationException", Status: http.StatusNotImplemented, Message: "the local AWS has no " + fmt.Sprintf(format, values...)}
}

func writeError(w http.ResponseWriter, p protocol, err error) {
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Type: "InternalServerError", Message: err.Error()}
	}
	p.writeError(w, e)
}
