// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/defaultlog"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
)

// TestEvents: the hook hears of each response with cookies and of each error once, with the
// context of the request. It does not hear of a response that needs no cookies.
func TestEvents(t *testing.T) {
	type name struct{}
	var told []string
	s := newSite(t, session.Options{Observe: func(ctx context.Context, e session.Event) {
		if ctx.Value(name{}) != "request" {
			t.Error("the context is not the request's")
		}
		text := fmt.Sprint(e.Kind, " ", len(e.Grants), " ", e.Pending)
		if !e.Expires.IsZero() {
			text += fmt.Sprint(" ", e.Expires.Sub(s0).Truncate(time.Hour))
		}
		for _, err := range []error{session.ErrGrants, session.ErrNoGrants, session.ErrKey, session.ErrLost} {
			if errors.Is(e.Err, err) {
				text += " " + err.Error()
			}
		}
		told = append(told, text)
	}})
	do := func(method func(http.ResponseWriter, *http.Request) error) {
		w := httptest.NewRecorder()
		_ = method(w, s.request().WithContext(context.WithValue(t.Context(), name{}, "request")))
		s.keep(w.Result().Cookies())
	}
	middleware := func(next http.HandlerFunc) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error {
			s.issuer.Handler(next).ServeHTTP(w, r)
			return nil
		}
	}
	page := middleware(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "page") })
	expect := func(reason string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", reason, diff)
		}
		told = nil
	}
	do(page)
	expect("not logged in")
	do(s.issuer.Issue)
	expect("a login without grants", "refused 0 0 no grants")
	s.grants = []session.Grant{folder(t, "alice")}
	do(s.issuer.Issue)
	expect("a login", "issued 1 0 1h0m0s")
	do(page)
	do(s.issuer.Renew)
	expect("the cookies are current")
	s.grants, _ = uuids(t, 0, 4)
	do(page)
	expect("alice for four others: one of them and the rest of alice's is left", "renewed 2 2 1h0m0s")
	do(s.issuer.Renew)
	expect("the rest", "renewed 2 0 1h0m0s")
	do(middleware(func(w http.ResponseWriter, r *http.Request) { _ = s.issuer.Clear(w, r); io.WriteString(w, "bye") }))
	expect("a logout behind the middleware", "cleared 0 0")
	do(middleware(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "page"); _ = s.issuer.Clear(w, r) }))
	expect("a logout that comes too late", "renewed 3 1 1h0m0s", "refused 0 0 the response was sent without the cookies")
	s.grantsErr = errors.New("down")
	do(page)
	do(s.issuer.Renew)
	expect("the grants are unknown", "refused 0 0 the grants are unknown", "refused 0 0 the grants are unknown")
	do(s.issuer.Clear)
	expect("a logout still works", "cleared 0 0 the grants are unknown")
	s.grantsErr = nil
	s.failKey(errors.New("down"))
	s.grants = []session.Grant{folder(t, "other")}
	do(page)
	expect("the key fails", "refused 0 0 signing failed")
}

// s0 is the first time on the clock of a site.
var s0 = time.Unix(1767200000, 0)

// TestEventPrints: a line for people and attributes for log/slog, without a query.
func TestEventPrints(t *testing.T) {
	resource, err := policy.PatternFromConfig("https://cdn.example.com/u/7/*?token=secret*")
	if err != nil {
		t.Fatal(err)
	}
	event := session.Event{Kind: session.Lost, Grants: []session.Grant{{Resource: resource}}, Expires: s0, Pending: 2, Err: session.ErrLost}
	const want = "cookies lost, grant for https://cdn.example.com/u/7/*, until 2025-12-31T16:53:20Z, 2 pending: the response was sent without the cookies"
	for _, verb := range []string{"%v", "%+v", "%s", "%d"} {
		if got := fmt.Sprintf(verb, event); got != want {
			t.Errorf("%s: %s, want %s", verb, got, want)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("cloudfront", "event", event)
	const wantLog = `"event":{"kind":"lost","grants":["https://cdn.example.com/u/7/*"],"expires":"`
	if !strings.Contains(log.String(), wantLog) || !strings.Contains(log.String(), `"pending":2,"error":"the response was sent without the cookies"}`) || strings.Contains(log.String(), "secret") {
		t.Errorf("logged %s", &log)
	}
}

// TestGrantsForTheHook: if a hook changes the grants of an event, nothing else changes.
func TestGrantsForTheHook(t *testing.T) {
	s := newSite(t, session.Options{Observe: func(_ context.Context, e session.Event) { clear(e.Grants) }})
	s.grants = []session.Grant{folder(t, "alice")}
	s.renew(t)
	if set, _ := s.renew(t); set != 0 || s.grants[0].Path != "" || s.grants[0].Resource != folder(t, "alice").Resource {
		t.Errorf("%d cookies are set again, for %v", set, s.grants)
	}
}

// TestEventsWithoutHook: without a hook, the log has the cookies that the middleware lost. It does not have
// what a caller gets, what a stranger can cause, and what a viewer does not notice.
func TestEventsWithoutHook(t *testing.T) {
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	const refused = `level=ERROR msg="session: a viewer gets no cookies" error="session: the grants are unknown: down"` + "\n"
	for _, tt := range []struct {
		name, reason string
		options      session.Options
		grantsErr    error
		do           func(s *site, w http.ResponseWriter, r *http.Request)
		want         string
	}{
		{"a login", "no error", session.Options{}, nil, func(s *site, w http.ResponseWriter, r *http.Request) {
			s.issuer.Handler(http.NotFoundHandler()).ServeHTTP(w, r)
		}, ""},
		{"an empty page", "net/http does not say whether it was sent, and it mostly was", session.Options{}, nil, func(s *site, w http.ResponseWriter, r *http.Request) {
			s.issuer.Handler(nothing).ServeHTTP(w, r)
		}, ""},
		{"no grants", "the page goes on without cookies", session.Options{}, errors.New("down"), func(s *site, w http.ResponseWriter, r *http.Request) {
			s.issuer.Handler(nothing).ServeHTTP(w, r)
		}, refused},
		{"Failed", "it gets the error", session.Options{Failed: func(http.ResponseWriter, *http.Request, error) {}}, errors.New("down"), func(s *site, w http.ResponseWriter, r *http.Request) {
			s.issuer.Handler(nothing).ServeHTTP(w, r)
		}, ""},
		{"Observe", "it gets the error", session.Options{Observe: func(context.Context, session.Event) {}}, errors.New("down"), func(s *site, w http.ResponseWriter, r *http.Request) {
			s.issuer.Handler(nothing).ServeHTTP(w, r)
		}, ""},
		{"Issue", "the caller gets the error", session.Options{}, errors.New("down"), func(s *site, w http.ResponseWriter, r *http.Request) {
			if err := s.issuer.Issue(w, r); err == nil {
				t.Error("no error")
			}
		}, ""},
		{"a viewer who has gone", "nobody waits for the cookies", session.Options{}, errors.New("down"), func(s *site, w http.ResponseWriter, r *http.Request) {
			ctx, end := context.WithCancel(r.Context())
			end()
			s.issuer.Handler(nothing).ServeHTTP(w, r.WithContext(ctx))
		}, ""},
		{"an adapter", "it wrote with another ResponseWriter", session.Options{}, nil, func(s *site, w http.ResponseWriter, r *http.Request) {
			framework := writtenWriter{&wrote{ResponseWriter: w}}
			s.issuer.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { io.WriteString(framework, "page") })).ServeHTTP(framework, r)
		}, `level=ERROR msg="session: a viewer gets no cookies" error="session: the response was sent without the cookies: the handler wrote with another ResponseWriter: pass the middleware's writer to it, or call Issuer.Renew before it"` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := defaultlog.Capture(t)
			s := newSite(t, tt.options)
			s.grants, s.grantsErr = []session.Grant{folder(t, "alice")}, tt.grantsErr
			tt.do(s, httptest.NewRecorder(), s.request())
			var got string
			for line := range strings.Lines(log.Take()) {
				if strings.Contains(line, `msg="session: `) { // and not of a key that an earlier test has broken
					got += line
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: the log (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}
