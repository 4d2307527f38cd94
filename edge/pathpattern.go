// SPDX-License-Identifier: Apache-2.0

package edge

import "strings"

// A pathPattern selects paths. It begins with a slash.
type pathPattern string

// patternCharacters are the characters that CloudFront allows in path patterns.
//
// Source: "Cache behavior settings", on the path pattern,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
const patternCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.*$/~\"'@:+&?"

func parsePathPattern(field, pattern string) (pathPattern, error) {
	const longest = 255
	switch {
	case pattern == "":
		return "", invalid(field, "is empty: write a pattern such as private/*, or move the behavior to Default")
	case len(pattern) > longest:
		return "", invalid(field, "has %d characters: shorten it to %d", len(pattern), longest)
	case strings.Contains(pattern, "://"):
		return "", invalid(field, "is a URL: write only the path, such as private/*")
	}
	for _, r := range pattern {
		if !strings.ContainsRune(patternCharacters, r) {
			return "", invalid(field, "is %q, but CloudFront does not allow %q: use * instead", pattern, r)
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
