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
	// ErrGrant means that the cookies for a grant cannot be made, that browsers would
	// not send them to everything that it covers, or that browsers would send the
	// cookies of two grants together.
	ErrGrant = errors.New("invalid grant")
	// ErrKey means that the key did not sign.
	ErrKey = errors.New("signing failed")
	// ErrCrossSite means that a login is a form that another site sent, as identity
	// providers do with SAML or form_post.
	ErrCrossSite = errors.New("the request comes from another site")
	// ErrHeader means that Options.HeaderBudget is too small for the cookies.
	ErrHeader = errors.New("the response header would be too large")
	// ErrLost means that there were cookies to set, and the response was sent without
	// them: the header was written too early, or with another ResponseWriter.
	ErrLost = errors.New("the response was sent without the cookies")
)

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("session: %w: %s", reason, fmt.Sprintf(format, args...))
}

// because returns an error for reason with the one that led to it.
func because(reason, cause error) error {
	return fmt.Errorf("session: %w: %w", reason, cause)
}
