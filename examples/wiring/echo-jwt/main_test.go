// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
)

func TestApp(t *testing.T) { wiringtest.Test(t, newApp) }

func TestTokens(t *testing.T) { wiringtest.TestTokens(t, tokenCookie, newApp) }

func TestUserOf(t *testing.T) {
	wiringtest.TestUserOf(t, tokenCookie, func(secret []byte, now func() time.Time, r *http.Request) (user string) {
		router := echo.New()
		router.GET("/", func(c echo.Context) error {
			user = userOf(c)
			return nil
		}, checkToken(secret, now))
		router.ServeHTTP(httptest.NewRecorder(), r)
		return user
	})
}
