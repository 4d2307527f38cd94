// SPDX-License-Identifier: Apache-2.0

package token

import (
	"errors"
	"fmt"
)

// Reasons why a token is refused. All mean that the client has to sign in again or to
// send something else, but ErrUnavailable and ErrOptions.
var (
	// ErrMissing: the request has no bearer token.
	ErrMissing = errors.New("no bearer token")
	// ErrMalformed: it is not a token of Cognito's form, or too long to be one.
	ErrMalformed = errors.New("malformed token")
	// ErrAlgorithm: it is signed with another algorithm than RS256, or not signed.
	ErrAlgorithm = errors.New("algorithm of the token not accepted")
	// ErrSignature: it is not signed with a key of the issuer.
	ErrSignature = errors.New("signature of the token not verified")
	// ErrExpired: it was good, and its time is over.
	ErrExpired = errors.New("expired token")
	// ErrNotYetValid: it is from the future.
	ErrNotYetValid = errors.New("token not valid yet")
	// ErrIssuer: another issuer issued it.
	ErrIssuer = errors.New("token of another issuer")
	// ErrClient: it was issued for another app client, or another API.
	ErrClient = errors.New("token for another client")
	// ErrUse: it is neither an access nor an ID token.
	ErrUse = errors.New("token for another use")
	// ErrSubject: it names no user, or one whose ID cannot be the name of a folder.
	ErrSubject = errors.New("subject of the token not accepted")
	// ErrUnavailable: the issuer's keys cannot be had at the moment, so that nobody
	// knows whether the token is good. The same request may work later.
	ErrUnavailable = errors.New("keys of the issuer unavailable")
	// ErrOptions: an option of the verifier cannot be meant.
	ErrOptions = errors.New("unusable options")
)

// refuse returns an error for a reason. Nothing that is in a token may be in args.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("token: %w: %s", reason, fmt.Sprintf(format, args...))
}

// unavailable returns an error for keys that cannot be had, which wraps its cause.
func unavailable(cause error) error { return fmt.Errorf("token: %w: %w", ErrUnavailable, cause) }
