// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// Reasons of this package. The others are those of package keys: for why a secret cannot
// be had, for what is wrong with a key in it, and [keys.ErrMismatch]. An end of time is
// [context.DeadlineExceeded] or [context.Canceled].
var (
	// ErrOptions: an option, a location or another argument cannot be meant.
	ErrOptions = errors.New("unusable options")
	// ErrLayout: the secret is a JSON object, but not one as the package comment
	// describes it; or a private key is in a parameter that is not encrypted.
	ErrLayout = errors.New("unusable layout of the secret")
)

// refuse returns an error for reason that tells the user what to do. The exported
// functions, and [Source.at], put the package's name in front.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", reason, fmt.Sprintf(format, args...))
}

// own puts the package's name in front of an error.
func own(err error) error { return fmt.Errorf("awssecrets: %w", err) }

// clientError returns the error for err, which a client returned.
func clientError(ctx context.Context, err error) error {
	if end := ctx.Err(); end != nil {
		return awserror.Ended(end, "the context ended before AWS answered", err)
	}
	return awserror.Classify(err)
}
