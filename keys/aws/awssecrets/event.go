// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"fmt"
	"io"
	"log/slog"
)

// An Event is what happened while a [Source] followed its secret. Neither the event nor
// what fmt and log/slog print of it contains any part of a secret.
type Event struct {
	// KeyPairID is the ID of the pair that the source has, which a failure does not
	// change: see [Source.Pair].
	KeyPairID string
	// Err is why the secret cannot be used, or why the function of [Source.Run] has not
	// taken the pair. Nil: it has, and signs with it from now on.
	Err error
}

// String returns the error, or says that the pair was taken.
func (e Event) String() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return "awssecrets: the pair of " + e.KeyPairID + " was taken"
}

// Format writes String, whatever the verb.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue returns the ID, and the error if there is one, for log/slog.
func (e Event) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("keyPairID", e.KeyPairID)}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attributes...)
}
