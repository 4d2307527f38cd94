// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"io"
	"net/http"

	"github.com/cfsign/cfsign/internal/responsewriter"
)

// Handler returns the middleware: it renews the viewer's cookies as [Issuer.Renew] does, and
// adds them when next sends the header. If it cannot renew them, it calls Options.Failed
// instead of next. If Failed is nil, it calls next, which can get the error with [Failure].
//
// Your authentication must run before the middleware, and next must answer with the
// ResponseWriter that it gets. Some adapters pass another ResponseWriter to a framework's
// handlers, and lose the cookies. Options.Observe and Options.Failed then get an error that
// wraps [ErrLost], if the issuer can tell. With these adapters, call [Issuer.Renew]
// instead.
//
// If next takes over the connection, as WebSockets do, its response has no cookies. If
// middleware around the issuer discards the response, as [http.TimeoutHandler] does, the
// cookies are lost too. The viewer gets them with another response.
func (i *Issuer) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := i.renewal(r)
		serve := next.ServeHTTP
		if err != nil {
			_ = i.refused(r, err)
			i.lose(r, err)
			if i.options.Failed != nil {
				serve = func(w http.ResponseWriter, r *http.Request) { i.options.Failed(w, r, err) }
			} else {
				r = r.WithContext(context.WithValue(r.Context(), failureKey{}, err))
			}
		}
		x := &response{issuer: i, request: r, change: c}
		x.Init(w, x)
		returned := false // If next panics, other middleware may still answer.
		defer func() { x.end(returned) }()
		serve(x, r)
		returned = true
	})
}

type failureKey struct{}

// Failure returns the error that kept the middleware from renewing the viewer's cookies, or
// nil. Pass the context of the request that your handler gets.
func Failure(ctx context.Context) error {
	err, _ := ctx.Value(failureKey{}).(error)
	return err
}

// A response is the ResponseWriter of the handler behind the middleware. It adds the
// cookies as late as it can: the handler may replace them, a reverse proxy clears the
// header after early hints, and no handler can make a response with cookies public.
type response struct {
	responsewriter.Writer
	issuer  *Issuer
	request *http.Request
	change  *change
}

// Begin adds the cookies to the header. If it has a state cookie already, Issue or Clear
// was called with a writer that hides this one. Their cookies stay, because the cookies
// held here are older: after a logout they would open the folders again.
func (x *response) Begin(int) io.Writer {
	_, changed := x.issuer.options.foldersIn(x.Header())
	switch {
	case changed:
		apply(x.Header(), nil)
	case x.change != nil:
		apply(x.Header(), x.change.lines)
		x.issuer.tell(x.request, x.change.event)
	}
	return nil
}

// Hijacked reports that the cookies were lost.
func (x *response) Hijacked() {
	if x.change != nil {
		x.lost("the handler took over the connection, and the viewer gets them with another response")
	}
}

// end must be called when the handler has returned or panicked.
func (x *response) end(returned bool) {
	switch {
	case x.Sent() || x.change == nil:
		return
	case isWritten(x.Unwrap()):
		err := x.lost("the handler wrote with another ResponseWriter: pass the middleware's writer to it, or call Issuer.Renew before it")
		if failed := x.issuer.options.Failed; failed != nil {
			failed(HeaderWriter(http.Header{}), x.request, err)
		}
		x.issuer.lose(x.request, err)
		return
	case !x.Used() && returned && x.change.event.Err == nil: // net/http does not tell whether the header was written.
		x.change.event.Err = refuse(ErrLost, "perhaps, because the handler did not use the middleware's ResponseWriter: if it writes with another one, call Issuer.Renew before it")
	}
	x.Finish()
}

// lost tells the hook that the cookies were not sent, and returns the error.
func (x *response) lost(why string) error {
	err := refuse(ErrLost, "%s", why)
	x.issuer.tell(x.request, Event{Kind: Lost, Grants: x.change.event.Grants, Expires: x.change.event.Expires, Err: err})
	return err
}

// responseOf returns the writer of this issuer's middleware that w wraps, or nil.
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
