// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"

	"github.com/cfsign/cfsign/keys"
)

// advice says what an application does about an error of its signer.
func advice(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "do nothing: the viewer is gone"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, keys.ErrThrottled), errors.Is(err, keys.ErrUnavailable):
		return "answer 503, and try again for the next viewer"
	case errors.Is(err, keys.ErrDisabled), errors.Is(err, keys.ErrPendingDeletion), errors.Is(err, keys.ErrAccessDenied):
		return "wake somebody: waiting does not help"
	default:
		return "look at it: the key is not the one that was meant, or the program is wrong"
	}
}
