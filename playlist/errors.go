// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"errors"
	"fmt"
)

// Reasons for not rewriting. None of the errors contains a URL's query or
// anything of the credential.
var (
	// ErrURL: the URL of the playlist is not an absolute http or https URL in
	// the form in which clients send it. The error also wraps the reason of
	// [policy.URL].
	ErrURL = errors.New("unusable URL of the playlist")
	// ErrZeroValue: a zero SignedPolicy, or a Writer that was not made by
	// [NewHLS] or [NewDASH].
	ErrZeroValue = errors.New("zero value")
	// ErrTooLong: a line of an HLS playlist, or a tag, text or comment of a DASH
	// manifest, has more than 1 MiB.
	ErrTooLong = errors.New("line or token too long")
	// ErrDiverted: a DASH manifest has, after a URL with the query, a BaseURL or
	// an id that leads this URL to where the policy does not reach. What was
	// written before must not be used.
	ErrDiverted = errors.New("a later part of the manifest diverts a signed URL")
	// ErrTruncated: a playlist that passed through [Handler] did not have the
	// Content-Length that its origin gave.
	ErrTruncated = errors.New("the origin's playlist does not have the length it gave")
	// ErrClosed: Write after Close.
	ErrClosed = errors.New("the writer is closed")
)

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("playlist: %w: %w", reason, fmt.Errorf(format, args...))
}
