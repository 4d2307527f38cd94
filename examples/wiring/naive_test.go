// SPDX-License-Identifier: Apache-2.0

package wiring_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// naive are the adapters that people write for middleware of net/http. The framework's
// handlers write to the framework's writer and not to the one that the middleware
// passes, so the middleware's cookies never get into the response.
var naive = []struct {
	name string
	app  func(middleware func(http.Handler) http.Handler) http.Handler
}{
	{"gin", func(middleware func(http.Handler) http.Handler) http.Handler { // as in gin-gonic/gin#293
		router := gin.New()
		router.Use(func(c *gin.Context) {
			middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				c.Request = r
				c.Next()
			})).ServeHTTP(c.Writer, c.Request)
		})
		router.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "page") })
		return router
	}},
	{"echo", func(middleware func(http.Handler) http.Handler) http.Handler {
		router := echo.New()
		router.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) (err error) {
				middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					c.SetRequest(r)
					err = next(c)
				})).ServeHTTP(c.Response(), c.Request())
				return err
			}
		})
		router.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "page") })
		return router
	}},
	{"negroni", func(middleware func(http.Handler) http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			outer := &writtenWriter{ResponseWriter: w}
			middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				outer.Write([]byte("page"))
			})).ServeHTTP(outer, r)
		})
	}},
}

// A writtenWriter knows whether something was written, as Negroni's does.
type writtenWriter struct {
	http.ResponseWriter
	written bool
}

// Write writes to the writer below.
func (w *writtenWriter) Write(b []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(b)
}

// WriteHeader writes the status.
func (w *writtenWriter) WriteHeader(status int) {
	w.written = true
	w.ResponseWriter.WriteHeader(status)
}

// Written reports whether there was a write.
func (w *writtenWriter) Written() bool { return w.written }

// TestNaiveAdapters: cookies that get lost are not lost in silence.
func TestNaiveAdapters(t *testing.T) {
	for _, tt := range naive {
		t.Run(tt.name, func(t *testing.T) {
			var failed, observed error
			issuer := newIssuer(t, session.Options{
				Failed: func(_ http.ResponseWriter, _ *http.Request, err error) { failed = err },
				Observe: func(_ context.Context, e session.Event) {
					observed = errors.Join(observed, e.Err)
				},
			})
			w := httptest.NewRecorder()
			tt.app(issuer.Handler).ServeHTTP(w, demo.WithUser(request(t), "alice"))
			if len(w.Result().Cookies()) != 0 {
				return // nothing was lost
			}
			if !errors.Is(failed, session.ErrLost) {
				t.Errorf("Failed got %v, want %v", failed, session.ErrLost)
			}
			if !errors.Is(observed, session.ErrLost) {
				t.Errorf("Observe got %v, want %v", observed, session.ErrLost)
			}
		})
	}
}

// TestRightAdapters: nothing is reported if the cookies arrive.
func TestRightAdapters(t *testing.T) {
	var observed error
	issuer := newIssuer(t, session.Options{
		Failed:  func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) },
		Observe: func(_ context.Context, e session.Event) { observed = errors.Join(observed, e.Err) },
	})
	renew := func(c *gin.Context) {
		if err := issuer.Renew(c.Writer, c.Request); err != nil {
			t.Error(err)
		}
	}
	router := gin.New()
	router.GET("/", renew, func(c *gin.Context) { c.String(http.StatusOK, "page") })
	wrapped := echo.New()
	wrapped.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "page") }, echo.WrapMiddleware(issuer.Handler))
	for name, app := range map[string]http.Handler{"gin": router, "echo": wrapped} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, demo.WithUser(request(t), "alice"))
		if n := len(w.Result().Cookies()); n == 0 || observed != nil {
			t.Errorf("%s: %d cookies, %v", name, n, observed)
		}
	}
}

func newIssuer(t *testing.T, o session.Options) *session.Issuer {
	t.Helper()
	key, err := keys.GenerateECDSA()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := sign.New("KEXAMPLE", key, sign.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Attributes.Domain = "example.com"
	issuer, err := session.New(signer, (&demo.Folders{}).Grants, o)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

func init() { gin.SetMode(gin.ReleaseMode) }
