// SPDX-License-Identifier: Apache-2.0

package session

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// A Header is the header of a response: http.Header, or the one of a server that is not
// net/http's, such as fasthttp's and so Fiber's.
type Header interface {
	// Add adds a value, beside others of the name.
	Add(name, value string)
	// Set sets the only value.
	Set(name, value string)
	// Del removes all values.
	Del(name string)
}

// HeaderWriter returns a ResponseWriter with which [Issuer.Renew], [Issuer.Issue],
// [Issuer.IssueFor] and [Issuer.Clear] write into h, for servers that are not of net/http.
// It has no body. Call one of them for a response: with a Header other than http.Header,
// a second call cannot take back what the first one has set.
func HeaderWriter(h Header) http.ResponseWriter { return headerWriter{h} }

type headerWriter struct{ header Header }

// Header returns the header, or an empty one if it is not of net/http.
func (w headerWriter) Header() http.Header {
	if header, ok := w.header.(http.Header); ok {
		return header
	}
	return http.Header{}
}

// Write fails.
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

// targeted are headers that some caches obey instead of Cache-Control (RFC 9213), besides
// all others that end in Cache-Control.
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
	if header, ok := h.(http.Header); ok { // whose names may be in any case
		for name := range header {
			isTargeted := func(other string) bool { return strings.EqualFold(name, other) }
			if strings.HasSuffix(strings.ToLower(name), "cache-control") || slices.ContainsFunc(targeted, isTargeted) {
				delete(header, name)
			}
		}
	}
	h.Set("Cache-Control", cacheControl)
}

// withdraw takes the cookies and removals out of a header that this issuer has put there
// before. The browser has never seen them, and the next change is made from what it has.
func (i *Issuer) withdraw(h http.Header, r *http.Request) {
	before := i.pathsIn(h)
	if before == nil {
		return
	}
	paths := append(before, "/")
	for _, f := range i.newPlan(r, "", true).folders {
		paths = append(paths, f.path)
	}
	grants, _ := i.grants(r) // whose cookies Clear removes
	for _, g := range grants {
		paths = append(paths, g.path())
	}
	for _, a := range i.options.FormerAttributes {
		paths = append(paths, a.Path)
	}
	names := wire.CookieNames()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool {
		cookie, err := http.ParseSetCookie(line)
		switch {
		case err != nil:
			return false
		case cookie.Name == i.options.StateCookie, cookie.Name == i.options.HintCookie:
			return true
		}
		return slices.Contains(names[:], cookie.Name) && slices.Contains(paths, cookie.Path)
	})
}

// pathsIn returns the paths of the state that this issuer has put into a header. Nil: it has
// not been here.
func (i *Issuer) pathsIn(h http.Header) []string {
	var paths []string
	for _, line := range h["Set-Cookie"] {
		if !strings.HasPrefix(line, i.options.StateCookie+"=") {
			continue
		}
		paths = append(paths, "/")
		if cookie, err := http.ParseSetCookie(line); err == nil {
			s, _ := parseState(cookie.Value)
			for _, f := range parseDetails(s.details).folders {
				paths = append(paths, f.path)
			}
		}
	}
	return paths
}

// isWritten reports whether a ResponseWriter says that its header was sent. That of
// net/http does not say it.
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

// isCommitted reports whether w is a struct whose field Committed is true, as Echo's is.
func isCommitted(w http.ResponseWriter) bool {
	v := reflect.ValueOf(w)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return false
	}
	field, ok := v.Elem().Type().FieldByName("Committed")
	return ok && len(field.Index) == 1 && field.Type.Kind() == reflect.Bool && v.Elem().FieldByIndex(field.Index).Bool()
}
