// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/responsewriter"
	"github.com/cfsign/cfsign/internal/wire"
)

// forOrigin returns r as the origin gets it: without the signed cookies and, unless
// the behavior is public, without the signing parameters, and with the default root
// object.
//
// Source: "Cache content based on query string parameters": CloudFront removes
// the signing parameters where signers are trusted. Of the signed cookies no page
// says so; an origin has no use for them.
func (s *state) forOrigin(r *http.Request, b *behavior, a answer) *http.Request {
	forwarded := r.Clone(r.Context())
	if !b.Public {
		_, query, _ := strings.Cut(a.grantedURL, "?")
		rawPath, _, _ := strings.Cut(r.RequestURI, "?")
		forwarded.URL.RawQuery = query
		forwarded.RequestURI = rawPath
		if query != "" {
			forwarded.RequestURI += "?" + query
		}
	}
	removeSignedCookies(forwarded.Header)
	removeSignedReferer(forwarded.Header)
	if forwarded.URL.Path == "/" && s.config.DefaultRootObject != "" {
		root := &url.URL{Path: "/" + s.config.DefaultRootObject, RawQuery: forwarded.URL.RawQuery}
		forwarded.URL.Path, forwarded.URL.RawPath, forwarded.RequestURI = root.Path, "", root.RequestURI()
	}
	return forwarded
}

// removeSignedCookies leaves the application's own.
func removeSignedCookies(headers http.Header) {
	names := wire.CookieNames()
	var own []string
	for _, header := range headers["Cookie"] {
		for part := range strings.SplitSeq(header, ";") {
			name, _, _ := strings.Cut(part, "=")
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(names[:], strings.TrimSpace(name)) {
				own = append(own, part)
			}
		}
	}
	headers.Del("Cookie")
	if len(own) > 0 {
		headers.Set("Cookie", strings.Join(own, "; "))
	}
}

// removeSignedReferer: a page behind a signed URL names it in its requests. CloudFront
// forwards no Referer unless it is told to.
func removeSignedReferer(headers http.Header) {
	isSeparator := func(r rune) bool { return r == '?' || r == '&' || r == '#' }
	for parameter := range strings.FieldsFuncSeq(strings.Join(headers["Referer"], "&"), isSeparator) {
		if name, _, _ := strings.Cut(parameter, "="); wire.IsReserved(name) {
			headers.Del("Referer")
			return
		}
	}
}

// A response adds headers when the origin's are known.
type response struct {
	responsewriter.Writer
	own      http.Header // of the distribution, before the origin had a say
	cors     http.Header
	override bool
}

// Hijacked has nothing to do: the origin writes the header itself.
func (w *response) Hijacked() {}

// Begin adds the headers to the final response.
func (w *response) Begin(status int) io.Writer {
	w.addHeaders(status)
	return nil
}

func (w *response) addHeaders(status int) {
	header := w.Header()
	maps.Copy(header, w.own)
	cache := "Miss from cloudfront"
	if status >= http.StatusBadRequest {
		cache = "Error from cloudfront"
	}
	header.Set("X-Cache", cache)
	header["Vary"] = slices.Concat(header["Vary"], w.cors["Vary"])
	if len(header["Vary"]) == 0 {
		delete(header, "Vary")
	}
	if w.override {
		maps.DeleteFunc(header, func(name string, _ []string) bool { return isCORS(name) })
	}
	for name := range header {
		if isCORS(name) {
			return // the origin's stay
		}
	}
	for name, values := range w.cors {
		if isCORS(name) {
			header[name] = values
		}
	}
}

func isCORS(name string) bool { return strings.HasPrefix(name, "Access-Control-") }
