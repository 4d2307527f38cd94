// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// An OriginRequestPolicy says which parts of a viewer's request the origin gets. It stands
// for CloudFront's origin request policy and cache policy together, because everything in a
// cache key reaches the origin too.
//
// The zero value is CloudFront's default: the origin gets the path and the body, and no
// query, no cookies and none of the viewer's headers, except for:
//
//   - Range, the headers of conditional requests, and headers that describe the body;
//   - Authorization, if the method is DELETE, PATCH, POST or PUT;
//   - Accept-Encoding, reduced to br and gzip.
//
// Without cookies, a login does not work, and the distribution also removes Set-Cookie from
// the response. For an application on the distribution, use [AllViewer].
//
// Every policy changes some headers. Host is the origin's own and User-Agent is "Amazon
// CloudFront", unless the policy forwards the viewer's. X-Forwarded-For gets the viewer's
// address at its end, and Via gets the distribution. X-Amz-Cf-Id is always the
// distribution's. A viewer's CloudFront-*, X-Edge-*, X-Forwarded-Proto, X-Real-IP and
// connection headers are always removed.
//
// Sources: "Control origin requests with a policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-origin-requests.html,
// "Request and response behavior for custom origins",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
type OriginRequestPolicy struct {
	// Headers are the viewer's headers to forward, such as Origin, or "*" for all. With
	// CloudFront-Viewer-Address or CloudFront-Forwarded-Proto, the distribution adds
	// these two; "*" does not. WebSockets need "*", or Sec-WebSocket-Key and
	// Sec-WebSocket-Version. Empty: no headers.
	Headers []string
	// HeadersExcept are the headers to leave out if Headers is "*", such as Host. Empty:
	// no exceptions.
	HeadersExcept []string
	// Cookies are the names of the cookies to forward, or "*" for all. The signed cookies
	// are never forwarded. Empty: no cookies, and no Set-Cookie in the response.
	Cookies []string
	// CookiesExcept are the cookies to leave out if Cookies is "*". Empty: no exceptions.
	CookiesExcept []string
	// QueryStrings are the names of the query parameters to forward, or "*" for the whole
	// query. The signing parameters are never forwarded. Empty: no query.
	QueryStrings []string
	// QueryStringsExcept are the parameters to leave out if QueryStrings is "*". Empty: no
	// exceptions.
	QueryStringsExcept []string
}

// AllViewer returns the managed policy AllViewer, which forwards all headers, cookies and
// query strings. For AllViewerExceptHostHeader, set HeadersExcept to Host.
//
// Source: "Use managed origin request policies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
func AllViewer() OriginRequestPolicy {
	return OriginRequestPolicy{Headers: []string{all}, Cookies: []string{all}, QueryStrings: []string{all}}
}

// all stands for all names in a list.
const all = "*"

func isAll(names []string) bool { return len(names) == 1 && names[0] == all }

func (p OriginRequestPolicy) clone() OriginRequestPolicy {
	return OriginRequestPolicy{
		Headers: slices.Clone(p.Headers), HeadersExcept: slices.Clone(p.HeadersExcept),
		Cookies: slices.Clone(p.Cookies), CookiesExcept: slices.Clone(p.CookiesExcept),
		QueryStrings: slices.Clone(p.QueryStrings), QueryStringsExcept: slices.Clone(p.QueryStringsExcept),
	}
}

// isManaged reports whether p forwards everything, as only managed policies do here.
func (p OriginRequestPolicy) isManaged() bool {
	return isAll(p.Headers) && isAll(p.Cookies) && isAll(p.QueryStrings) && len(p.CookiesExcept)+len(p.QueryStringsExcept) == 0
}

// The headers that the distribution can add.
const (
	viewerAddressHeader  = "CloudFront-Viewer-Address"
	forwardedProtoHeader = "CloudFront-Forwarded-Proto"
)

func (p OriginRequestPolicy) check(field string) error {
	for _, list := range []struct {
		name  string
		names []string
	}{
		{"Headers", p.Headers},
		{"HeadersExcept", p.HeadersExcept},
		{"Cookies", p.Cookies},
		{"CookiesExcept", p.CookiesExcept},
		{"QueryStrings", p.QueryStrings},
		{"QueryStringsExcept", p.QueryStringsExcept},
	} {
		if len(list.names) > 1 && slices.Contains(list.names, all) {
			return invalid(field+"."+list.name, "has * and other names: * stands for all of them, so write it alone")
		}
		if i := slices.IndexFunc(list.names, isNoName); i >= 0 {
			return invalid(field+"."+list.name, "has the invalid name %q: write one name without its value", list.names[i])
		}
	}
	for _, list := range []struct {
		name          string
		names, except []string
	}{{"Headers", p.Headers, p.HeadersExcept}, {"Cookies", p.Cookies, p.CookiesExcept}, {"QueryStrings", p.QueryStrings, p.QueryStringsExcept}} {
		if len(list.except) > 0 && !isAll(list.names) {
			return invalid(field+"."+list.name+"Except", "needs %s to be *: leave the names out of %[1]s instead", list.name)
		}
	}
	for _, name := range p.Headers {
		switch {
		case strings.EqualFold(name, "Cookie"):
			return invalid(field+".Headers", "has Cookie: write the names of the cookies to Cookies")
		case containsFold([]string{viewerAddressHeader, forwardedProtoHeader}, name):
		case isFromCloudFront(name):
			return invalid(field+".Headers", "has %s, which is not modeled: remove it", name)
		case containsFold(removed, name):
			return invalid(field+".Headers", "has %s, which CloudFront never forwards: remove it", name)
		}
	}
	return nil
}

func isNoName(name string) bool {
	return name == "" || strings.ContainsAny(name, " \t\r\n;,=&:?#\x00")
}

func containsFold(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// removed are the headers that CloudFront removes, whatever the policy is. It removes
// Upgrade unless the request opens a WebSocket.
//
// Source: "Request and response behavior for custom origins", on HTTP request headers,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
var removed = []string{
	"Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
	"TE", "Trailer", "Transfer-Encoding", "Upgrade", requestIDHeader, "X-Forwarded-Proto", "X-Real-IP",
}

// isFromCloudFront reports whether only CloudFront can set a header.
func isFromCloudFront(name string) bool {
	return hasPrefixFold(name, "CloudFront-") || hasPrefixFold(name, "X-Edge-")
}

// forwards reports whether the policy forwards a header of the viewer. It is not for
// cookies.
func (p OriginRequestPolicy) forwards(name string) bool {
	isListed := containsFold(p.Headers, name)
	if isAll(p.Headers) {
		isListed = !containsFold(p.HeadersExcept, name)
	}
	return isListed && !isFromCloudFront(name) && !containsFold(removed, name)
}

// forwardsCookie reports whether the policy forwards a cookie that is not a signed cookie.
func (p OriginRequestPolicy) forwardsCookie(name string) bool {
	return includes(p.Cookies, p.CookiesExcept, name)
}

// includes reports whether a name is in a list of names, or in all names except some.
func includes(names, except []string, name string) bool {
	if isAll(names) {
		return !slices.Contains(except, name)
	}
	return slices.Contains(names, name)
}

// isAutomatic reports whether a header reaches the origin with every policy.
//
// Source: "Request and response behavior for custom origins", on authentication and on HTTP
// request headers,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func isAutomatic(name, method string) bool {
	switch name {
	case "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range":
		return true
	case "Authorization":
		return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
	}
	return strings.HasPrefix(name, "Content-")
}

// query returns the part of a query that the policy forwards, byte for byte.
func (p OriginRequestPolicy) query(query string) string {
	if isAll(p.QueryStrings) && len(p.QueryStringsExcept) == 0 {
		return query
	}
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(parameter, "="); includes(p.QueryStrings, p.QueryStringsExcept, name) {
			kept = append(kept, parameter)
		}
	}
	return strings.Join(kept, "&")
}

// acceptEncoding returns the encodings of a viewer that CloudFront can cache.
//
// Source: "Serve compressed files",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html
func acceptEncoding(values []string) string {
	var br, gzip bool
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			name, _, _ := strings.Cut(part, ";")
			name = textproto.TrimString(name)
			br, gzip = br || strings.EqualFold(name, "br"), gzip || strings.EqualFold(name, "gzip")
		}
	}
	switch {
	case br && gzip:
		return "br,gzip"
	case br:
		return "br"
	case gzip:
		return "gzip"
	}
	return ""
}

// joined returns the values of a header and one more, as one value.
func joined(values []string, separator, last string) string {
	if len(values) == 0 {
		return last
	}
	return strings.Join(values, separator) + separator + last
}
