// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"strconv"
)

// Every error of this package is an [*Error] and wraps exactly one of these. For the
// exact reason, see [Reason].
var (
	// ErrURL means that the URL or pattern is malformed, or that clients or servers in use
	// would rewrite it or read it in several ways.
	ErrURL = errors.New("invalid URL")
	// ErrTooLong means that the URL is longer than the 8,192 bytes that CloudFront
	// accepts, or that the policy document is longer than such a URL can carry.
	ErrTooLong = errors.New("too long")
	// ErrWildcard means that a wildcard stands where only literal text is allowed, or that
	// it covers more than its author can have meant.
	ErrWildcard = errors.New("wildcard")
	// ErrSegment means that some server in use could read a path segment as another name;
	// see [Under].
	ErrSegment = errors.New("invalid path segment")
	// ErrNotDirectory means that the resource or URL does not stand for a directory.
	ErrNotDirectory = errors.New("not a directory")
	// ErrNotCovered means that the resource does not cover the URL.
	ErrNotCovered = errors.New("not covered by the policy's resource")
	// ErrExpiry means that the expiry is missing, a time is out of range, or the policy
	// would expire before it becomes valid.
	ErrExpiry = errors.New("invalid expiry or start")
	// ErrSourceIP means that the viewer's address range is not an IPv4 prefix.
	ErrSourceIP = errors.New("invalid address range")
	// ErrDocument means that the policy document is invalid, can be read in several ways,
	// or has no resource. CloudFront reads a missing resource as everything that the key
	// may sign for.
	ErrDocument = errors.New("invalid policy document")
)

// A Reason says exactly what is wrong. The values are stable, and the published test
// vectors call the same reasons by the same names.
//
// A Reason is itself an error that every [*Error] wraps, so you can write
// errors.Is(err, policy.Reason("dot_segment")).
//
// [ErrURL]:
//
//   - scheme: the scheme is not https or http in lower case.
//   - user_info: a user name or password stands before the host.
//   - host: the host is not a lower-case DNS name or IPv4 address as clients send it.
//   - port: the port is malformed, or it is the default port, which clients leave out.
//   - path: the path is missing. Clients would request "/".
//   - dot_segment: a path segment is "." or "..", perhaps percent-encoded. Clients and
//     servers resolve it, and the result may be elsewhere.
//   - empty_segment: the path begins with two slashes, or some server finds an empty
//     segment in a directory or pattern. Many servers take two slashes for one.
//   - reading: some server cuts or decodes a segment of a directory or pattern, and then
//     reads another path.
//   - query: the query, or one of its parameters, is empty.
//   - reserved_name: a query parameter has the name of a signing parameter.
//   - fragment: the URL has a fragment, which never reaches CloudFront.
//   - character: some client would rewrite a character.
//
// [ErrExpiry]:
//
//   - no_expiry: the expiry is missing.
//   - time: a time is not after 1970-01-01T00:00:00Z, or is after 2262-04-11, the last
//     day in CloudFront's documentation.
//   - time_order: the policy would expire before it becomes valid.
//
// [ErrDocument]:
//
//   - syntax: the document is not JSON, or a value has the wrong type.
//   - unknown_member: CloudFront's policies do not have this name.
//   - repeated_member: a name appears twice in one object.
//   - statements: there is not exactly one statement.
//   - no_resource: there is no resource.
//   - received: the policy came with a request, in a form that CloudFront accepts and that
//     must not be signed.
//
// The other sentinels have one reason each: too_long, wildcard, segment,
// not_directory, not_covered and source_ip.
type Reason string

// sentinels are what the reasons match.
var sentinels = map[Reason]error{
	"scheme": ErrURL, "user_info": ErrURL, "host": ErrURL, "port": ErrURL, "path": ErrURL, "dot_segment": ErrURL,
	"empty_segment": ErrURL, "reading": ErrURL, "query": ErrURL, "reserved_name": ErrURL, "fragment": ErrURL, "character": ErrURL,
	"no_expiry": ErrExpiry, "time": ErrExpiry, "time_order": ErrExpiry,
	"syntax": ErrDocument, "unknown_member": ErrDocument, "repeated_member": ErrDocument, "statements": ErrDocument, "no_resource": ErrDocument, "received": ErrDocument,
	"too_long": ErrTooLong, "wildcard": ErrWildcard, "segment": ErrSegment, "not_directory": ErrNotDirectory,
	"not_covered": ErrNotCovered, "source_ip": ErrSourceIP,
}

// Error returns the value itself.
func (r Reason) Error() string { return string(r) }

// Is reports whether target is the sentinel of r.
func (r Reason) Is(target error) bool { return target != nil && target == sentinels[r] }

// A Field names what was refused.
type Field string

// The fields.
const (
	// FieldURL is a URL, as passed to [URL], [Canned] or [Resource.Check].
	FieldURL Field = "URL"
	// FieldPattern is the pattern of [Pattern] and its variants.
	FieldPattern Field = "pattern"
	// FieldBaseURL is the base URL of [Directory] or [Under].
	FieldBaseURL Field = "base URL"
	// FieldSegment is a segment of [Under] or [Resource.Child]. Error.Segment says which.
	FieldSegment Field = "segment"
	// FieldResource is the resource of a policy.
	FieldResource Field = "Resource"
	// FieldExpires is the expiry of a policy.
	FieldExpires Field = "Expires"
	// FieldNotBefore is the start of a policy.
	FieldNotBefore Field = "NotBefore"
	// FieldSourceIP is the address range of a policy.
	FieldSourceIP Field = "SourceIP"
	// FieldPolicy is the policy document as a whole.
	FieldPolicy Field = "Policy"
)

// An Error is the error of every function in this package that can fail. It holds no
// value of a query, because a URL that was passed by mistake may already be signed.
type Error struct {
	// Field names what was refused.
	Field Field
	// Segment is the number of the segment, from 1, if Field is [FieldSegment]. Zero:
	// another field was refused.
	Segment int
	// Reason says exactly what is wrong.
	Reason Reason
	// Problem says in words what is wrong.
	Problem string
	// Advice says what to write instead. Empty: Problem already says so.
	Advice string
	// Alternative names another function of this package that accepts the value, such as
	// "use PatternAnyHost if every host is meant". Empty: there is none.
	Alternative string

	// mismatch is set if Reason is not_covered. fmt follows one pointer, but not two, so it
	// does not print the queries.
	mismatch **NotCoveredError
}

// Error names the field, and says what is wrong and what to write instead.
func (e *Error) Error() string {
	text := "policy: " + string(e.Field)
	if e.Segment > 0 {
		text += " " + strconv.Itoa(e.Segment)
	}
	text += ": " + e.Problem
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	if e.Alternative != "" {
		text += ", or " + e.Alternative
	}
	return text
}

// Unwrap returns the [*NotCoveredError], if there is one, or e.Reason.
func (e *Error) Unwrap() error {
	if e.mismatch != nil {
		return *e.mismatch
	}
	return e.Reason
}

// refuse returns an error that does not name its field yet.
func refuse(reason Reason, problem, advice string) *Error {
	return &Error{Reason: reason, Problem: problem, Advice: advice}
}

// or adds an alternative.
func (e *Error) or(alternative string) *Error {
	e.Alternative = alternative
	return e
}

// inField names the field in which err was found, unless err is nil or names one
// already.
func inField(field Field, err error) error {
	if err == nil {
		return nil // without the memory that errors.As needs
	}
	var unnamed *Error
	if errors.As(err, &unnamed) && unnamed.Field == "" {
		unnamed.Field = field
	}
	return err
}
