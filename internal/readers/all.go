// SPDX-License-Identifier: Apache-2.0

package readers

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strings"
)

// most is how many readings are looked for. Paths in use have a few.
const most = 200

// All returns every path that CloudFront or a server may read rawPath as, and whether that
// is all of them: a path can be made up that has too many. The first is the one that
// selects CloudFront's cache behavior: normalized as RFC 3986 has it, with several slashes
// made one. In the others, servers one behind the other have each done a part, in any order.
//
// Source: "Cache behavior settings", path pattern: CloudFront normalizes URI
// paths consistent with RFC 3986, and sends the raw path to the origin.
func All(rawPath string) (all []string, complete bool) {
	all = []string{mergeSlashes(removeDots(decodeUnreserved(rawPath)))}
	if !strings.ContainsAny(rawPath, special) && !strings.Contains(rawPath, "//") && !strings.Contains(rawPath, "/.") {
		return all, true
	}
	seen := map[string]bool{rawPath: true}
	for found := []string{rawPath}; len(found) > 0; found = found[1:] {
		p := found[0]
		all = append(all, mergeSlashes(removeDots(p)), path.Clean("/"+p), clean(p))
		for _, step := range steps {
			next := step(p)
			if seen[next] {
				continue
			}
			if len(seen) == most {
				return all, false
			}
			seen[next] = true
			found = append(found, next)
		}
	}
	slices.Sort(all[1:])
	return slices.Compact(all), true
}

// steps are what one server may do with a path.
var steps = [...]func(string) string{
	func(p string) string { return string(decodeOnce(nil, p)) },
	withSlashes, withoutRest, withoutParameters, withoutSpaces, removeDots, clean,
}

func withSlashes(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// withoutRest cuts the path where some reader ends it.
func withoutRest(p string) string {
	if i := strings.IndexAny(p, ends); i >= 0 {
		return p[:i]
	}
	return p
}

// withoutParameters cuts each segment at a semicolon.
func withoutParameters(p string) string {
	return mapSegments(p, func(name string) string {
		name, _, _ = strings.Cut(name, ";")
		return name
	})
}

// withoutSpaces cuts off spaces at the end of each segment.
func withoutSpaces(p string) string {
	return mapSegments(p, func(name string) string { return strings.TrimRight(name, " ") })
}

func mapSegments(p string, rewrite func(string) string) string {
	segments := strings.Split(p, "/")
	for i := range segments {
		segments[i] = rewrite(segments[i])
	}
	return strings.Join(segments, "/")
}

// clean is path.Clean, as file servers have it, with the slash at the end kept.
func clean(p string) string {
	cleaned := path.Clean("/" + p)
	last := p[strings.LastIndexByte(p, '/')+1:]
	if (last == "" || last == "." || last == "..") && cleaned != "/" {
		cleaned += "/"
	}
	return cleaned
}

// removeDots removes dot segments as RFC 3986 (5.2.4) has it: an empty segment is a
// segment like any other.
func removeDots(p string) string {
	var kept []string
	segments := strings.Split(strings.TrimPrefix(p, "/"), "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		switch {
		case segment == "..":
			kept = kept[:max(0, len(kept)-1)]
			fallthrough
		case segment == ".":
			if last {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, segment)
		}
	}
	return "/" + strings.Join(kept, "/")
}

func mergeSlashes(p string) string {
	for strings.Contains(p, "//") {
		p = strings.ReplaceAll(p, "//", "/")
	}
	return p
}

// decodeUnreserved decodes the percent-encodings of characters that need none.
func decodeUnreserved(p string) string {
	if !strings.Contains(p, "%") {
		return p
	}
	var b bytes.Buffer
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			decoded, err := url.PathUnescape(p[i : i+3])
			if err == nil && isUnreserved(decoded[0]) {
				b.WriteByte(decoded[0])
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// isUnreserved reports whether c is a letter, a digit, or one of "-._~" (RFC 3986, 2.3).
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
