// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// A location is a URL against which references are resolved: absolute, and
// without query and fragment, which no result keeps.
type location struct {
	url  []byte
	root int // where the path begins
}

// set makes l the location of absURL, which is copied without its query and
// fragment. It reports whether clients agree on what is relative to it.
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
		if dotsOf(segment) != noDots {
			return false
		}
	}
	return true
}

// isDirectory reports whether the path ends in a slash.
func (l *location) isDirectory() bool { return bytes.HasSuffix(l.url, []byte("/")) }

// directory returns the URL as far as its last slash.
func (l *location) directory() []byte { return l.url[:bytes.LastIndexByte(l.url, '/')+1] }

// resolve returns, in buffer, the URL that clients request for ref, without its
// fragment (RFC 3986, section 5.2). It is false if there is none, or if clients do
// not agree: they rewrite characters outside of RFC 3986 in their own ways, some
// take %2e for a dot, and some keep what leads above the root. References to the
// playlist itself have none.
//
// A reference with a scheme is returned as it is, since some clients request dot
// segments in it unresolved.
func (l *location) resolve(buffer, ref []byte) ([]byte, bool) {
	buffer = buffer[:0]
	if !isURIText(ref) {
		return buffer, false
	}
	ref, _, _ = bytes.Cut(ref, []byte("#"))
	path, query := ref, []byte(nil)
	if i := bytes.IndexByte(ref, '?'); i >= 0 {
		path, query = ref[:i], ref[i:]
	}
	root := l.root
	switch {
	case len(ref) == 0:
		return buffer, false
	case hasScheme(path):
		return append(buffer, ref...), isHTTP(ref)
	case len(path) == 0:
		return append(append(buffer, l.url...), query...), true
	case bytes.HasPrefix(path, []byte("//")):
		slash := bytes.IndexByte(path[2:], '/')
		if slash <= 0 { // some clients take a third slash for none
			return buffer, false
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
	return append(buffer, query...), ok
}

// appendSegments appends path to the URL of a directory, whose path begins at
// root, and resolves dot segments.
func appendSegments(directory []byte, root int, path []byte) ([]byte, bool) {
	for more := true; more; {
		var segment []byte
		segment, path, more = bytes.Cut(path, []byte("/"))
		switch dotsOf(segment) {
		case oneDot:
		case twoDots:
			if len(directory) == root+1 {
				return directory, false
			}
			directory = directory[:bytes.LastIndexByte(directory[:len(directory)-1], '/')+1]
		case encodedDots:
			return directory, false
		case noDots:
			directory = append(directory, segment...)
			if more {
				directory = append(directory, '/')
			}
		}
	}
	return directory, true
}

// hasScheme reports whether ref begins with a scheme, and so does not depend on a
// location. So it does, for some clients, with a colon anywhere in its first segment.
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

// rootOf returns where the path of an http URL begins.
func rootOf(url []byte) int {
	host := bytes.Index(url, []byte("://")) + len("://")
	if slash := bytes.IndexByte(url[host:], '/'); slash >= 0 {
		return host + slash
	}
	return len(url)
}
