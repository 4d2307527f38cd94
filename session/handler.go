// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// Handler returns the middleware: before next it sets the cookies of [Issuer.Renewal]
// on the response. If there are none to set, next gets w as it is. If they cannot be
// made, none is set, and Options.Failed or next, with [Failure], decides what the
// viewer gets.
func (i *Issuer) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies, err := i.Renewal(r)
		switch {
		case err != nil && i.options.Failed != nil:
			i.options.Failed(w, r, err)
		case err != nil:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), failureKey{}, err)))
		case len(cookies) == 0:
			next.ServeHTTP(w, r)
		default:
			private := &privateWriter{ResponseWriter: w}
			set(private, cookies)
			next.ServeHTTP(private, r)
			private.finish()
		}
	})
}

type failureKey struct{}

// Failure returns why the middleware could not renew the cookies of the request with
// this context, or nil.
func Failure(ctx context.Context) error {
	err, _ := ctx.Value(failureKey{}).(error)
	return err
}

// Issue sets the cookies for the rights of r on w, whatever the viewer has: at login,
// once the rights can be found in r, and when they change. It must be called before
// the header is written, or the cookies are lost; [ErrWritten] is returned where w, or a
// writer in it, has a method Written that says so. Otherwise it returns the errors of [Issuer.Renewal], and then sets nothing.
func (i *Issuer) Issue(w http.ResponseWriter, r *http.Request) error {
	cookies, err := i.Cookies(r)
	if err != nil {
		return err
	}
	return i.send(w, cookies)
}

// Clear removes the cookies at logout; see [Issuer.Removal]. It returns [ErrWritten]
// as Issue does.
func (i *Issuer) Clear(w http.ResponseWriter, r *http.Request) error {
	cookies, err := i.Removal(r)
	if err != nil {
		return err
	}
	return i.send(w, cookies)
}

func (i *Issuer) send(w http.ResponseWriter, cookies []*http.Cookie) error {
	if isWritten(w) {
		return refuse(ErrWritten, "set cookies before the body")
	}
	i.dropEarlier(w.Header())
	set(w, cookies)
	return nil
}

// dropEarlier takes back what was set before, as by the middleware in the same
// response: it may be for paths of which the new cookies know nothing.
func (i *Issuer) dropEarlier(header http.Header) {
	lines := slices.DeleteFunc(header["Set-Cookie"], func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return name == i.options.StateCookie || name == i.options.HintCookie || isSigned(name)
	})
	if header["Set-Cookie"] = lines; len(lines) == 0 {
		header.Del("Set-Cookie")
	}
}

func set(w http.ResponseWriter, cookies []*http.Cookie) {
	for _, cookie := range cookies {
		http.SetCookie(w, cookie)
	}
	makePrivate(w.Header())
}

func makePrivate(header http.Header) { header.Set("Cache-Control", "private, no-store") }

// isWritten asks the writer, and those that it wraps, whether the header is sent. Not
// every writer can tell.
func isWritten(w http.ResponseWriter) bool {
	for {
		if teller, ok := w.(interface{ Written() bool }); ok && teller.Written() {
			return true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
}

// A privateWriter keeps the response out of caches, whatever the handler sets.
type privateWriter struct {
	http.ResponseWriter
	written bool
}

// Written reports whether the header is sent.
func (w *privateWriter) Written() bool { return w.written }

// WriteHeader sends the header.
func (w *privateWriter) WriteHeader(status int) {
	w.finish()
	w.written = w.written || status >= http.StatusOK
	w.ResponseWriter.WriteHeader(status)
}

// Write sends the header first.
func (w *privateWriter) Write(b []byte) (int, error) {
	if !w.written {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Flush sends the header and what is buffered.
func (w *privateWriter) Flush() {
	if !w.written {
		w.WriteHeader(http.StatusOK)
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush() // a server that cannot sends at the end
}

// Unwrap is for http.ResponseController.
func (w *privateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *privateWriter) finish() {
	if !w.written {
		makePrivate(w.Header())
	}
}
