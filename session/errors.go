// SPDX-License-Identifier: Apache-2.0

package session

import (
	"errors"
	"fmt"
)

// Reasons for not setting cookies.
var (
	// ErrOptions: [New] was given something unusable.
	ErrOptions = errors.New("unusable options")
	// ErrRights: the function that says what a user may fetch has failed.
	ErrRights = errors.New("the rights are not known")
	// ErrGrant: cookies for a grant cannot be made or cannot reach all that it
	// covers.
	ErrGrant = errors.New("unusable grant")
	// ErrOverlap: cookies for one grant would be sent with, or instead of,
	// those for another.
	ErrOverlap = errors.New("grants overlap")
	// ErrKey: the key has not signed.
	ErrKey = errors.New("signing failed")
	// ErrWritten: the header of the response has been sent.
	ErrWritten = errors.New("the response was already written")
)

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("session: %w: %s", reason, fmt.Sprintf(format, args...))
}

// because returns an error for reason with the one that led to it.
func because(reason, cause error) error {
	return fmt.Errorf("session: %w: %w", reason, cause)
}
