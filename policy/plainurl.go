// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// newResource returns the resource for a valid pattern.
func newResource(pattern string) Resource {
	r := Resource{pattern: pattern}
	if base, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasSuffix(base, "/") && len(base) > len("https://") &&
		!strings.Contains(base, "?") && isPlainBase(base) {
		r.base = len(base)
	}
	return r
}

// isPlainBase reports whether a URL, without the asterisk of a directory, has no wildcard and
// no host that may be a host of Amazon S3.
func isPlainBase(base string) bool {
	return !strings.Contains(base, "*") && !strings.Contains(base, ".amazonaws.")
}

// coversPlainly reports whether rawURL is the resource's own URL, or is plainly below its
// directory, in one pass over the bytes behind the directory. True is then the answer of
// every check. False says nothing: the checks in [Resource.check] decide.
func (r Resource) coversPlainly(rawURL string) bool {
	switch {
	case len(rawURL) > wire.MaxURL:
		return false
	case r.base > 0:
		return strings.HasPrefix(rawURL, r.pattern[:r.base]) && isPlainTarget(rawURL[r.base:])
	}
	return rawURL == r.pattern && rawURL != "" && !r.received && isPlainBase(rawURL)
}

// isPlainURL reports whether [parseExact] accepts rawURL. It returns false for some that
// parseExact accepts.
func isPlainURL(rawURL string) bool {
	rest, ok := strings.CutPrefix(rawURL, "https://")
	slash := strings.IndexByte(rest, '/')
	return ok && slash > 0 && len(rawURL) <= wire.MaxURL && isPlainBase(rawURL) && isHost(rest[:slash], "https") && isPlainTarget(rest[slash+1:])
}

// plainBytes are the bytes of a path that need no look at their neighbors.
var plainBytes = func() byteSet {
	set := pathBytes
	set['/'] = false
	return set
}()

// isPlainTarget reports whether a path and a query, behind the slash of a directory, can be
// signed, and whether every server reads them in the same way. It returns false for some that
// can and are.
func isPlainTarget(target string) bool {
	if strings.HasPrefix(target, ".") || strings.HasPrefix(target, "/") {
		return false
	}
	for i := 0; i < len(target); i++ {
		switch b := target[i]; {
		case plainBytes[b]:
		case b == '/':
			if i+1 < len(target) && (target[i+1] == '.' || target[i+1] == '/') {
				return false
			}
		case b == '%':
			if !isPlainEncoding(target[i:]) {
				return false
			}
			i += len("%XX") - 1
		default:
			return b == '?' && isPlainQuery(target[i+1:])
		}
	}
	return true
}

// isPlainEncoding reports whether s begins with the percent-encoding of a space or of a byte
// outside ASCII. No server decodes it to something with a meaning in a path, except that some
// cut spaces at the end of a name.
func isPlainEncoding(s string) bool {
	return wire.IsPercentEncoded(s) && (s[1] > '7' || s[1] == '2' && s[2] == '0')
}

// isPlainQuery reports whether a query can be signed. It returns false for some that can.
func isPlainQuery(query string) bool {
	start := 0 // of the parameter
	for i := 0; i < len(query); i++ {
		switch b := query[i]; {
		case b == '&':
			if !isPlainParameter(query[start:i]) {
				return false
			}
			start = i + 1
		case !queryBytes[b]:
			return false
		}
	}
	return isPlainParameter(query[start:])
}

func isPlainParameter(parameter string) bool {
	name, _, _ := strings.Cut(parameter, "=")
	return parameter != "" && !wire.IsReserved(name)
}
