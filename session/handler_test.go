// SPDX-License-Identifier: Apache-2.0

package session_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/session"
)

// setCookies returns the lines of a response that set signed cookies, and those that
// clear them.
func setCookies(w *httptest.ResponseRecorder) (set, cleared int) {
	for _, cookie := range w.Result().Cookies() {
		switch {
		case !strings.HasPrefix(cookie.Name, "CloudFront-"):
		case cookie.MaxAge < 0:
			cleared++
		default:
			set++
		}
	}
	return set, cleared
}

// TestHandler: what the handler writes, the cookies and the cache header go along.
func TestHandler(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		status  int
	}{
		{"silent", func(http.ResponseWriter, *http.Request) {}, 200},
		{"body", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "body") }, 200},
		{"status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, 404},
		{"early hints", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, 201},
		{"caching", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=3600")
			io.WriteString(w, "body")
		}, 200},
		{"flush", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }, 200},
		{"controller", func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() }, 200},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusSeeOther) }, 303},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, session.Options{})
			s.grants = []session.Grant{folder(t, "alice")}
			w := httptest.NewRecorder()
			s.issuer.Handler(tt.handler).ServeHTTP(w, s.request())
			if set, _ := setCookies(w); set != 4 || w.Code != tt.status && tt.name != "early hints" || w.Result().Header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%d cookies, status %d, Cache-Control %q", set, w.Code, w.Result().Header.Get("Cache-Control"))
			}
			s.keep(w.Result().Cookies())
			again := httptest.NewRecorder()
			s.issuer.Handler(tt.handler).ServeHTTP(again, s.request())
			if set, _ := setCookies(again); set != 0 {
				t.Errorf("%d cookies are set again", set)
			}
		})
	}
}

// TestHandlerStaysOutOfTheWay: without cookies to set the handler gets the writer as
// it is, with all that it can do.
func TestHandlerStaysOutOfTheWay(t *testing.T) {
	s := newSite(t, session.Options{})
	w := httptest.NewRecorder()
	s.issuer.Handler(http.HandlerFunc(func(got http.ResponseWriter, _ *http.Request) {
		if got != http.ResponseWriter(w) {
			t.Errorf("the handler got a %T", got)
		}
	})).ServeHTTP(w, s.request())
	if len(w.Header()) != 0 {
		t.Errorf("header %v", w.Header())
	}
}

// TestFailures: the handler decides, and no cookie is set.
func TestFailures(t *testing.T) {
	down := errors.New("down")
	for _, failed := range []bool{false, true} {
		o := session.Options{}
		if failed {
			o.Failed = func(w http.ResponseWriter, _ *http.Request, err error) {
				if !errors.Is(err, session.ErrKey) || !errors.Is(err, down) {
					t.Errorf("the error is %v", err)
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}
		s := newSite(t, o)
		s.grants, s.keyErr = []session.Grant{folder(t, "alice")}, down
		w := httptest.NewRecorder()
		s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if failed {
				t.Error("the next handler was called")
			}
			if err := session.Failure(r.Context()); !errors.Is(err, session.ErrKey) || !errors.Is(err, down) {
				t.Errorf("the error is %v", err)
			}
			w.WriteHeader(http.StatusTeapot)
		})).ServeHTTP(w, s.request())
		want := map[bool]int{false: http.StatusTeapot, true: http.StatusServiceUnavailable}[failed]
		if w.Code != want || len(w.Result().Cookies()) != 0 {
			t.Errorf("status %d, cookies %v", w.Code, w.Result().Cookies())
		}
	}
	if err := session.Failure(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLogoutDuringRenewal: the middleware has just set cookies for a folder of which
// the state in the request knows nothing; after the logout there is none.
func TestLogoutDuringRenewal(t *testing.T) {
	s := newSite(t, session.Options{HintCookie: "until"})
	s.grants = []session.Grant{folder(t, "alice")}
	s.renew(t)
	s.grants = append(s.grants, folder(t, "bob"))
	w := httptest.NewRecorder()
	s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "app", Value: "x", Path: "/"})
		if err := s.issuer.Clear(w, r); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(w, s.request())
	s.keep(w.Result().Cookies())
	if len(s.jar) != 1 || s.jar["app /"] == nil {
		t.Errorf("left over: %v", s.jar)
	}
}

// TestLogin: the rights are known only within the handler, behind the middleware.
func TestLogin(t *testing.T) {
	s := newSite(t, session.Options{})
	w := httptest.NewRecorder()
	s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.grants = []session.Grant{folder(t, "alice")}
		if err := s.issuer.Issue(w, r); err != nil {
			t.Error(err)
		}
		io.WriteString(w, "welcome")
	})).ServeHTTP(w, s.request())
	if set, _ := setCookies(w); set != 4 || w.Result().Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%d cookies, %v", set, w.Result().Header)
	}
}

// TestWritten: cookies that would be lost are an error.
func TestWritten(t *testing.T) {
	s := newSite(t, session.Options{})
	s.grants = []session.Grant{folder(t, "alice")}
	w := httptest.NewRecorder()
	s.issuer.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.issuer.Issue(w, r); err != nil {
			t.Errorf("before the body: %v", err)
		}
		io.WriteString(w, "body")
		before := len(w.Header()["Set-Cookie"])
		for name, f := range map[string]func(http.ResponseWriter, *http.Request) error{"Issue": s.issuer.Issue, "Clear": s.issuer.Clear} {
			if err := f(w, r); !errors.Is(err, session.ErrWritten) || len(w.Header()["Set-Cookie"]) != before {
				t.Errorf("%s after the body: %v", name, err)
			}
		}
	})).ServeHTTP(w, s.request())
}
