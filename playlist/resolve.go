// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"

	"github.com/cfsign/cfsign/internal/wire"
)

// A location is an absolute URL that references are resolved at. It has no query and no
// fragment, because no resolved URL keeps them.
type location struct {
	url  []byte
	root int // the start of the path
}

// set makes l the location of absURL. It copies absURL without query and fragment. It
// reports whether clients agree on the URLs that are relative to it.
func (l *location) set(absURL []byte) bool {
	if i := bytes.IndexAny(absURL, "?#"); i >= 0 {
		absURL = absURL[:i]
	}
	if !isHTTP(absURL) {
		return false
	}
	l.url = append(l.url[:0], absURL...)
	l.root = rootOf(l.url)
	if l.root == len(l.url) {
		l.url = append(l.url, '/')
	}
	for segment := range bytes.SplitSeq(l.url[l.root:], []byte("/")) {
		if dotSegmentOf(segment) != notDots {
			return false
		}
	}
	return true
}

// isDirectory reports whether the path ends in a slash.
func (l *location) isDirectory() bool { return bytes.HasSuffix(l.url, []byte("/")) }

// directory returns the URL up to its last slash.
func (l *location) directory() []byte { return l.url[:bytes.LastIndexByte(l.url, '/')+1] }

// resolve returns, in buffer, the URL that clients request for ref, without its fragment
// (RFC 3986, section 5.2), and the verdict covered. It returns another verdict if there is no
// such URL: the reference is empty, has another scheme than http and https, is too long, or
// clients do not agree, because some read %2e as a dot, and some keep the dot segments that
// lead above the root.
//
// A reference with a scheme is returned with its dot segments, because some clients request
// them unresolved.
func (l *location) resolve(buffer, ref []byte) ([]byte, verdict) {
	buffer = buffer[:0]
	if isPlain(ref) {
		return limited(append(append(buffer, l.directory()...), ref...), covered)
	}
	if i := bytes.IndexByte(ref, '#'); i >= 0 {
		ref = ref[:i]
	}
	if len(ref) == 0 {
		return buffer, 0
	}
	if len(ref) > wire.MaxURL {
		return buffer, tooLong
	}
	if !isURIText(ref) {
		var ok bool
		if ref, ok = encode(ref); !ok {
			return buffer, ambiguous
		}
	}
	return limited(l.resolveEncoded(buffer, ref))
}

// limited returns tooLong for a resolved URL that is too long, and v for any other.
func limited(url []byte, v verdict) ([]byte, verdict) {
	if v == covered && len(url) > wire.MaxURL {
		v = tooLong
	}
	return url, v
}

// isPlain reports whether ref is the path of a file below the playlist, in plain letters: most
// references are. Nothing in it needs to be resolved or encoded.
func isPlain(ref []byte) bool {
	if len(ref) == 0 {
		return false
	}
	segment := true // begins here
	for _, b := range ref {
		if segment && (b == '.' || b == '/') || !plainBytes[b] {
			return false
		}
		segment = b == '/'
	}
	return true
}

// plainBytes are the characters that need no encoding (RFC 3986, section 2.3), and the slash.
var plainBytes = func() (set [256]bool) {
	for _, b := range []byte(wire.Unreserved + "/") {
		set[b] = true
	}
	return set
}()

// resolveEncoded is resolve for a reference that is not empty, and has no fragment and no
// characters that clients encode.
func (l *location) resolveEncoded(buffer, ref []byte) ([]byte, verdict) {
	path, query := ref, []byte(nil)
	if i := bytes.IndexByte(ref, '?'); i >= 0 {
		path, query = ref[:i], ref[i:]
	}
	root := l.root
	switch {
	case hasScheme(path):
		return append(buffer, ref...), verdictOfScheme(ref)
	case len(path) == 0:
		return append(append(buffer, l.url...), query...), covered
	case bytes.HasPrefix(path, []byte("//")):
		slash := bytes.IndexByte(path[2:], '/')
		if slash <= 0 { // some clients ignore a third slash
			return buffer, ambiguous
		}
		buffer = append(buffer, l.url[:bytes.IndexByte(l.url, ':')+1]...)
		root = len(buffer) + 2 + slash
		buffer, path = append(buffer, path[:2+slash+1]...), path[2+slash+1:]
	case path[0] == '/':
		buffer, path = append(buffer, l.url[:root+1]...), path[1:]
	default:
		buffer = append(buffer, l.directory()...)
	}
	buffer, ok := appendSegments(buffer, root, path)
	if !ok {
		return buffer, ambiguous
	}
	return append(buffer, query...), covered
}

// verdictOfScheme returns covered for an http or https URL. Browsers also read https:a and
// https:/a, in their own way.
func verdictOfScheme(ref []byte) verdict {
	scheme, _, _ := bytes.Cut(ref, []byte(":"))
	switch {
	case isHTTP(ref):
		return covered
	case bytes.EqualFold(scheme, []byte("http")), bytes.EqualFold(scheme, []byte("https")), !isScheme(scheme):
		return ambiguous
	}
	return elsewhere
}

// isScheme reports whether text is a scheme of RFC 3986, section 3.1.
func isScheme(text []byte) bool {
	for i, c := range text {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || bytes.IndexByte([]byte("0123456789+-."), c) < 0) {
			return false
		}
	}
	return len(text) > 0
}

// appendSegments appends path to the URL of a directory and resolves dot segments. The path
// of the directory starts at root. It returns false if clients do not agree on the result.
func appendSegments(directory []byte, root int, path []byte) ([]byte, bool) {
	for more := true; more; {
		var segment []byte
		segment, path, more = bytes.Cut(path, []byte("/"))
		switch dotSegmentOf(segment) {
		case singleDot:
		case doubleDot:
			if len(directory) == root+1 {
				return directory, false
			}
			directory = directory[:bytes.LastIndexByte(directory[:len(directory)-1], '/')+1]
		case encodedDots:
			return directory, false
		case notDots:
			directory = append(directory, segment...)
			if more {
				directory = append(directory, '/')
			}
		}
	}
	return directory, true
}

// hasScheme reports whether ref has a scheme, and so does not depend on a location. Some
// clients read any colon in the first segment as the end of a scheme.
func hasScheme(ref []byte) bool {
	for _, c := range ref {
		switch c {
		case ':':
			return true
		case '/', '?', '#':
			return false
		}
	}
	return false
}

func isHTTP(url []byte) bool {
	return bytes.HasPrefix(url, []byte("https://")) || bytes.HasPrefix(url, []byte("http://"))
}

// rootOf returns the start of the path of an http URL.
func rootOf(url []byte) int {
	host := bytes.Index(url, []byte("://")) + len("://")
	if slash := bytes.IndexByte(url[host:], '/'); slash >= 0 {
		return host + slash
	}
	return len(url)
}

// dotSegment says how clients may read a path segment.
type dotSegment int

const (
	notDots dotSegment = iota
	singleDot
	doubleDot
	encodedDots // a dot segment for browsers, but not in RFC 3986
)

func dotSegmentOf(segment []byte) dotSegment {
	if len(segment) == 0 || len(segment) > len("%2e%2e") || segment[0] != '.' && segment[0] != '%' {
		return notDots
	}
	switch string(segment) {
	case ".":
		return singleDot
	case "..":
		return doubleDot
	case "%2e", "%2E", ".%2e", ".%2E", "%2e.", "%2E.", "%2e%2e", "%2e%2E", "%2E%2e", "%2E%2E":
		return encodedDots
	}
	return notDots
}
