// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// A Header is the header of a response: an http.Header, or the header of another server,
// such as Fiber's.
type Header interface {
	// Add adds a value, next to the values that the name has.
	Add(name, value string)
	// Set replaces all values of the name.
	Set(name, value string)
	// Del removes all values of the name.
	Del(name string)
}

// HeaderWriter returns a ResponseWriter that writes into h, and has no body. With servers
// other than net/http's, pass it to [Issuer.Renew], [Issuer.Issue], [Issuer.IssueFor] or
// [Issuer.Clear]. If h is not an http.Header, call only one of these methods for a
// response, because a second call cannot replace what the first has set.
func HeaderWriter(h Header) http.ResponseWriter { return headerWriter{h} }

type headerWriter struct{ header Header }

// Header returns h if it is an http.Header, and otherwise an empty header.
func (w headerWriter) Header() http.Header {
	if header, ok := w.header.(http.Header); ok {
		return header
	}
	return http.Header{}
}

// Write returns an error.
func (headerWriter) Write([]byte) (int, error) { return 0, http.ErrBodyNotAllowed }

// WriteHeader does nothing.
func (headerWriter) WriteHeader(int) {}

func headerOf(w http.ResponseWriter) Header {
	if x, ok := w.(headerWriter); ok {
		return x.header
	}
	return w.Header()
}

const cacheControl = "private, no-store"

// targeted are headers that some caches obey instead of Cache-Control (RFC 9213). Names
// that end in Cache-Control are listed for a [Header] that cannot be searched.
var targeted = []string{
	"Expires", "Surrogate-Control", "Edge-Control", "X-Accel-Expires",
	"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "CloudFront-CDN-Cache-Control", "Vercel-CDN-Cache-Control", "Netlify-CDN-Cache-Control",
	"Akamai-Cache-Control", "Fastly-Cache-Control",
}

// apply adds Set-Cookie lines, and keeps the response out of caches.
func apply(h Header, lines []string) {
	for _, line := range lines {
		h.Add("Set-Cookie", line)
	}
	for _, name := range targeted {
		h.Del(name)
	}
	if header, ok := h.(http.Header); ok { // Its names may be in lower case.
		for name := range header {
			isTargeted := func(other string) bool { return strings.EqualFold(name, other) }
			if strings.HasSuffix(strings.ToLower(name), "cache-control") || slices.ContainsFunc(targeted, isTargeted) {
				delete(header, name)
			}
		}
	}
	h.Set("Cache-Control", cacheControl)
}

// withdraw removes from a header what an issuer with these options has added before. The
// browser has not seen it, and the next change begins with what the browser has.
func (o *Options) withdraw(h http.Header, r *http.Request, grants Grants) {
	before := o.pathsIn(h)
	if before == nil {
		return
	}
	paths := append(before, "/")
	for text := range cookieValues(r, o.StateCookie) {
		paths = append(paths, pathsOf(text)...)
	}
	known, _ := grants(r) // Clear may have removed their cookies.
	for _, g := range known {
		paths = append(paths, g.path())
	}
	for _, a := range o.FormerAttributes {
		paths = append(paths, a.Path)
	}
	names := wire.CookieNames()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool {
		cookie, err := http.ParseSetCookie(line)
		switch {
		case err != nil:
			return false
		case cookie.Name == o.StateCookie, cookie.Name == o.HintCookie:
			return true
		}
		return slices.Contains(names[:], cookie.Name) && slices.Contains(paths, cookie.Path)
	})
}

// pathsIn returns the paths in the state cookie that an issuer has added to a header, or
// nil if it has added none.
func (o *Options) pathsIn(h http.Header) []string {
	var paths []string
	for _, line := range h["Set-Cookie"] {
		if !strings.HasPrefix(line, o.StateCookie+"=") {
			continue
		}
		paths = append(paths, "/")
		if cookie, err := http.ParseSetCookie(line); err == nil {
			paths = append(paths, pathsOf(cookie.Value)...)
		}
	}
	return paths
}

// isWritten reports whether a ResponseWriter tells that it has sent the header. The writer
// of net/http does not tell.
func isWritten(w http.ResponseWriter) bool {
	for {
		switch x := w.(type) {
		case interface{ Written() bool }: // Gin, Negroni
			return x.Written()
		case interface {
			Status() int
			BytesWritten() int
		}: // chi
			if x.Status() != 0 {
				return true
			}
		}
		if isCommitted(w) {
			return true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
}

// isCommitted reports whether w is a struct with a field Committed that is true, as in
// Echo.
func isCommitted(w http.ResponseWriter) bool {
	v := reflect.ValueOf(w)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return false
	}
	field, ok := v.Elem().Type().FieldByName("Committed")
	return ok && len(field.Index) == 1 && field.Type.Kind() == reflect.Bool && v.Elem().FieldByIndex(field.Index).Bool()
}
