// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"net/url"
	"path"
	"strings"
)

// readings returns the paths for which CloudFront or an origin may take the path of
// a request. The first is the one that selects the behavior: normalized as RFC 3986
// has it, with several slashes made one. The others are those of servers in use, which decode
// first, take a backslash for a slash, cut off parameters, or decode twice.
//
// Source: "Cache behavior settings", path pattern: CloudFront normalizes URI
// paths consistent with RFC 3986, and sends the raw path to the origin.
func readings(rawPath string) []string {
	all := []string{mergeSlashes(removeDots(decodeUnreserved(rawPath)))}
	if isPlain(rawPath) {
		return all
	}
	for _, decoded := range decodings(rawPath) {
		for _, variant := range variants(decoded) {
			all = append(all, mergeSlashes(removeDots(variant)), path.Clean("/"+variant), clean(variant))
		}
	}
	return all
}

// decodings returns the path as it is, decoded, and decoded twice.
func decodings(rawPath string) []string {
	all := []string{rawPath}
	for range 2 {
		decoded, err := url.PathUnescape(all[len(all)-1])
		if err != nil {
			break
		}
		all = append(all, decoded)
	}
	return all
}

// isPlain reports whether all readers agree on a path.
func isPlain(rawPath string) bool {
	return !strings.ContainsAny(rawPath, `%\;`) && !strings.Contains(rawPath, "//") && !strings.Contains(rawPath, "/.")
}

// variants returns the path with backslashes as they are and as slashes, and each of
// them as it is, without parameters, and without what follows a zero byte, a question
// mark or a number sign.
func variants(p string) []string {
	var all []string
	for _, p := range []string{p, strings.ReplaceAll(p, `\`, "/")} {
		all = append(all, p, withoutParameters(p))
		if i := strings.IndexAny(p, "\x00?#"); i >= 0 {
			all = append(all, p[:i], withoutParameters(p[:i]))
		}
	}
	return all
}

// withoutParameters cuts off what follows a semicolon in each segment, as servlet
// containers do.
func withoutParameters(p string) string {
	if !strings.Contains(p, ";") {
		return p
	}
	segments := strings.Split(p, "/")
	for i := range segments {
		segments[i], _, _ = strings.Cut(segments[i], ";")
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

// decodeUnreserved decodes the percent-encodings that stand for characters which
// need none.
func decodeUnreserved(p string) string {
	if !strings.Contains(p, "%") {
		return p
	}
	var b strings.Builder
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

// isUnreserved: RFC 3986, section 2.3.
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
