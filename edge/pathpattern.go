// SPDX-License-Identifier: Apache-2.0

package edge

import "strings"

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
		return "", refuse(field, "is empty: write a pattern such as private/*, or put the behavior into Default")
	case len(pattern) > longest:
		return "", refuse(field, "has %d characters, and CloudFront allows %d", len(pattern), longest)
	case strings.Contains(pattern, "://"):
		return "", refuse(field, "is a URL: write the path alone, such as private/*")
	}
	for _, r := range pattern {
		if !strings.ContainsRune(patternCharacters, r) {
			return "", refuse(field, "is %q, in which CloudFront does not allow %q: use * in its place", pattern, r)
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
