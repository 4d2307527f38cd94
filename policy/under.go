// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cfsign/cfsign/internal/readers"
)

// Under returns the resource for everything below the directory
// baseURL/segment/more[0]/more[1]/…, where the segments are data: a user's ID, a tenant, an
// order number. No data can widen the grant, at any origin that reads paths in the ways
// listed below.
//
// Each segment becomes exactly one path segment. Every byte of it outside A–Z, a–z, 0–9,
// "-", ".", "_" and "~" is percent-encoded, including wildcards. Under refuses a segment
// with [ErrSegment] if some server in use could read it as another folder:
//
//   - it is empty, "." or "..", or has a slash or a backslash;
//   - it has ";", "?" or "#", or a space at its end, where servers cut names;
//   - it has "%" before two hexadecimal digits, which servers that decode twice replace by
//     another character;
//   - it has a control character, or is not UTF-8.
//
// These rules do not cover file systems that ignore case, or dots at the end of a name.
// For such an origin, use IDs that still differ without case and final dots.
//
// CloudFront itself compares a path as it is written. It lets a viewer with the signature
// for /users/alice/ request /users/alice/..%2fbob/a.jpg, which this library never signs or
// allows. An origin that decodes and resolves that path must refuse it. S3 does not resolve
// paths.
//
// Under takes at least one segment, so that an empty list cannot grant the parent. Pass
// every part of the path that is data as a segment of its own. In baseURL, pass only
// constants. You can leave out a slash at the end of baseURL, but not the slash after the
// host. All other rules and errors of [Directory] apply to baseURL. Build the URLs of the
// files with [Resource.Child], which escapes in the same way.
func Under(baseURL, segment string, more ...string) (Resource, error) {
	return under(checkName, baseURL, segment, more)
}

// UnderForLiteralOrigin is [Under] for an origin that decodes a path once and then takes it
// literally, as S3 does: its segments can have ";", "?", "#", a space at the end, and "%"
// before two hexadecimal digits, as some IDs do.
//
// It is not safe if a web server or proxy stands between CloudFront and the files. A servlet
// container takes the folder of "bob;x" for the folder of "bob", and so does a proxy that
// decodes the path of "bob%3B" and passes it on. Use Under there.
func UnderForLiteralOrigin(baseURL, segment string, more ...string) (Resource, error) {
	return under(checkLiteralName, baseURL, segment, more)
}

func under(check nameCheck, baseURL, segment string, more []string) (Resource, error) {
	if err := checkDirectory(baseURL); err != nil {
		return Resource{}, inField(FieldBaseURL, err)
	}
	path, err := joinSegments(check, forID, slices.Concat([]string{segment}, more))
	if err != nil {
		return Resource{}, err
	}
	pattern := strings.TrimSuffix(baseURL, "/") + "/" + path + "/*"
	if err := checkLength(pattern); err != nil {
		return Resource{}, inField(FieldURL, err)
	}
	return newResource(pattern), nil
}

// Child returns the URL of a file below a directory. The segments are data. Child escapes
// and refuses them as [Under] does; for names such as "Track #1.mp3" use
// [Resource.ChildForLiteralOrigin], and for the whole key of an object in S3 use
// [Resource.ChildForS3Key].
//
// Browsers, curl and most libraries send the result as it is. Two clients decode some of it,
// so CloudFront denies their requests: for aiohttp, pass yarl.URL(u, encoded=True), and for
// fasthttp, set DisablePathNormalizing. The page docs/clients.md lists more of them.
//
// Child returns [ErrSegment] for an invalid segment or none, [ErrNotDirectory] if the
// resource does not have the form that Directory and Under make, and [ErrTooLong].
func (r Resource) Child(segments ...string) (string, error) {
	return r.child(checkName, segments, "")
}

// ChildForLiteralOrigin is [Resource.Child] for an origin such as S3; see
// [UnderForLiteralOrigin]. It accepts the same characters in names.
func (r Resource) ChildForLiteralOrigin(segments ...string) (string, error) {
	return r.child(checkLiteralName, segments, "")
}

// ChildForS3Key returns the URL of the object in S3 whose key is below the directory: for
// https://cdn.example.com/users/alice/ and the key "photos/a+b.jpg", it returns
// https://cdn.example.com/users/alice/photos/a%2Bb.jpg. If you have the whole key, from the
// root of the bucket, call it on Directory("https://cdn.example.com/").
//
// The key is data. Its parts between slashes are the segments of
// [Resource.ChildForLiteralOrigin], with its rules and errors. The key can end in a slash, as
// the key of a folder's own object does. ChildForS3Key refuses a key that begins with a slash
// or has two in a row: S3 knows such keys, but many servers read another path in the URL, and
// the usual reason is a variable that was not set.
func (r Resource) ChildForS3Key(key string) (string, error) {
	name := strings.TrimSuffix(key, "/")
	return r.child(checkLiteralName, strings.Split(name, "/"), key[len(name):])
}

// child returns the URL of a child, with end behind the last segment.
func (r Resource) child(check nameCheck, segments []string, end string) (string, error) {
	s := split(r.pattern)
	base, _ := strings.CutSuffix(r.pattern, "*")
	if r.received || !strings.HasSuffix(s.path, "/*") || strings.ContainsAny(base, "*?") {
		return "", inField(FieldResource, refuse("not_directory", "only a directory has children", "make the resource with Directory or Under"))
	}
	if len(segments) == 0 {
		return "", inSegment(1, refuse("segment", "it is missing", "pass at least one"))
	}
	path, err := joinSegments(check, forFile, segments)
	if err != nil {
		return "", err
	}
	child := base + path + end
	if err := checkLength(child); err != nil {
		return "", inField(FieldURL, err)
	}
	return child, nil
}

// A nameCheck returns an error for a segment that is not one name.
type nameCheck func(segment string, h hints) error

// hints are what the errors advise for one kind of segment.
type hints struct {
	another string // instead of a name that servers read in several ways
	other   string // instead of a name that leads to another folder
	literal string // the functions for origins that take names literally
	divided string // for a name with a slash or a backslash
	slashes string // the function for a name with slashes. Empty: there is none
}

var (
	forID = hints{
		another: "use another ID or a hash of it",
		other:   "use an ID that cannot have this form",
		literal: "use UnderForLiteralOrigin and ChildForLiteralOrigin",
		divided: "use another ID or a hash of it, or pass the segments one by one if they are folders",
	}
	forFile = hints{
		another: "use another name",
		other:   "use another name",
		literal: "use ChildForLiteralOrigin",
		divided: "pass the segments one by one, or write %5C in a URL if a backslash is part of a key in S3",
		slashes: "use ChildForS3Key if it is the key of an object in S3",
	}
)

// joinSegments returns the segments, checked and escaped, with slashes between them.
func joinSegments(check nameCheck, h hints, segments []string) (string, error) {
	escaped := make([]string, len(segments))
	for i, segment := range segments {
		if err := check(segment, h); err != nil {
			return "", inSegment(i+1, err)
		}
		escaped[i] = escape(segment)
	}
	return strings.Join(escaped, "/"), nil
}

// inSegment is inField for segment number n.
func inSegment(n int, err error) error {
	var unnamed *Error
	if errors.As(err, &unnamed) {
		unnamed.Segment = n
	}
	return inField(FieldSegment, err)
}

// checkName refuses segments that some server reads as another name.
func checkName(segment string, h hints) error {
	if err := checkLiteralName(segment, h); err != nil {
		return err
	}
	if !readers.IsPlain(escape(segment)) {
		return refuse("segment", "it has "+unclearPart(segment)+", where servers in use cut or decode names and read another one", h.another).
			or(h.literal + " if the origin takes names literally, as S3 does")
	}
	return nil
}

// unclearPart describes the part of a segment that servers read in several ways.
func unclearPart(segment string) string {
	if i := strings.IndexAny(segment, ";?#"); i >= 0 {
		return strconv.Quote(segment[i : i+1])
	}
	if strings.HasSuffix(segment, " ") {
		return "a space at its end"
	}
	return `"%" before two hexadecimal digits`
}

// checkLiteralName refuses segments that are not one name even for a server that decodes
// once and cuts nothing, and segments that lead out of the folder for any other server.
func checkLiteralName(segment string, h hints) error {
	escaped := "/" + escape(segment) + "/"
	switch {
	case segment == "":
		return refuse("segment", "it is empty, which would mean the whole directory above", "check that the value is set")
	case h.slashes != "" && strings.Contains(segment, "/") && !strings.Contains(segment, `\`):
		return refuse("segment", "a slash in it would make two segments", "pass the segments one by one").or(h.slashes)
	case strings.ContainsAny(segment, `/\`):
		return refuse("segment", "a slash or backslash in it would make two segments", h.divided)
	case !utf8.ValidString(segment):
		return refuse("segment", "it is not UTF-8", "pass text, or encode the bytes yourself (hex, base64url)")
	case strings.ContainsFunc(segment, unicode.IsControl):
		return refuse("segment", "it has a control character", "remove it")
	case readers.HasDotSegment(escaped):
		return refuse("segment", `"." and ".." lead to another directory, even if percent-encoded or with ; ? # or a space after them`, h.other)
	case readers.HasEmptySegment(escaped):
		return refuse("segment", "servers in use cut or decode it to nothing, which would mean the whole directory above", h.other)
	}
	return nil
}
