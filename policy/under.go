// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cfsign/cfsign/internal/readers"
)

// Under returns the resource that is everything below the directory
// baseURL/segment/more[0]/more[1]/…, where the segments are data: a user's ID,
// a tenant, an order number. Nothing in them can widen the grant, at any origin that
// reads paths in the ways listed below.
//
// Each segment becomes exactly one path segment. Every byte of it outside
// A–Z, a–z, 0–9, "-", ".", "_" and "~" is percent-encoded, wildcards too. A
// segment is refused with [ErrSegment] if some server in use could read another
// folder in it:
//
//   - it is empty, "." or "..", or has a slash or a backslash;
//   - it has ";", "?" or "#", or a space at its end, where servers cut names;
//   - it has "%" before two hexadecimal digits, which servers that decode twice
//     replace by another character;
//   - it has a control character, or is not UTF-8.
//
// File systems that ignore case, or dots at the end of a name, are not among these
// servers: in front of one, use IDs that differ in more.
//
// CloudFront itself compares a path as it is written. It lets a viewer with the signature
// for /users/alice/ request /users/alice/..%2fbob/a.jpg, which this library never signs or
// allows. An origin that decodes and resolves that path must refuse it. S3 resolves
// nothing.
//
// There is at least one segment by signature, so that an empty list cannot grant the
// parent. Put every part of the path that is data into a segment of its own, and
// nothing but constants into baseURL. A slash at the end of baseURL may be left out,
// but not the one after the host; its rules and errors are otherwise those of [Directory]. Build the URLs of the files
// with [Resource.Child], which escapes in the same way.
func Under(baseURL, segment string, more ...string) (Resource, error) {
	return under(checkName, baseURL, segment, more)
}

// UnderForLiteralOrigin is [Under] for an origin that decodes a path once and then
// takes it literally, as S3 does: its segments may have ";", "?", "#", a space at the
// end, and "%" before two hexadecimal digits, as some IDs do.
//
// It is not safe where a web server or proxy stands between CloudFront and the files.
// A servlet container takes the folder of "bob;x" for that of "bob", and a proxy that
// decodes the path and passes it on takes that of "bob%3B" for it. Use Under there.
func UnderForLiteralOrigin(baseURL, segment string, more ...string) (Resource, error) {
	return under(checkLiteralName, baseURL, segment, more)
}

func under(check func(string) error, baseURL, segment string, more []string) (Resource, error) {
	if err := checkDirectory(baseURL); err != nil {
		return Resource{}, inField("base URL", err)
	}
	path, err := joinSegments(check, slices.Concat([]string{segment}, more))
	if err != nil {
		return Resource{}, err
	}
	pattern := strings.TrimSuffix(baseURL, "/") + "/" + path + "/*"
	if err := checkLength(pattern); err != nil {
		return Resource{}, inField("base URL with segments", err)
	}
	return Resource{pattern: pattern}, nil
}

// Child returns the URL of something below a directory. The segments are data
// and are escaped and refused as in [Under]; names such as "Track #1.mp3" are for
// [Resource.ChildForLiteralOrigin]. At least one is needed, or the
// error is [ErrSegment]; it is [ErrNotDirectory] unless the resource is one as
// made by [Directory] or [Under], and [ErrTooLong] if CloudFront would not
// accept the URL.
func (r Resource) Child(segments ...string) (string, error) {
	return r.child(checkName, segments)
}

// ChildForLiteralOrigin is [Resource.Child] for an origin as of
// [UnderForLiteralOrigin], such as S3, and allows the same characters in names.
func (r Resource) ChildForLiteralOrigin(segments ...string) (string, error) {
	return r.child(checkLiteralName, segments)
}

func (r Resource) child(check func(string) error, segments []string) (string, error) {
	var s sections
	s.split(r.pattern)
	base, _ := strings.CutSuffix(r.pattern, "*")
	if !strings.HasSuffix(s.path, "/*") || strings.ContainsAny(base, "*?") {
		return "", inField("Resource", refuse(ErrNotDirectory, "only a resource made by Directory or Under has children"))
	}
	if len(segments) == 0 {
		return "", inField("segments", refuse(ErrSegment, "name at least one"))
	}
	path, err := joinSegments(check, segments)
	if err != nil {
		return "", err
	}
	child := base + path
	if err := checkLength(child); err != nil {
		return "", inField("URL", err)
	}
	return child, nil
}

// joinSegments returns the segments, checked and escaped, with slashes between them.
func joinSegments(check func(string) error, segments []string) (string, error) {
	escaped := make([]string, len(segments))
	for i, segment := range segments {
		if err := check(segment); err != nil {
			return "", inField("segment "+strconv.Itoa(i+1), err)
		}
		escaped[i] = escape(segment)
	}
	return strings.Join(escaped, "/"), nil
}

// checkName refuses segments in which some server reads another name.
func checkName(segment string) error {
	if err := checkLiteralName(segment); err != nil {
		return err
	}
	if !readers.IsPlain(escape(segment)) {
		return refuse(ErrSegment, "it has %s, where servers in use cut or decode names and read another one: use another ID or a hash of it, "+
			"or UnderForLiteralOrigin and ChildForLiteralOrigin if the origin takes names literally, as S3 does", unclearPart(segment))
	}
	return nil
}

// unclearPart describes what servers read in several ways in a segment.
func unclearPart(segment string) string {
	if i := strings.IndexAny(segment, ";?#"); i >= 0 {
		return strconv.Quote(segment[i : i+1])
	}
	if strings.HasSuffix(segment, " ") {
		return "a space at its end"
	}
	return `"%" before two hexadecimal digits`
}

// checkLiteralName refuses segments that are not one name even for a server that
// decodes once and cuts nothing, and those that lead out of the folder for any other.
func checkLiteralName(segment string) error {
	escaped := "/" + escape(segment) + "/"
	switch {
	case segment == "":
		return refuse(ErrSegment, "it is empty, which would mean the whole directory above: check that the value is set")
	case strings.ContainsAny(segment, `/\`):
		return refuse(ErrSegment, "a slash or backslash in it would make it two: pass the segments one by one, or write %%5C in a URL if a backslash is part of a key in S3")
	case !utf8.ValidString(segment):
		return refuse(ErrSegment, "it is not UTF-8: pass text, or encode the bytes yourself (hex, base64url)")
	case strings.ContainsFunc(segment, unicode.IsControl):
		return refuse(ErrSegment, "it has a control character: remove it")
	case readers.HasDotSegment(escaped):
		return refuse(ErrSegment, `"." and ".." lead to another directory, also percent-encoded or with ; ? # or a space after them: use an ID that cannot have this form`)
	case readers.HasEmptySegment(escaped):
		return refuse(ErrSegment, "servers in use cut or decode it to nothing, which would mean the whole directory above: use an ID that cannot have this form")
	}
	return nil
}
