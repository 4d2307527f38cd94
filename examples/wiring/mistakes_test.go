// SPDX-License-Identifier: Apache-2.0

package wiring_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/gofiber/fiber/v3/middleware/encryptcookie"
	"github.com/labstack/echo/v4"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/internal/test/sessiontest"
	"github.com/cfsign/cfsign/session"
)

// TestMistakes: what the cookbook says of mistakes is how they show. In each row, the
// user is where the framework's own authentication leaves it.
func TestMistakes(t *testing.T) {
	issuer := newIssuer(t, session.Options{})
	page := func(c *gin.Context) { c.String(http.StatusOK, "page") }
	ginUser := func(c *gin.Context) { c.Set("user", "alice") }
	ginRenew := func(c *gin.Context) {
		if err := issuer.Renew(c.Writer, demo.WithUser(c.Request, c.GetString("user"))); err != nil && !errors.Is(err, session.ErrLost) {
			t.Error(err)
		}
	}
	ginApp := func(handlers ...gin.HandlerFunc) http.Handler {
		router := gin.New()
		router.GET("/", handlers...)
		return router
	}
	echoPage := func(c echo.Context) error { return c.String(http.StatusOK, "page") }
	echoUser := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set("user", "alice")
			return next(c)
		}
	}
	echoRenew := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			user, _ := c.Get("user").(string)
			if err := issuer.Renew(c.Response(), demo.WithUser(c.Request(), user)); err != nil && !errors.Is(err, session.ErrLost) {
				t.Error(err)
			}
			return next(c)
		}
	}
	echoAnswer := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := echoPage(c); err != nil {
				return err
			}
			return next(c)
		}
	}
	echoApp := func(middleware ...echo.MiddlewareFunc) http.Handler {
		router := echo.New()
		router.GET("/", echoPage, middleware...)
		return router
	}
	fiberApp := func(handlers ...any) http.Handler {
		app := fiber.New()
		app.Get("/", handlers[0], handlers[1:]...)
		return adaptor.FiberApp(app)
	}
	fiberUser := func(c fiber.Ctx) error {
		c.Locals("user", "alice")
		return c.Next()
	}
	for _, tt := range []struct {
		name string
		app  http.Handler
		want int // signed cookies
	}{
		{"gin", ginApp(ginUser, ginRenew, page), 4},
		{"gin: around the router", issuer.Handler(ginApp(ginUser, page)), 0},
		{"gin: after the page", ginApp(ginUser, page, ginRenew), 0},
		{"gin: before the authentication", ginApp(ginRenew, ginUser, page), 0},
		{"echo", echoApp(echoUser, echoRenew), 4},
		{"echo: WrapMiddleware", echoApp(echoUser, echo.WrapMiddleware(issuer.Handler)), 0},
		{"echo: after the page", echoApp(echoUser, echoAnswer, echoRenew), 0},
		{"echo: before the authentication", echoApp(echoRenew, echoUser), 0},
		{"fiber: HTTPMiddleware", fiberApp(fiberUser, adaptor.HTTPMiddleware(issuer.Handler), func(c fiber.Ctx) error { return c.SendString("page") }), 0},
	} {
		w := httptest.NewRecorder()
		tt.app.ServeHTTP(w, request(t))
		if n := sessiontest.SignedCookies(w.Result()); n != tt.want || w.Code != http.StatusOK {
			t.Errorf("%s: %d cookies, status %d, want %d and 200", tt.name, n, w.Code, tt.want)
		}
	}
}

// TestAroundLoadAndSave: scs panics.
func TestAroundLoadAndSave(t *testing.T) {
	defer func() {
		if got := recover(); got != "scs: no session data in context" {
			t.Errorf("the panic is %v", got)
		}
	}()
	scs.New().GetString(request(t).Context(), "user")
}

// TestEncryptCookie: Fiber's middleware encrypts signed cookies unless they are excepted.
func TestEncryptCookie(t *testing.T) {
	issuer := newIssuer(t, session.Options{})
	names := []string{"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id", "CloudFront-Hash-Algorithm"}
	for _, except := range [][]string{nil, names} {
		app := fiber.New()
		app.Use(encryptcookie.New(encryptcookie.Config{Key: encryptcookie.GenerateKey(32), Except: except}))
		app.Get("/", func(c fiber.Ctx) error {
			return issuer.Renew(session.HeaderWriter(&c.Response().Header), demo.WithUser(request(t), "alice"))
		})
		w := httptest.NewRecorder()
		adaptor.FiberApp(app).ServeHTTP(w, request(t))
		clear := slices.ContainsFunc(w.Result().Cookies(), func(c *http.Cookie) bool {
			return c.Name == "CloudFront-Key-Pair-Id" && c.Value == "KEXAMPLE"
		})
		if want := except != nil; clear != want {
			t.Errorf("except %v: CloudFront can read the cookies: %t, want %t", except, clear, want)
		}
	}
}

func request(t *testing.T) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, sessiontest.Page, nil)
}
