// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// An Event says that a Region failed, or that it works again. It contains no secret, so you
// can log it.
type Event struct {
	// Operation is the operation of KMS: "GetPublicKey" or "Sign".
	Operation string
	// Region is the Region of the client, such as us-east-1. It is "client" or
	// "Options.Replicas[0]" for a client that does not say its Region. [*kms.Client] does.
	Region string
	// Err says why the Region failed. Nil: the Region failed before, and works again.
	Err error
	// TookOver is the Region that did the operation instead. Empty: no Region did, and the
	// caller got an error; or Err is nil.
	TookOver string
}

// String returns the error and the Region that took over, or says that the Region works
// again.
func (e Event) String() string {
	switch {
	case e.Err == nil:
		return "awskms: " + e.Region + " works again"
	case e.TookOver == "":
		return e.Err.Error()
	}
	return e.Err.Error() + " (" + e.TookOver + " took over)"
}

// logTakeover is the hook of a key without one. If no Region took over, the caller gets the error.
func logTakeover(ctx context.Context, e Event) {
	if e.TookOver != "" {
		slog.ErrorContext(ctx, "awskms: another Region had to sign", "event", e)
	}
}

// Format writes String for every verb.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue returns the operation and the Region, and the error and the Region that took
// over if there are any, for log/slog.
func (e Event) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("operation", e.Operation), slog.String("region", e.Region)}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	if e.TookOver != "" {
		attributes = append(attributes, slog.String("tookOver", e.TookOver))
	}
	return slog.GroupValue(attributes...)
}
