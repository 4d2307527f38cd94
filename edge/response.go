// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httputil"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/internal/responsewriter"
)

// forward passes an allowed request to the origin, which answers it. If the primary origin of a
// group fails, the secondary one answers.
func (c *compiled) forward(w http.ResponseWriter, r *http.Request, v verdict) {
	key := c.cacheKey(r, v)
	found := c.cache.get(key)
	if found.isFresh(c.clock()) {
		c.serveKept(w, r, v, &instead{kept: found, cache: cacheHit})
		return
	}
	var notes []string
	for i, o := range v.behavior.origins {
		x := newResponse(c, w, r, v)
		x.key, x.stale, x.notes = key, found, notes
		if i+1 < len(v.behavior.origins) && canFailOver(r.Method) {
			x.failover = v.behavior.failover
		}
		x.ask(o)
		other := x.instead.Load()
		switch {
		case other == nil:
			return
		case other.kept != nil:
			c.serveKept(w, r, v, other)
			return
		}
		notes = append(notes, other.why+", so the secondary origin was asked")
	}
}

// An instead says what the viewer gets instead of a response of an origin: a kept response, or
// that of the next origin.
type instead struct {
	why   string
	kept  *kept  // nil: the next origin is asked
	cache string // of the kept response, as in Decision.Cache
}

// ask passes the request to an origin. The origin runs in a goroutine of its own, so that it can
// be too slow.
func (x *response) ask(o origin) {
	r, v := x.r, x.verdict
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), responseKey{}, x))
	defer cancel() // an origin that is too slow learns it
	forwarded := x.compiled.forOrigin(ctx, r, v, o, x.own.Get(requestIDHeader))
	if forwarded.Body != nil && forwarded.Body != http.NoBody {
		forwarded.Body = &timedBody{forwarded.Body, x.gate}
	}
	if x.compiled.observed() {
		x.notes = append(x.notes, v.notes(r, forwarded, o)...)
	}
	x.revalidate(forwarded)
	_, isProxy := o.handler.(*httputil.ReverseProxy)
	x.hidesCuts = isProxy && r.Context().Value(http.ServerContextKey) == nil
	ended := make(chan ending, 1)
	go func() {
		end := ending{problem: "it ended its goroutine"}
		defer func() {
			if end.returned {
				end.problem = ""
			} else if value := recover(); value != nil {
				end.problem, end.stack = panicText(value), debug.Stack()
			}
			ended <- end
		}()
		o.handler.ServeHTTP(x, forwarded)
		x.Finish()
		if x.instead.Load() == nil {
			x.gate.finish()
		}
		end.returned = true
	}()
	end, inTime := x.gate.wait(ended, v.behavior.OriginResponseTimeout)
	if !inTime {
		end.problem = fmt.Sprintf("it sent nothing for %v", v.behavior.OriginResponseTimeout)
	}
	x.end(end, inTime)
}

// An ending says how the origin's goroutine ended.
type ending struct {
	returned bool
	problem  string
	stack    []byte
}

// panicText describes a panic. http.ErrAbortHandler is how handlers close the connection.
func panicText(value any) string {
	if value == http.ErrAbortHandler {
		return "it closed the connection"
	}
	return printable(fmt.Sprintf("it panicked: %.200v", value))
}

// A response is the http.ResponseWriter that the origin gets. It adds the distribution's
// headers to the origin's, and explains the decision.
type response struct {
	responsewriter.Writer
	gate     *gate
	compiled *compiled
	w        http.ResponseWriter // the viewer's
	r        *http.Request       // as the viewer sent it
	verdict  verdict
	own      http.Header // set before the origin was called; the origin cannot change them
	notes    []string    // on the request, for the explanation
	failure  *failure
	failover []int                   // the statuses with which the next origin is asked
	instead  atomic.Pointer[instead] // what the viewer gets instead; nil: this response

	key            string // in the cache; empty: the response is not kept
	stale          *kept  // the response that has expired, or nil
	isRevalidating bool
	hidesCuts      bool      // a proxy without a server ignores that its origin cuts a response
	recorder       *recorder // nil: the response is not kept
}

type responseKey struct{}

func newResponse(c *compiled, w http.ResponseWriter, r *http.Request, v verdict) *response {
	x := &response{compiled: c, w: w, r: r, verdict: v, own: maps.Clone(w.Header())}
	x.gate = newGate(w)
	x.Init(x.gate, x)
	return x
}

// Hijacked explains the decision. The origin writes the header itself.
func (x *response) Hijacked() {
	x.gate.start()
	x.explain("the origin took over the connection", 0)
}

// Begin adds the headers to the final response.
func (x *response) Begin(status int) io.Writer {
	if !x.gate.start() {
		return responsewriter.Answered{} // the distribution has answered
	}
	if other := x.otherThan(status); other != nil {
		x.instead.Store(other)
		return responsewriter.Answered{}
	}
	header := x.Header()
	removesCookies := len(x.verdict.behavior.OriginRequestPolicy.Cookies) == 0 && len(header["Set-Cookie"]) > 0
	if removesCookies {
		header.Del("Set-Cookie")
	}
	x.verdict.behavior.filterVary(header)
	x.recorder = x.keep(status, header)
	if x.compiled.observed() {
		x.explain(x.noteOn(status, header, removesCookies), status)
	}
	x.addHeaders(status)
	if x.recorder == nil {
		return nil
	}
	return x.recorder
}

// noteOn says for the explanation what is special about a response of the origin.
func (x *response) noteOn(status int, header http.Header, removedCookies bool) string {
	var notes []string
	if status >= http.StatusBadRequest && x.failure == nil {
		notes = append(notes, fmt.Sprintf("the origin answered %d", status))
	}
	notes = append(notes, x.notes...)
	if removedCookies {
		notes = append(notes, "Set-Cookie was removed, because the OriginRequestPolicy forwards no cookies")
	}
	if x.verdict.behavior.lacksCORS(x.r, header) {
		notes = append(notes, lacksCORSNote)
	}
	if x.recorder != nil {
		notes = append(notes, x.recorder.notes(x.verdict, x.r)...)
	}
	return strings.Join(notes, "; ")
}

// otherThan returns what the viewer gets instead of a response with this status, or nil.
func (x *response) otherThan(status int) *instead {
	if why := x.failsOver(status); why != "" {
		return &instead{why: why}
	}
	return x.answeredByStale(status)
}

// failsOver returns why the secondary origin of a group is asked, or "".
func (x *response) failsOver(status int) string {
	switch {
	case len(x.failover) == 0:
		return ""
	case x.failure != nil:
		return strings.Replace(x.failure.text, "the origin", "the primary origin", 1)
	case slices.Contains(x.failover, status):
		return fmt.Sprintf("the primary origin answered %d", status)
	}
	return ""
}

// explain explains the decision, with a note and the status of the origin.
func (x *response) explain(note string, originStatus int) {
	if x.failure != nil {
		note = strings.TrimSuffix(x.failure.text+"; "+note, "; ")
		x.verdict.answer.status, originStatus = x.failure.status, 0
	}
	x.compiled.explain(x.own, x.r, x.verdict, outcome{note: note, status: originStatus})
}

// end answers for an origin that failed before it sent anything, and cuts the connection if
// it failed later.
func (x *response) end(end ending, inTime bool) {
	if end.problem == "" {
		x.commit()
		return
	}
	if end.stack != nil {
		x.compiled.logger().LogAttrs(x.r.Context(), slog.LevelError, "edge: the origin failed",
			slog.String("problem", end.problem), slog.String("stack", string(end.stack)))
	}
	started, hijacked := x.gate.close()
	switch {
	case hijacked, x.instead.Load() != nil:
	case !started && len(x.failover) > 0:
		x.instead.Store(&instead{why: "the primary origin failed: " + end.problem})
	case started:
		x.compiled.logger().LogAttrs(x.r.Context(), slog.LevelWarn, "edge: the response was cut", slog.String("origin", end.problem))
		panic(http.ErrAbortHandler)
	default:
		x.failure = originClosed(end.problem)
		if !inTime {
			x.failure = originTimeout(end.problem)
		}
		if other := x.answeredByStale(x.failure.status); other != nil {
			x.instead.Store(other)
			return
		}
		x.keepFailure()
		x.explain("", 0)
		header := x.w.Header()
		maps.Copy(header, x.own)
		x.verdict.behavior.setResponseHeaders(header, x.r)
		x.failure.page().write(x.w, x.r)
	}
}

func (x *response) addHeaders(status int) {
	header := x.Header()
	maps.Copy(header, x.own)
	header.Set("X-Cache", xCache(status, "Miss"))
	header.Del("Trailer")
	if status != http.StatusSwitchingProtocols {
		header.Del("Upgrade")
	}
	x.verdict.behavior.setResponseHeaders(header, x.r)
}

// defaultTimeout is CloudFront's response timeout.
//
// Source: "Origin settings", on the response timeout,
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
const defaultTimeout = 30 * time.Second
