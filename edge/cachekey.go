// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"net/http"
	"strconv"
)

// cacheKey returns the key of a request, or "" if no kept response can answer it and its response
// is not kept. Two requests with the same key get the same response.
//
// The name of the behavior is in the key, because a function can give requests of two behaviors
// one path. The host is not: CloudFront's key has the domain name of the distribution, which is
// the same for all its aliases.
//
// Source: "Understand the cache key",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html
func (c *compiled) cacheKey(r *http.Request, v verdict) string {
	b := v.behavior
	kind := "GET"
	switch {
	case b.CachePolicy == nil, isWebSocket(r):
		return ""
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
	case r.Method == http.MethodOptions && b.CacheOptions:
		kind = http.MethodOptions
	default:
		return ""
	}
	included := b.CachePolicy.included()
	path, _ := c.originPath(r)
	var space [512]byte // few keys are longer
	key := keyBuilder(space[:0])
	key.add(b.name, kind, path, included.query(v.ownQuery(r)))
	header := http.Header{}
	if len(included.Headers) > 0 {
		header = b.header(r)
	}
	for _, name := range included.Headers {
		key.add(includedHeader(header, r, name)...)
	}
	included.setCookies(header, r)
	key.add(header.Get("Cookie"))
	encodings, _ := b.CachePolicy.acceptEncoding(r.Header)
	key.add("encodings", encodings)
	return string(key)
}

// includedHeader returns the values of a header that is in the cache key, as the origin gets them.
func includedHeader(header http.Header, r *http.Request, name string) []string {
	name = http.CanonicalHeaderKey(name)
	values := header[name]
	if name == "Host" {
		values = []string{r.Host}
	}
	return append([]string{name, strconv.Itoa(len(values))}, values...)
}

// A keyBuilder joins texts so that different lists of texts are different keys.
type keyBuilder []byte

func (k *keyBuilder) add(texts ...string) {
	for _, text := range texts {
		*k = strconv.AppendInt(*k, int64(len(text)), 10)
		*k = append(*k, ':')
		*k = append(*k, text...)
		*k = append(*k, ',')
	}
}
