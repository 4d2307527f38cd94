// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/internal/scheme"
)

// Reasons for not signing.
var (
	// ErrZeroValue: a zero Signer, policy, signed policy or cookie set was
	// used, or a nil context.
	ErrZeroValue = errors.New("zero value")
	// ErrHash: [Options] names a hash that is neither SHA-256 nor SHA-1, or
	// SHA-1 where FIPS 140-3 rules it out.
	ErrHash = scheme.ErrHash
	// ErrExpired: the policy's expiry has passed.
	ErrExpired = errors.New("the policy has expired")
	// ErrBounds: the policy is outside of [Options.Within], or the bounds cannot be
	// meant.
	ErrBounds = errors.New("outside of the signer's bounds")
	// ErrLifetime: the lifetime or the window of a [Cache] is unusable, or an
	// expiry was set that the cache sets itself.
	ErrLifetime = errors.New("unusable lifetime")
	// ErrSignature: the key returned a signature that its own public key does
	// not verify.
	ErrSignature = scheme.ErrSignature
)

// Reasons for refusing the attributes of cookies.
var (
	// ErrCookieScheme: cookies cannot carry the policy, or not to where it
	// applies: its resource begins with neither https:// nor http://, or with
	// http:// while the cookies are Secure.
	ErrCookieScheme = errors.New("policy unusable in cookies")
	// ErrWider: in cookies, the policy may grant more than it says; see
	// [policy.Resource.Wider].
	ErrWider = errors.New("policy may grant more in cookies")
	// ErrDomain: the Domain is malformed, does not cover the policy's host,
	// or is a public suffix.
	ErrDomain = errors.New("unusable cookie Domain")
	// ErrPath: the Path is malformed or does not cover the policy's URLs.
	ErrPath = errors.New("unusable cookie Path")
	// ErrSameSite: not one of http.SameSiteLaxMode, StrictMode and NoneMode,
	// or NoneMode without Secure.
	ErrSameSite = errors.New("unusable cookie SameSite")
	// ErrMaxAge: negative, not in whole seconds, or beyond 400 days.
	ErrMaxAge = errors.New("unusable cookie MaxAge")
	// ErrPartitioned: Partitioned without Secure.
	ErrPartitioned = errors.New("unusable cookie Partitioned")
	// ErrCookieTooLong: a cookie has more than the 4,096 bytes that every
	// browser stores.
	ErrCookieTooLong = errors.New("cookie too long")
)

var (
	errZeroSigner    = refuse(ErrZeroValue, "create the signer with New")
	errNoContext     = refuse(ErrZeroValue, "pass a context, such as context.Background()")
	errNothingSigned = refuse(ErrZeroValue, "nothing was signed: check the error of Sign")
)

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("sign: %w: %s", reason, fmt.Sprintf(format, args...))
}
