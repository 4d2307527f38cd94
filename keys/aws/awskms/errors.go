// SPDX-License-Identifier: Apache-2.0

package awskms

import "errors"

var errNilContext = errors.New("awskms: the context is nil: hand over one, such as context.Background()")

// A failure is an error of one kind. The SDK's error stays behind it, where errors.As
// finds it, and nothing else: it may hold secrets, and a timeout of a connection
// is, for errors.Is, an end of the context that it is not.
type failure struct {
	text  string
	kind  error
	cause *error // of the SDK, or nil; a pointer, which fmt does not follow
}

// Error has no text of the cause but what is known to be harmless.
func (f *failure) Error() string { return f.text }

// Unwrap returns the kind.
func (f *failure) Unwrap() error { return f.kind }

// As looks for an error of a type in the cause.
func (f *failure) As(target any) bool { return f.cause != nil && errors.As(*f.cause, target) }
