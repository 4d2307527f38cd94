// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/cfsign/cfsign/internal/responsewriter"
)

// Handler returns the middleware: it does what [Issuer.Renew] does, and adds the cookies
// when next sends the header. If they cannot be made, it sets none, and Options.Failed or
// next, with [Failure], decides what the viewer gets.
//
// It must be behind the authentication, and next must answer with the ResponseWriter that
// it gets: adapters that give a framework's handlers another one lose the cookies, and
// Options.Observe and Options.Failed are told with [ErrLost]. Use [Issuer.Renew] there.
func (i *Issuer) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := i.renewal(r)
		serve := next.ServeHTTP
		if err != nil {
			_ = i.refused(r, err)
			if i.options.Failed != nil {
				serve = func(w http.ResponseWriter, r *http.Request) { i.options.Failed(w, r, err) }
			} else {
				r = r.WithContext(context.WithValue(r.Context(), failureKey{}, err))
			}
		}
		x := &response{issuer: i, request: r, change: c}
		x.Init(w, x)
		returned := false // else it has panicked, and whoever recovers may still answer
		defer func() { x.end(returned) }()
		serve(x, r)
		returned = true
	})
}

type failureKey struct{}

// Failure returns why the middleware could not renew the cookies of the request with
// this context, or nil.
func Failure(ctx context.Context) error {
	err, _ := ctx.Value(failureKey{}).(error)
	return err
}

// A response is the http.ResponseWriter behind the middleware. It holds the cookies
// back until the header is sent: a handler may replace them, reverse proxies clear the
// header after early hints, and nothing that the handler sets may make the response
// public.
type response struct {
	responsewriter.Writer
	issuer  *Issuer
	request *http.Request
	change  *change
}

// Begin sets the cookies. If the header has a state already, Issue or Clear was called
// with a writer that hides this one, and theirs count: the cookies held here are older,
// and after a logout they would undo it.
func (x *response) Begin(int) io.Writer {
	switch {
	case x.issuer.pathsIn(x.Header()) != nil:
		apply(x.Header(), nil)
	case x.change != nil:
		apply(x.Header(), x.change.lines)
		x.issuer.tell(x.request, x.change.event)
	}
	return nil
}

// Hijacked tells that the cookies are not sent.
func (x *response) Hijacked() {
	if x.change != nil {
		x.issuer.tell(x.request, x.lost("the handler has taken over the connection: the viewer gets them with another response"))
	}
}

// end is called when the handler has returned or panicked.
func (x *response) end(returned bool) {
	if x.Sent() || x.change == nil {
		return
	}
	if isWritten(x.Unwrap()) {
		x.tellLost("the response was written with another ResponseWriter than the middleware's: give that to the next handler, or call Issuer.Renew before it")
		return
	}
	if !x.Used() && returned && x.change.event.Err == nil { // net/http does not say whether it was written
		x.change.event.Err = refuse(ErrLost, "perhaps, because the next handler has not used the ResponseWriter of the middleware: if it answers with another one, call Issuer.Renew before it")
	}
	x.Finish()
}

func (x *response) lost(why string) Event {
	return Event{Kind: Lost, Grants: x.change.event.Grants, Expires: x.change.event.Expires, Err: refuse(ErrLost, "%s", why)}
}

func (x *response) tellLost(why string) {
	event := x.lost(why)
	x.issuer.tell(x.request, event)
	if failed := x.issuer.options.Failed; failed != nil {
		failed(HeaderWriter(http.Header{}), x.request, event.Err)
	}
}

// send adds a change to a response, and returns err. Behind the middleware it replaces the
// cookies that the middleware was going to set, which the browser has never seen.
func (i *Issuer) send(w http.ResponseWriter, r *http.Request, c *change, err error) error {
	if err != nil {
		_ = i.refused(r, err)
	}
	if c == nil {
		return err
	}
	x := i.responseOf(w)
	switch {
	case x != nil && x.Sent(), x == nil && isWritten(w):
		return errors.Join(err, i.refused(r, refuse(ErrLost, "the header was written before: call the issuer before the handler writes")))
	case x != nil:
		x.change = c
		if len(c.lines) == 0 {
			x.change = nil
		}
	default:
		header := headerOf(w)
		if h, ok := header.(http.Header); ok {
			i.withdraw(h, r)
		}
		if len(c.lines) > 0 {
			apply(header, c.lines)
			i.tell(r, c.event)
		}
	}
	return err
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

func (i *Issuer) tell(r *http.Request, e Event) {
	if i.options.Observe != nil {
		i.options.Observe(r.Context(), e)
	}
}

// refused tells an error, and returns it.
func (i *Issuer) refused(r *http.Request, err error) error {
	i.tell(r, Event{Kind: Refused, Err: err})
	return err
}
