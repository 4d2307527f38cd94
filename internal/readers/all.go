// SPDX-License-Identifier: Apache-2.0

package readers

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// most is the largest number of readings that All looks for. Paths in use have a few.
const most = 200

// All returns every path that CloudFront or a server may read rawPath as, and whether that is
// all of them: an attacker can make up a path that has too many. The first path selects
// CloudFront's cache behavior: it is normalized according to RFC 3986, with several slashes
// made one. For the others, servers in a chain have each done a part, in any order.
//
// Source: "Cache behavior settings", path pattern,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html:
// CloudFront normalizes URI paths consistent with RFC 3986, and sends the raw path to the
// origin.
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

// steps are the things that one server may do with a path.
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

// clean is path.Clean, as file servers use it, but keeps the slash at the end.
func clean(p string) string {
	cleaned := path.Clean("/" + p)
	last := p[strings.LastIndexByte(p, '/')+1:]
	if (last == "" || last == "." || last == "..") && cleaned != "/" {
		cleaned += "/"
	}
	return cleaned
}

// removeDots removes dot segments according to RFC 3986, section 5.2.4: an empty segment is
// a segment like any other.
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

// decodeUnreserved decodes the percent-encodings of characters that need no encoding.
func decodeUnreserved(p string) string {
	if !strings.Contains(p, "%") {
		return p
	}
	var b bytes.Buffer
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			decoded, err := url.PathUnescape(p[i : i+3])
			if err == nil && strings.Contains(wire.Unreserved, decoded) {
				b.WriteByte(decoded[0])
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}
