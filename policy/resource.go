// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"

	"github.com/cfsign/cfsign/internal/readers"
)

// A Resource says which URLs a policy covers: one URL, everything under a
// directory, or a pattern. It is made by [URL], [Directory], [Under],
// [Pattern] or [PatternAnyHost], and is therefore always in a form that
// CloudFront takes and that reaches no further than its constructor promises.
//
// Resources are immutable and comparable with ==. The zero Resource covers
// nothing, and no policy can be made of it.
type Resource struct {
	pattern string
}

// URL returns the resource that is exactly rawURL, its query included.
//
// rawURL must be written as clients send it, because what is signed is what is
// compared: scheme and host in lower case, everything else percent-encoded. No
// wildcard may hide in it. It may have one "?": in a custom policy CloudFront's
// own pages read a second one in two ways. Even one makes the URL an uncertain
// resource of a custom policy, because it may stand for any character: see
// [Resource.Wider]. [Canned] has no such doubt. The errors are the reasons for
// refusing a URL, [ErrScheme] to [ErrTooLong], each in an [*Error].
func URL(rawURL string) (Resource, error) {
	var s sections
	err := s.parseExact(rawURL)
	if err == nil {
		err = checkQuestionMarks(rawURL)
	}
	if err != nil {
		return Resource{}, inField("URL", err)
	}
	return Resource{pattern: strings.Clone(rawURL)}, nil
}

// Directory returns the resource that is everything below baseURL, in any
// depth and with any query: the pattern baseURL*. The code itself must name
// the directory. If part of it is data, such as a user's ID, use [Under].
//
// baseURL must end in a slash. So code that puts an ID into it must write
// Directory(base + id + "/"), and an empty ID leaves two slashes, which are an
// error and not everybody's folder. baseURL has no query and no wildcard, and no server in use may read
// another directory in it: a segment has none of ";", "%3F", "%23", "%2F", "%5C", "%0A"
// and "%00", no space at its end, and nothing that can be decoded twice.
//
// It returns the errors of [URL], and [ErrNotDirectory], [ErrEmptySegment] and
// [ErrReading].
func Directory(baseURL string) (Resource, error) {
	err := checkDirectory(baseURL)
	if err == nil && !strings.HasSuffix(baseURL, "/") {
		err = refuse(ErrNotDirectory, `write a slash at its end, as in base + id + "/": then an empty ID is an error, and not the directory above`)
	}
	if err == nil {
		err = checkLength(baseURL + "*")
	}
	if err != nil {
		return Resource{}, inField("base URL", err)
	}
	return Resource{pattern: baseURL + "*"}, nil
}

// checkDirectory refuses URLs that do not name one directory for all servers in use.
func checkDirectory(baseURL string) error {
	if base, ok := strings.CutSuffix(baseURL, "/*"); ok && !strings.Contains(base, "*") {
		return refuse(ErrWildcard, "leave out the asterisk at the end: everything below is covered anyway (write %%2A if it is part of a name)")
	}
	var s sections
	if err := s.parseExact(baseURL); err != nil {
		return err
	}
	if s.hasQuery {
		return refuse(ErrNotDirectory, "a directory has no query: leave out the ? and what follows")
	}
	return checkFolder(s.path)
}

// checkFolder refuses paths in which some server in use reads another folder. What an
// asterisk stands for may complete an encoding, or end a name.
func checkFolder(path string) error {
	if err := checkEmptySegments(path); err != nil {
		return err
	}
	if !readers.IsPlain(strings.ReplaceAll(path, "*", "00")) || !readers.IsPlain(strings.ReplaceAll(path, "*", "/")) {
		return refuse(ErrReading, `a segment has ";", "?", "#", a slash or a backslash, a line break or tab, a space at its end, or "%%" before two hexadecimal digits (plain or percent-encoded), `+
			"where servers in use cut or decode names and read another folder: rename it, or use UnderForLiteralOrigin if the origin takes names literally, as S3 does")
	}
	return nil
}

// String returns the resource as it stands in the policy document.
func (r Resource) String() string { return r.pattern }

// Host returns the host, without the port. It may have wildcards, if the
// resource was made from a pattern. The host of the zero Resource is "".
func (r Resource) Host() string {
	var s sections
	s.split(r.pattern)
	name, _, _ := strings.Cut(s.host, ":")
	return name
}

// Within reports whether bounds covers everything that r covers, so that a policy for
// r grants no more than one for bounds. It is false where that is not certain, and if
// one of them is the zero Resource.
//
// Both of CloudFront's readings agree: where bounds is not certain itself (see
// [Resource.Wider]), r may be wider than Matches says, but no wider than bounds.
func (r Resource) Within(bounds Resource) bool {
	if r == bounds {
		return r != Resource{}
	}
	// An asterisk of r is a character here. No literal part of bounds has one, so it
	// stands where bounds has an asterisk, and all that it stands for is covered there.
	var b, s sections
	b.split(bounds.pattern)
	s.split(r.pattern)
	return s.scheme != "" && uncovered(&b, &s) == "" && isClear(&b, &s)
}
