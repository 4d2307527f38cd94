// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"net/http"
)

// Handler returns the middleware: before next it sees to the cookies of
// [Issuer.Renewal]. If they cannot be made, none is set, and Options.Failed or next,
// with [Failure], decides what the viewer gets.
func (i *Issuer) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies, err := i.Renewal(r)
		if err != nil && i.options.Failed != nil {
			i.options.Failed(w, r, err)
			return
		}
		if err != nil {
			r = r.WithContext(context.WithValue(r.Context(), failureKey{}, err))
		}
		response := &response{ResponseWriter: w, issuer: i, cookies: cookies}
		next.ServeHTTP(response, r)
		response.finish()
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
// the header is written, or the cookies are lost: behind the middleware that is
// [ErrWritten]; elsewhere it cannot be told. Otherwise it returns the errors of
// [Issuer.Renewal], and then sets nothing.
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

// send sets the cookies. Behind the middleware they replace those that it was going to
// set, which the browser has never seen.
func (i *Issuer) send(w http.ResponseWriter, cookies []*http.Cookie) error {
	response := i.responseOf(w)
	switch {
	case response == nil:
		setAll(w.Header(), cookies)
	case response.written:
		return refuse(ErrWritten, "set cookies before the body")
	default:
		response.cookies = cookies
	}
	return nil
}

// responseOf returns the middleware's writer of this issuer in w, or nil.
func (i *Issuer) responseOf(w http.ResponseWriter) *response {
	for {
		if found, ok := w.(*response); ok && found.issuer == i {
			return found
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = wrapper.Unwrap()
	}
}

// setAll adds the cookies, and keeps the response out of caches.
func setAll(header http.Header, cookies []*http.Cookie) {
	for _, cookie := range cookies {
		header.Add("Set-Cookie", cookie.String())
	}
	header.Set("Cache-Control", "private, no-store")
	header.Del("CDN-Cache-Control") // which some caches put before it
	header.Del("Surrogate-Control")
}
