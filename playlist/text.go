// SPDX-License-Identifier: Apache-2.0

package playlist

// dots says what clients may take a path segment for.
type dots int

const (
	noDots dots = iota
	oneDot
	twoDots
	encodedDots // a dot segment for browsers, and none by RFC 3986
)

func dotsOf(segment []byte) dots {
	if len(segment) == 0 || len(segment) > len("%2e%2e") || segment[0] != '.' && segment[0] != '%' {
		return noDots
	}
	switch string(segment) {
	case ".":
		return oneDot
	case "..":
		return twoDots
	case "%2e", "%2E", ".%2e", ".%2E", "%2e.", "%2E.", "%2e%2e", "%2e%2E", "%2E%2e", "%2E%2E":
		return encodedDots
	}
	return noDots
}

// uriBytes are those of which RFC 3986 makes references, without the brackets of
// IPv6 addresses: no policy has these.
var uriBytes = func() (set [256]bool) {
	for c := range set {
		set[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
	}
	for _, c := range []byte("-._~!$&'()*+,;=:@/?#%") {
		set[c] = true
	}
	return set
}()

func isURIText(text []byte) bool {
	for _, c := range text {
		if !uriBytes[c] {
			return false
		}
	}
	return true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
