// SPDX-License-Identifier: Apache-2.0

package session

import (
	"errors"
	"fmt"
)

// Errors of this package.
var (
	// ErrOptions means that an argument of [New] is invalid.
	ErrOptions = errors.New("invalid options")
	// ErrGrants means that the Grants function failed.
	ErrGrants = errors.New("the grants are unknown")
	// ErrNoGrants means that there are no grants for a login.
	ErrNoGrants = errors.New("no grants")
	// ErrGrant means that the cookies for a grant cannot be made, or that browsers
	// would not send them to everything that it covers.
	ErrGrant = errors.New("invalid grant")
	// ErrOverlap means that browsers would send the cookies of two grants together.
	ErrOverlap = errors.New("grants overlap")
	// ErrKey means that the key did not sign.
	ErrKey = errors.New("signing failed")
	// ErrCrossSite means that a login is a form that another site sent, as identity
	// providers do with SAML or form_post.
	ErrCrossSite = errors.New("the request comes from another site")
	// ErrHeader means that Options.HeaderBudget is too small for the cookies.
	ErrHeader = errors.New("the response header would be too large")
	// ErrWritten means that the header of the response was already sent.
	ErrWritten = errors.New("the response was already written")
	// ErrLost means that the middleware had cookies to set, and the response was
	// sent without them.
	ErrLost = errors.New("the cookies were lost")
)

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("session: %w: %s", reason, fmt.Sprintf(format, args...))
}

// because returns an error for reason with the one that led to it.
func because(reason, cause error) error {
	return fmt.Errorf("session: %w: %w", reason, cause)
}
