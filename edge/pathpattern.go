// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"net/url"
	"path"
	"strings"
)

// A pathPattern selects paths. It begins with a slash.
type pathPattern string

// patternCharacters are those that CloudFront allows in path patterns.
//
// Source: "Cache behavior settings", path pattern.
const patternCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.*$/~\"'@:+&?"

func parsePathPattern(field, pattern string) (pathPattern, error) {
	const longest = 255
	switch {
	case pattern == "":
		return "", refuse(field, "it is empty: write one such as private/*, or put the behavior into Default")
	case len(pattern) > longest:
		return "", refuse(field, "it has %d characters, and CloudFront takes %d", len(pattern), longest)
	}
	for _, r := range pattern {
		if !strings.ContainsRune(patternCharacters, r) {
			return "", refuse(field, "%q is not allowed in %q: write ? for it", r, pattern)
		}
	}
	return pathPattern("/" + strings.TrimPrefix(pattern, "/")), nil
}

// matches reports whether the pattern matches a path, which begins with a slash.
// A place in the path to which it can return is kept for the last asterisk only:
// an earlier one can take no more than the later one.
func (p pathPattern) matches(path string) bool {
	star, resume := -1, 0
	i, j := 0, 0
	for j < len(path) {
		switch {
		case i < len(p) && p[i] == '*':
			star, resume = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == path[j]):
			i++
			j++
		case star >= 0:
			resume++
			i, j = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}

// readings returns the paths for which CloudFront or an origin may take the path
// of a request: normalized as RFC 3986 has it, which selects the behavior, and
// decoded, as file servers read it.
//
// Source: "Cache behavior settings", path pattern: CloudFront normalizes URI
// paths consistent with RFC 3986, and sends the raw path to the origin.
func readings(rawPath string) []string {
	all := []string{clean(decodeUnreserved(rawPath))}
	if decoded, err := url.PathUnescape(rawPath); err == nil {
		all = append(all, clean(strings.ReplaceAll(decoded, `\`, "/")))
	}
	return all
}

// clean removes dot segments and repeated slashes, and keeps the slash at the end.
func clean(p string) string {
	cleaned := path.Clean("/" + p)
	last := p[strings.LastIndexByte(p, '/')+1:]
	if (last == "" || last == "." || last == "..") && cleaned != "/" {
		cleaned += "/"
	}
	return cleaned
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
