// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A ResponseHeader is a header that a distribution adds to responses, as a response headers
// policy does. The zero ResponseHeader is invalid.
//
// Source: "Understand response headers policies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
type ResponseHeader struct {
	// Name and Value are the header, such as Cache-Control and no-store.
	Name, Value string
	// Override replaces the origin's header. False: if the origin sends the header, that
	// one stays.
	Override bool
}

// checkResponseHeaders checks the headers that a behavior adds and removes.
func (b Behavior) checkResponseHeaders(field string) error {
	for i, h := range b.ResponseHeaders {
		name := fmt.Sprintf("%s.ResponseHeaders[%d]", field, i)
		switch {
		case isNoName(h.Name):
			return invalid(name, "has the invalid name %q: write the name of a header, such as Cache-Control", h.Name)
		case isCORS(http.CanonicalHeaderKey(h.Name)):
			return invalid(name, "is %s: set the CORS of the behavior instead", h.Name)
		case strings.ContainsAny(h.Value, "\r\n\x00"):
			return invalid(name, "has a value with a line break: remove it")
		}
	}
	if i := slices.IndexFunc(b.RemoveHeaders, isNoName); i >= 0 {
		return invalid(field+".RemoveHeaders", "has the invalid name %q: write the name of a header, such as X-Powered-By", b.RemoveHeaders[i])
	}
	return nil
}

// setResponseHeaders applies the response headers policy of the behavior to the response to r.
func (b *behavior) setResponseHeaders(header http.Header, r *http.Request) {
	for _, name := range b.RemoveHeaders {
		header.Del(name)
	}
	b.CORS.set(header, r)
	for _, h := range b.ResponseHeaders {
		if h.Override || len(header.Values(h.Name)) == 0 {
			header.Set(h.Name, h.Value)
		}
	}
}

// set adds the CORS headers to the response to r.
func (c *CORS) set(header http.Header, r *http.Request) {
	if c == nil {
		return
	}
	added := c.headers(r)
	if vary := slices.Concat(header["Vary"], added["Vary"]); len(vary) > 0 {
		header["Vary"] = vary
	}
	delete(added, "Vary")
	if c.OriginOverride {
		maps.DeleteFunc(header, func(name string, _ []string) bool { return isCORS(name) })
	}
	for name := range header {
		if isCORS(name) {
			return // the origin's headers stay
		}
	}
	maps.Copy(header, added)
}

func isCORS(name string) bool { return strings.HasPrefix(name, "Access-Control-") }

// filterVary removes the names from Vary that are of no use to a viewer. "*" stays only if it
// makes each request go to the origin.
//
// Source: "Request and response behavior for custom origins", on the Vary header,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func (b *behavior) filterVary(header http.Header) {
	if len(header["Vary"]) == 0 {
		return
	}
	var kept []string
	for _, name := range varyNames(header) {
		isUseful := containsFold([]string{"Accept-Encoding", "Cookie"}, name) || b.OriginRequestPolicy.forwards(name)
		if name == all {
			isUseful = b.CachePolicy == nil || b.CachePolicy.MinTTL == 0
		}
		if isUseful {
			kept = append(kept, name)
		}
	}
	header.Del("Vary")
	if len(kept) > 0 {
		header.Set("Vary", strings.Join(kept, ", "))
	}
}
