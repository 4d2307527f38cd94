// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/internal/wire"
)

// Reasons for refusing a URL or a pattern.
var (
	// ErrScheme: the scheme is not https or http in lower case.
	ErrScheme = errors.New("unusable scheme")
	// ErrUserInfo: there is a user name or password before the host.
	ErrUserInfo = errors.New("user information in the URL")
	// ErrHost: the host is not a lower-case DNS name or IPv4 address in the
	// form in which clients send it.
	ErrHost = errors.New("unusable host")
	// ErrPort: the port is malformed, or is the scheme's default, which
	// clients leave out.
	ErrPort = errors.New("unusable port")
	// ErrPath: there is no path. A client would request "/".
	ErrPath = errors.New("no path")
	// ErrDotSegment: a path segment is "." or "..", perhaps percent-encoded.
	// Clients and origins resolve them, and the result may be elsewhere.
	ErrDotSegment = errors.New("dot segment in the path")
	// ErrEmptySegment: the path begins with two slashes, or some server finds an
	// empty segment in that of a directory or of a pattern with wildcards. Clients
	// and servers take two slashes for one.
	ErrEmptySegment = errors.New("empty segment in the path")
	// ErrReading: servers in use read another path in that of a directory, or of a
	// pattern with a wildcard, because they cut or decode one of its segments.
	ErrReading = errors.New("path that servers read in several ways")
	// ErrQuery: the query, or one of its parameters, is empty.
	ErrQuery = errors.New("empty query or query parameter")
	// ErrReservedName: a query parameter has a name that CloudFront keeps
	// for itself: Expires, Policy, Signature, Key-Pair-Id, Hash-Algorithm.
	ErrReservedName = errors.New("reserved query parameter")
	// ErrFragment: there is a fragment. It never reaches CloudFront.
	ErrFragment = errors.New("fragment in the URL")
	// ErrCharacter: a character would be rewritten by some client, so that
	// the URL that was signed would not be the URL that is requested.
	ErrCharacter = errors.New("character that clients rewrite")
	// ErrWildcard: a wildcard where none may be, or one that covers more
	// than its author can have meant.
	ErrWildcard = errors.New("wildcard")
	// ErrTooLong: the URL is longer than the 8,192 bytes that CloudFront
	// accepts, or the policy than a URL can carry.
	ErrTooLong = errors.New("too long")
)

// Reasons for refusing data, a directory, or a URL that is in order but not
// covered.
var (
	// ErrSegment: a path segment that is data is not one name for every server in
	// use; see [Under].
	ErrSegment = errors.New("unusable path segment")
	// ErrNotDirectory: the resource or URL does not stand for a directory.
	ErrNotDirectory = errors.New("not a directory")
	// ErrNotCovered: the resource does not cover the URL.
	ErrNotCovered = errors.New("not covered by the policy's resource")
)

// Reasons for refusing a condition.
var (
	// ErrNoExpiry: there is no expiry. Every policy needs one.
	ErrNoExpiry = errors.New("no expiry")
	// ErrTime: a time is not after 1970-01-01T00:00:00Z, or is after
	// 2262-04-11, the last day that CloudFront's pages name.
	ErrTime = errors.New("time out of range")
	// ErrTimeOrder: the policy would expire before it becomes valid.
	ErrTimeOrder = errors.New("would end before it begins")
	// ErrSourceIP: the viewer's address range is not an IPv4 prefix.
	ErrSourceIP = errors.New("unusable address range")
)

// Reasons for refusing a policy document. [Parse] also returns those above.
var (
	// ErrSyntax: not JSON, or a value of the wrong type.
	ErrSyntax = errors.New("malformed policy document")
	// ErrUnknownMember: a name that CloudFront's policies do not have. Names
	// are case-sensitive.
	ErrUnknownMember = errors.New("unknown name")
	// ErrRepeatedMember: a name stands twice in one object.
	ErrRepeatedMember = errors.New("repeated name")
	// ErrStatements: not exactly one statement.
	ErrStatements = errors.New("not exactly one statement")
	// ErrNoResource: there is no resource. CloudFront would read that as
	// everything the key may sign for.
	ErrNoResource = errors.New("no resource")
)

// An Error is the error of every constructor in this package. Its text says
// what to write instead. It holds no value of a query, because a URL that was
// handed over by mistake may already be a signed one.
type Error struct {
	// Field names what was refused: "URL", "pattern", "base URL",
	// "segments", "segment 2", "base URL with segments", "Resource",
	// "Expires", "NotBefore", "SourceIP", "Policy".
	Field string
	// Err wraps one of the package's sentinels.
	Err error
}

// Error names the field, the reason, and what to write instead.
func (e *Error) Error() string { return fmt.Sprintf("policy: %s: %v", e.Field, e.Err) }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// A Section is one of the four parts of a URL by which CloudFront matches.
//
// Source: "Create a signed URL using a custom policy", on wildcards.
type Section string

// The sections of a URL.
const (
	// SectionScheme is what stands before "://".
	SectionScheme Section = "scheme"
	// SectionHost is the host with its port.
	SectionHost Section = "host"
	// SectionPath is the path with its leading slash.
	SectionPath Section = "path"
	// SectionQuery is the query without its question mark.
	SectionQuery Section = "query"
)

// A NotCoveredError says where a URL that is in order differs from a resource.
// It wraps [ErrNotCovered].
type NotCoveredError struct {
	// Section is the first one that differs.
	Section Section
	// Resource and URL are the texts of that section. A query may be
	// somebody's secret: no printer or encoder shows it, so keep what you read
	// here out of logs. Empty: there is none.
	Resource, URL string
	// Wider reports that the wider of CloudFront's readings covers the URL; see
	// [Resource.Wider].
	Wider bool
	// Unclear reports that the path matches as it is written, but that servers in use
	// cut or decode it and read another one, which may not match.
	Unclear bool
}

// Error names the section and, unless it is the query, the two texts.
func (e *NotCoveredError) Error() string {
	text := fmt.Sprintf("%v: its %s is %q, and that of the resource %q", ErrNotCovered, e.Section, wire.Redact(e.URL), wire.Redact(e.Resource))
	if e.Section == SectionQuery {
		text = fmt.Sprintf("%v: its query is not that of the resource", ErrNotCovered)
	}
	switch {
	case e.Unclear:
		text += "; as it is written it matches, but servers in use cut or decode it and read another one"
	case e.Wider:
		text += "; CloudFront's page on signed cookies reads wildcards more widely, and covers it"
	}
	return text
}

// Unwrap returns [ErrNotCovered].
func (e *NotCoveredError) Unwrap() error { return ErrNotCovered }

// refuse returns an error for reason that tells the user what to do.
func refuse(reason error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", reason, fmt.Sprintf(format, args...))
}

// inField names the field in which err was found, unless err is nil or names
// one already.
func inField(field string, err error) error {
	var named *Error
	if err == nil || errors.As(err, &named) {
		return err
	}
	return &Error{Field: field, Err: err}
}
