// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"strings"

	"github.com/cfsign/cfsign/internal/glob"
)

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
func (p pathPattern) matches(path string) bool { return glob.Match(string(p), path) }
