// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/policy"
)

// Reasons for denying a request, to be told apart with [errors.Is].
var (
	// ErrMissing: the request is not signed, or lacks the key pair ID, the
	// signature, or what says when it expires.
	ErrMissing = errors.New("unsigned or incompletely signed")
	// ErrUnknownKey: the key pair ID is not in the trusted key group.
	ErrUnknownKey = errors.New("unknown key")
	// ErrMalformedSignature: the signature is not CloudFront's base64.
	ErrMalformedSignature = errors.New("malformed signature")
	// ErrMalformedPolicy: the policy or the expiry cannot be read.
	ErrMalformedPolicy = errors.New("malformed policy")
	// ErrBadSignature: the signature is not that of the key over the policy.
	ErrBadSignature = errors.New("the signature does not match")
	// ErrSHA1: the signature is over a SHA-1 digest, which is not allowed.
	ErrSHA1 = errors.New("SHA-1 is not allowed")
	// ErrExpired: the policy has expired.
	ErrExpired = errors.New("expired")
	// ErrNotYetValid: the policy is not valid yet.
	ErrNotYetValid = errors.New("not yet valid")
	// ErrWrongIP: the viewer's address is not in the policy's range.
	ErrWrongIP = errors.New("wrong viewer address")
	// ErrWrongResource: the policy does not cover the URL.
	ErrWrongResource = errors.New("wrong resource")
	// ErrAmbiguous: two readers, CloudFront among them, could understand the
	// request differently.
	ErrAmbiguous = errors.New("ambiguous")
)

// reasons are all of them.
var reasons = []error{
	ErrMissing, ErrUnknownKey, ErrMalformedSignature, ErrMalformedPolicy, ErrBadSignature,
	ErrSHA1, ErrExpired, ErrNotYetValid, ErrWrongIP, ErrWrongResource, ErrAmbiguous,
}

// A Code is the code in the XML body with which CloudFront refuses a request.
type Code string

// The codes that CloudFront is known to use. All come with the status 403.
const (
	// CodeAccessDenied: the signature, a time, the address or the resource is
	// wrong.
	CodeAccessDenied Code = "AccessDenied"
	// CodeMissingKey: there is no key pair ID.
	CodeMissingKey Code = "MissingKey"
	// CodeInvalidKey: the key is not trusted.
	CodeInvalidKey Code = "InvalidKey"
	// CodeMalformedPolicy: the policy or the expiry cannot be read.
	CodeMalformedPolicy Code = "MalformedPolicy"
	// CodeMalformedSignature: the signature cannot be decoded.
	CodeMalformedSignature Code = "MalformedSignature"
)

// A DeniedError is the error of [Verifier.Verify]. It names the first check
// that failed; later ones were not made. It contains no signature and no encoded
// policy, but may name the policy's resource, times and range, and what cannot
// be read in it.
type DeniedError struct {
	// Code is CloudFront's.
	Code Code
	// Err wraps the reason, one of the package's sentinels.
	Err error
}

// Error gives the code and the reason.
func (e *DeniedError) Error() string { return fmt.Sprintf("verify: %s: %v", e.Code, e.Err) }

// Unwrap returns e.Err.
func (e *DeniedError) Unwrap() error { return e.Err }

// deny returns an error with CloudFront's code and a reason.
func deny(code Code, reason error, format string, args ...any) error {
	return &DeniedError{Code: code, Err: fmt.Errorf("%w: %s", reason, fmt.Sprintf(format, args...))}
}

// denyBecause is deny with the error that led to it.
func denyBecause(code Code, reason, cause error) error {
	return &DeniedError{Code: code, Err: fmt.Errorf("%w: %w", reason, cause)}
}

// withoutField returns the reason of an error of package policy without the name
// of the field, which is that of a constructor and not of the request.
func withoutField(err error) error {
	var named *policy.Error
	if errors.As(err, &named) {
		return named.Err
	}
	return err
}
