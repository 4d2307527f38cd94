// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/cookieheader"
	"github.com/cfsign/cfsign/internal/wire"
)

// What the origin gets instead of the viewer's values.
const (
	defaultOriginDomain = "origin.example.com"
	userAgent           = "Amazon CloudFront"
	edgeAddress         = "203.0.113.1:443" // the address of an edge server, as RemoteAddr
)

// forOrigin returns the request that the origin gets, with the context ctx: what the
// OriginRequestPolicy forwards, without the signed cookies and, unless the behavior is
// public, without the signing parameters. It asks for the default root object instead of
// "/", with HTTP/1.1.
//
// CloudFront removes the signing parameters if the behavior trusts signers. No page says
// whether it also removes the signed cookies, but an origin does not need them.
//
// Sources: "Cache content based on query string parameters",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/QueryStringParameters.html,
// "Request and response behavior for custom origins",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func (c *compiled) forOrigin(ctx context.Context, r *http.Request, v verdict, o origin, requestID string) *http.Request {
	withoutHeader := *r // Clone would copy the header for nothing
	withoutHeader.Header, withoutHeader.Trailer = nil, nil
	forwarded := withoutHeader.Clone(ctx)
	rawPath, root := c.originPath(r)
	if root != nil {
		forwarded.URL.Path, forwarded.URL.RawPath = root.Path, ""
	}
	if o.path != "" {
		forwarded.URL.Path, forwarded.URL.RawPath = unescaped(o.path)+forwarded.URL.Path, o.path+rawPath
		rawPath = o.path + rawPath
	}
	forwarded.URL.RawQuery, forwarded.URL.ForceQuery = v.behavior.query(v.ownQuery(r), o), false
	forwarded.RequestURI = rawPath
	if forwarded.URL.RawQuery != "" {
		forwarded.RequestURI += "?" + forwarded.URL.RawQuery
	}
	forwarded.Header = v.behavior.header(r)
	forwarded.Header.Set(requestIDHeader, requestID)
	maps.Copy(forwarded.Header, o.headers.Clone())
	forwarded.Proto, forwarded.ProtoMajor, forwarded.ProtoMinor = "HTTP/1.1", 1, 1
	forwarded.RemoteAddr = edgeAddress
	if !v.behavior.OriginRequestPolicy.forwards("Host") {
		forwarded.Host = o.domain
	}
	return forwarded
}

// originPath returns the path that the origin is asked for, as it is written. If it is the default
// root object, it also returns its URL.
func (c *compiled) originPath(r *http.Request) (rawPath string, root *url.URL) {
	rawPath, _, _ = strings.Cut(r.RequestURI, "?")
	if rawPath != "/" || c.config.DefaultRootObject == "" {
		return rawPath, nil
	}
	root = &url.URL{Path: "/" + c.config.DefaultRootObject}
	return root.EscapedPath(), root
}

// unescaped returns a path that was checked without its percent-encodings.
func unescaped(path string) string {
	plain, _ := url.PathUnescape(path)
	return plain
}

// ownQuery returns the query of r without the signing parameters, byte for byte.
func (v verdict) ownQuery(r *http.Request) string {
	requested := r.RequestURI
	if !v.behavior.Public && !v.rewritten {
		requested = v.grantedURL
	}
	_, query, _ := strings.Cut(requested, "?")
	if !v.behavior.Public && v.rewritten {
		query = withoutSigningParameters(query)
	}
	return query
}

// query returns the part of a query that the origin gets.
//
// Source: "Use managed origin request policies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
func (b *behavior) query(query string, o origin) string {
	query = b.OriginRequestPolicy.query(query)
	if !o.isBucket() || !b.isManaged {
		return query
	}
	withheld := []string{"response-content-type", "response-content-disposition", "response-content-encoding"}
	var kept []string
	for parameter := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(parameter, "="); !slices.Contains(withheld, name) {
			kept = append(kept, parameter)
		}
	}
	return strings.Join(kept, "&")
}

// header returns the header of the request to the origin, without the request ID.
func (b *behavior) header(r *http.Request) http.Header {
	header, p := http.Header{}, b.OriginRequestPolicy
	for name, values := range r.Header {
		if p.forwards(name) || isAutomatic(name, r.Method) {
			header[name] = slices.Clone(values)
		}
	}
	p.setCookies(header, r)
	removeSignedReferer(header)
	setRange(header)
	if !p.forwards("User-Agent") {
		header.Set("User-Agent", userAgent)
	}
	compresses := b.CachePolicy != nil && (b.CachePolicy.Gzip || b.CachePolicy.Brotli)
	if _, encodings := b.CachePolicy.acceptEncoding(r.Header); encodings != "" && (compresses || !p.forwards("Accept-Encoding")) {
		header.Set("Accept-Encoding", encodings)
	}
	if isWebSocket(r) {
		header.Set("Connection", "Upgrade")
		header.Set("Upgrade", r.Header.Get("Upgrade"))
	}
	header.Set("Via", joined(header["Via"], ", ", via(r)))
	header.Del("X-Forwarded-For") // nothing that the viewer wrote can be the last address
	viewer := viewerAddress(r)
	if viewer.IsValid() {
		header.Set("X-Forwarded-For", joined(r.Header["X-Forwarded-For"], ",", viewer.Addr().String()))
	}
	p.addOwn(header, r, viewer)
	b.CachePolicy.included().addOwn(header, r, viewer) // "*" of the other policy does not add them
	return header
}

// addOwn adds the headers with facts about the viewer that the policy asks for.
//
// Source: "Add CloudFront request headers",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
func (p OriginRequestPolicy) addOwn(header http.Header, r *http.Request, viewer netip.AddrPort) {
	if containsFold(p.Headers, viewerAddressHeader) && viewer.IsValid() {
		header.Set(viewerAddressHeader, viewer.String())
	}
	if containsFold(p.Headers, forwardedProtoHeader) {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		header.Set(forwardedProtoHeader, scheme)
	}
}

// viewerAddress returns the address of the viewer's connection, or the zero AddrPort.
func viewerAddress(r *http.Request) netip.AddrPort {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(address.Addr().Unmap().WithZone(""), address.Port())
}

// via returns the value of CloudFront's Via header, which has the viewer's version of HTTP.
//
// Source: "Request and response behavior for custom origins", on the Via header,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func via(r *http.Request) string {
	return strings.TrimPrefix(r.Proto, "HTTP/") + " 1026589cc7887e7a0dc7827b4example.cloudfront.net (CloudFront)"
}

// isWebSocket reports whether r opens a WebSocket.
//
// Source: "Use WebSockets with CloudFront distributions",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-working-with.websockets.html
func isWebSocket(r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return false
	}
	tokens := strings.Split(strings.Join(r.Header["Connection"], ","), ",")
	isUpgrade := func(token string) bool { return strings.EqualFold(strings.TrimSpace(token), "upgrade") }
	return slices.ContainsFunc(tokens, isUpgrade)
}

// setRange removes a Range that CloudFront ignores, and writes another one in its plain form.
func setRange(header http.Header) {
	values := header["Range"]
	if len(values) == 0 {
		return
	}
	ranges, ok := parseRanges(strings.Join(values, ","))
	if !ok {
		header.Del("Range")
		header.Del("If-Range")
		return
	}
	header.Set("Range", formatRanges(ranges))
}

// setCookies sets the viewer's own cookies that the policy forwards, sorted by their names.
//
// Source: "Cache content based on cookies", on sorting,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Cookies.html
func (p OriginRequestPolicy) setCookies(header http.Header, r *http.Request) {
	header.Del("Cookie")
	if len(p.Cookies) == 0 {
		return
	}
	var kept []cookieheader.Cookie
	for cookie := range ownCookies(r) {
		if p.forwardsCookie(cookie.Name) {
			kept = append(kept, cookie)
		}
	}
	if len(kept) == 0 {
		return
	}
	slices.SortStableFunc(kept, func(a, b cookieheader.Cookie) int { return strings.Compare(a.Name, b.Name) })
	texts := make([]string, len(kept))
	for i, cookie := range kept {
		texts[i] = cookie.Text
	}
	header.Set("Cookie", strings.Join(texts, "; "))
}

// ownCookies returns the cookies of r that are not signed cookies.
func ownCookies(r *http.Request) iter.Seq[cookieheader.Cookie] {
	return func(yield func(cookieheader.Cookie) bool) {
		for cookie := range cookieheader.All(r.Header["Cookie"]) {
			if !wire.IsSignedCookie(cookie.Name) && !yield(cookie) {
				return
			}
		}
	}
}

// removeSignedReferer removes a Referer that is a signed URL: a page at a signed URL sends it
// with its requests.
func removeSignedReferer(headers http.Header) {
	isSeparator := func(r rune) bool { return r == '?' || r == '&' || r == '#' }
	for parameter := range strings.FieldsFuncSeq(strings.Join(headers["Referer"], "&"), isSeparator) {
		if name, _, _ := strings.Cut(parameter, "="); wire.IsReserved(name) {
			headers.Del("Referer")
			return
		}
	}
}

// notes says what the viewer sent and the origin did not get. It leaves out what an origin
// rarely needs, and S3 never.
func (v verdict) notes(r, forwarded *http.Request, o origin) (notes []string) {
	if names := v.withheld(r, forwarded, o); len(names) > 0 {
		notes = append(notes, "the OriginRequestPolicy did not forward: "+strings.Join(names, ", "))
	}
	if len(r.Header["Range"]) > 0 && len(forwarded.Header["Range"]) == 0 {
		notes = append(notes, "the Range is ignored, because its ranges are not valid, ascending and without overlap")
	}
	return notes
}

func (v verdict) withheld(r, forwarded *http.Request, o origin) (names []string) {
	query, policy := v.ownQuery(r), v.behavior.OriginRequestPolicy
	isWithheld := func(cookie cookieheader.Cookie) bool { return !policy.forwardsCookie(cookie.Name) }
	if o.isBucket() {
		if strings.Contains(query, "response-") && query != forwarded.URL.RawQuery {
			names = append(names, "query parameters")
		}
		return names
	}
	if slices.ContainsFunc(slices.Collect(ownCookies(r)), isWithheld) {
		names = append(names, "cookies")
	}
	if r.Header.Get("Authorization") != "" && forwarded.Header.Get("Authorization") == "" {
		names = append(names, "Authorization")
	}
	if isWebSocket(r) && forwarded.Header.Get("Sec-WebSocket-Key") == "" {
		names = append(names, "Sec-WebSocket-Key")
	}
	if query != forwarded.URL.RawQuery {
		names = append(names, "query parameters")
	}
	return names
}
