// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Which errors CloudFront keeps: some always, others only if they say how long.
//
// Source: "How CloudFront processes HTTP 4xx and 5xx status codes from your origin", on the
// status codes that CloudFront caches,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
var (
	keptErrors     = []int{404, 414, 500, 501, 502, 503, 504}
	keptWithMaxAge = []int{400, 403, 405, 412, 415} // Expires is not enough
)

// defaultErrorTTL is how long CloudFront keeps an error.
const defaultErrorTTL = 10 * time.Second

// errorTTL returns the error caching minimum TTL for a status.
func (c *compiled) errorTTL(status int) time.Duration {
	for _, e := range c.config.ErrorResponses {
		if e.Status == status {
			return max(cmp.Or(e.CachingMinTTL, defaultErrorTTL), 0)
		}
	}
	return defaultErrorTTL
}

// lifetime returns how long a response is kept. Zero: it is not kept.
//
// Sources: "Manage how long content stays in the cache (expiration)",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html,
// "Control how long CloudFront caches errors",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
func (p *CachePolicy) lifetime(status int, header http.Header, errorTTL time.Duration, now time.Time) time.Duration {
	control := parseCacheControl(header)
	declared, isDeclared := declaredLifetime(control, header, now)
	declared = min(declared, p.MaxTTL)
	switch {
	case status == http.StatusPartialContent, status == http.StatusNotModified, status < http.StatusOK:
		return 0
	case slices.Contains(keptErrors, status), slices.Contains(keptWithMaxAge, status) && control.hasMaxAge():
		return max(errorTTL, declared)
	case status >= http.StatusBadRequest:
		return 0
	case control.forbidsCaching(), slices.Contains(varyNames(header), all) && p.MinTTL == 0:
		return p.MinTTL
	case isDeclared:
		return max(declared, p.MinTTL)
	}
	return max(p.DefaultTTL, p.MinTTL)
}

// varyNames returns the names in Vary.
func varyNames(header http.Header) (names []string) {
	for name := range strings.SplitSeq(strings.Join(header["Vary"], ","), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// declaredLifetime returns how long a response says that it is fresh.
func declaredLifetime(control cacheControl, header http.Header, now time.Time) (lifetime time.Duration, ok bool) {
	for _, name := range []string{"s-maxage", "max-age"} {
		if value, ok := control[name]; ok {
			return seconds(value), true
		}
	}
	if expires := header.Get("Expires"); expires != "" {
		date, err := http.ParseTime(expires)
		if err != nil {
			return 0, true // as with the common value 0
		}
		return max(date.Sub(now), 0), true
	}
	return 0, false
}

// seconds returns a number of seconds, at most a hundred years. What is no number is zero.
func seconds(text string) time.Duration {
	if text == "" {
		return 0
	}
	const longest = 100 * 365 * 24 * 60 * 60
	n, err := strconv.ParseUint(text, 10, 63)
	if isNumber := strings.Trim(text, "0123456789") == ""; err != nil && isNumber {
		n = longest // it is too long for an integer
	} else if err != nil {
		return 0
	}
	return time.Duration(min(n, longest)) * time.Second
}

// A cacheControl has the directives of Cache-Control, with names in lower case.
type cacheControl map[string]string

// forbidsCaching reports whether a cache must not keep the whole response. CloudFront's
// documentation mentions the names of headers only for no-cache, so private counts in any case.
func (c cacheControl) forbidsCaching() bool {
	fields, isNoCache := c["no-cache"]
	_, isNoStore := c["no-store"]
	_, isPrivate := c["private"]
	return isNoCache && fields == "" || isNoStore || isPrivate
}

// hasMaxAge reports whether the response says in seconds how long it is fresh.
func (c cacheControl) hasMaxAge() bool {
	_, isShared := c["s-maxage"]
	_, ok := c["max-age"]
	return ok || isShared
}

// forbiddenFields returns the headers that a cache must not keep, as in no-cache="Set-Cookie".
func (c cacheControl) forbiddenFields() []string {
	return strings.FieldsFunc(c["no-cache"], func(r rune) bool { return r == ',' || r == ' ' })
}

// parseCacheControl returns the directives of a response. The first of two with the same name
// counts, but one without an argument counts before one with names of headers.
func parseCacheControl(header http.Header) cacheControl {
	control := cacheControl{}
	isQuoted := false
	separator := func(r rune) bool {
		isQuoted = isQuoted != (r == '"')
		return r == ',' && !isQuoted
	}
	for _, value := range header["Cache-Control"] {
		isQuoted = false
		for directive := range strings.FieldsFuncSeq(value, separator) {
			name, argument, _ := strings.Cut(directive, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, ok := control[name]; !ok || name == "no-cache" && argument == "" {
				control[name] = strings.Trim(strings.TrimSpace(argument), `"`)
			}
		}
	}
	return control
}
