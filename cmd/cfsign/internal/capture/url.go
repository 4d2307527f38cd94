// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"regexp"
	"strings"
)

var schemePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

func hasScheme(url string) bool { return schemePattern.MatchString(url) }

// isURL reports whether a line can be meant as a URL.
func isURL(text string) bool {
	switch {
	case strings.Contains(text, "\n"):
		return false
	case hasScheme(text):
		return true // even with spaces
	case strings.ContainsAny(text, " \t"):
		return false
	case strings.Contains(text, "://"):
		return true // with a quotation mark or an invisible character before it
	}
	return isBareURL(text)
}

// isBareURL reports whether text is a URL without a scheme: a path, or a host with an
// optional path. A single word is not a URL, because it can be a password.
func isBareURL(text string) bool {
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "?") {
		return true
	}
	host, _, _ := strings.Cut(text, "/")
	host, _, _ = strings.Cut(host, "?")
	host, _, _ = strings.Cut(host, ":")
	if host == "localhost" {
		return true
	}
	return strings.Contains(host, ".") && strings.Trim(host, hostCharacters) == ""
}

const hostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

// splitURL returns the parts of a URL that tell clients where to send the request. The
// rest can be invalid. The scheme is in lower case, or "" if the URL has none.
func splitURL(url string) (scheme, authority, path string) {
	if m := schemePattern.FindString(url); m != "" {
		scheme = strings.ToLower(strings.TrimSuffix(m, "://"))
		url = url[len(m):]
	}
	end := strings.IndexAny(url, "/?#")
	if end < 0 {
		return scheme, url, ""
	}
	path = url[end:]
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	return scheme, url[:end], path
}

// withAuthority returns the URL with another authority.
func withAuthority(url, authority string) string {
	m := schemePattern.FindString(url)
	_, old, _ := splitURL(url)
	return m + authority + url[len(m)+len(old):]
}

// targetURL returns the URL of a request line, or the target if it is not a path.
func targetURL(scheme, host, target string) string {
	if host == "" || !strings.HasPrefix(target, "/") {
		return target
	}
	return scheme + "://" + host + target
}
