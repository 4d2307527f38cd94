// SPDX-License-Identifier: Apache-2.0

package readers

import (
	"bytes"
	"net/url"
	"path"
	"slices"
	"strings"
)

// All returns every path that CloudFront or a server may read rawPath as. The first is
// the one that selects CloudFront's cache behavior: normalized as RFC 3986 has it, with
// several slashes made one.
//
// Source: "Cache behavior settings", path pattern: CloudFront normalizes URI
// paths consistent with RFC 3986, and sends the raw path to the origin.
func All(rawPath string) []string {
	all := []string{mergeSlashes(removeDots(decodeUnreserved(rawPath)))}
	if !strings.ContainsAny(rawPath, special) && !strings.Contains(rawPath, "//") && !strings.Contains(rawPath, "/.") {
		return all
	}
	for _, decoded := range decodings(rawPath) {
		for _, variant := range variants(decoded) {
			all = append(all, mergeSlashes(removeDots(variant)), path.Clean("/"+variant), clean(variant))
		}
	}
	slices.Sort(all[1:])
	return slices.Compact(all)
}

// decodings returns the path as it is, decoded once, twice, and as often as possible.
func decodings(rawPath string) []string {
	all := []string{rawPath}
	for range 2 {
		all = append(all, string(decodeOnce(nil, all[len(all)-1])))
	}
	if hasEscape([]byte(all[2])) {
		all = append(all, string(decodeAll(nil, rawPath)))
	}
	return slices.Compact(all)
}

// variants returns the path as it is and cut, with backslashes and with slashes for
// them, in every combination.
func variants(p string) []string {
	all := []string{p}
	for _, rewrite := range []func(string) string{withSlashes, withoutRest, withoutParameters, withoutSpaces} {
		for _, p := range all {
			if rewritten := rewrite(p); rewritten != p {
				all = append(all, rewritten)
			}
		}
	}
	return all
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
