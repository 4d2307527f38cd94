// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/keys/aws/internal/awserror"
)

// errNilContext is about an argument, so it wraps no error that callers branch on.
var errNilContext = errors.New("the context is nil: pass one, such as context.Background()")

// refuse returns an error for reason that tells the user what to do. Exported functions,
// and [Source.at], put the package's name in front.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", reason, fmt.Sprintf(format, args...))
}

// own puts the package's name in front of an error.
func own(err error) error { return fmt.Errorf("awssecrets: %w", err) }

// at adds the place of the secret to an error. It returns nil for nil.
func (s *Source) at(err error) error { return errorAt(s.location, err) }

func errorAt(l Location, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("awssecrets: %s: %w", l, err)
}

// clientError returns the error for err, which a client returned.
func clientError(ctx context.Context, err error) error {
	if end := ctx.Err(); end != nil {
		return awserror.Ended(end, "the context ended before AWS answered", err)
	}
	return awserror.Classify(err)
}
