// SPDX-License-Identifier: Apache-2.0

// Package readers knows how servers and proxies in use read the path of a URL.
//
// CloudFront compares and forwards a path as it is written. The server of the file may read
// it differently. This is the one list of the ways, for all rules about paths. A reader can
//
//   - decode percent-encodings once or more often, because a proxy in front has decoded
//     already, and leave an invalid one as it is;
//   - take a backslash for a slash;
//   - take several slashes for one;
//   - cut a segment at a semicolon (servlet containers), or at spaces at its end (Windows);
//   - cut the path at a question mark or number sign, or at a line break or other white space
//     except a space, because a proxy has decoded it and written the result into a request
//     line again, or at a zero byte;
//   - resolve the segments "." and "..".
//
// Not in the list: file systems that ignore case or dots at the end of a name, and decoders
// of %uXXXX, or of invalid UTF-8 or other letters as ASCII.
package readers

import (
	"bytes"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// Some reader ends the path at the characters in ends, and a name at the characters in cuts,
// once they are decoded.
const (
	ends = "?#\x00\t\n\v\f\r"
	cuts = ";" + ends
)

// special are the characters that some reader does not read as part of a name.
const special = "%\\ " + cuts

// buffer is a size, in bytes, that paths rarely exceed. Longer ones need a frame that most
// goroutines would have to grow their stack for.
const buffer = 256

// HasDotSegment reports whether some reader finds a segment "." or ".." in path.
func HasDotSegment(path string) bool {
	if strings.IndexByte(path, '%') < 0 && strings.IndexByte(path, '\\') < 0 && !strings.Contains(path, "/.") {
		return false
	}
	if len(path) > buffer {
		return hasDotSegmentInLong(path)
	}
	var space [buffer]byte
	return findDotSegment(decodeAll(space[:0], path))
}

//go:noinline
func hasDotSegmentInLong(path string) bool {
	var space [wire.MaxURL]byte
	return findDotSegment(decodeAll(space[:0], path))
}

func findDotSegment(decoded []byte) bool {
	for len(decoded) > 0 {
		var name []byte
		name, decoded, _ = bytes.Cut(decoded, []byte("/"))
		switch string(cut(name)) {
		case ".", "..":
			return true
		}
	}
	return false
}

// HasEmptySegment reports whether some reader finds an empty segment in path. A slash at the
// end does not make one.
func HasEmptySegment(path string) bool {
	if !strings.ContainsAny(path, special) {
		return strings.Contains(path, "//")
	}
	if len(path) > buffer {
		return hasEmptySegmentInLong(path)
	}
	var space [buffer]byte
	return findEmptySegment(decodeAll(space[:0], path))
}

//go:noinline
func hasEmptySegmentInLong(path string) bool {
	var space [wire.MaxURL]byte
	return findEmptySegment(decodeAll(space[:0], path))
}

func findEmptySegment(decoded []byte) bool {
	decoded = bytes.TrimPrefix(decoded, []byte("/"))
	for len(decoded) > 0 {
		var name []byte
		name, decoded, _ = bytes.Cut(decoded, []byte("/"))
		if len(cut(name)) == 0 {
			return true
		}
	}
	return false
}

// IsPlain reports whether all readers that decode path find the same segments in it.
func IsPlain(path string) bool {
	if !strings.ContainsAny(path, special) {
		return true
	}
	if len(path) > buffer {
		return isLongPlain(path)
	}
	var space [buffer]byte
	return isPlainOnceDecoded(path, decodeOnce(space[:0], path))
}

//go:noinline
func isLongPlain(path string) bool {
	var space [wire.MaxURL]byte
	return isPlainOnceDecoded(path, decodeOnce(space[:0], path))
}

func isPlainOnceDecoded(path string, decoded []byte) bool {
	switch {
	case bytes.Count(decoded, []byte("/")) != strings.Count(path, "/"):
	case bytes.ContainsAny(decoded, cuts+`\`):
	case bytes.Contains(decoded, []byte(" /")), bytes.HasSuffix(decoded, []byte(" ")):
	case hasEscape(decoded):
	default:
		return true
	}
	return false
}

// cut returns the start of a decoded segment that every reader reads as part of the name.
func cut(name []byte) []byte {
	if i := bytes.IndexAny(name, cuts); i >= 0 {
		name = name[:i]
	}
	return bytes.TrimRight(name, " ")
}
