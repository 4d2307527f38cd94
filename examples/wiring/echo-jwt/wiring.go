// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// userOf returns the user of the token that echo-jwt has left in Echo's context.
func userOf(c echo.Context) string {
	token, ok := c.Get("user").(*jwt.Token)
	if !ok {
		return ""
	}
	user, _ := token.Claims.GetSubject()
	return user
}

func newApp(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, folders.Grants, session.Options{Attributes: attributes})
	if err != nil {
		return nil, err
	}
	renew := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			// Echo reuses its context for other requests: pass the user on, not the context.
			if err := issuer.Renew(c.Response(), demo.WithUser(c.Request(), userOf(c))); err != nil {
				return unavailable(err)
			}
			return next(c)
		}
	}

	secret := demo.Secret()
	router := echo.New()
	router.Use(echo.WrapMiddleware(http.NewCrossOriginProtection().Handler))
	router.POST("/login", func(c echo.Context) error {
		user, err := userOfForm(c)
		if err != nil {
			return err
		}
		grants, err := folders.Of(user)
		if err == nil {
			err = errors.Join(issuer.IssueFor(c.Response(), c.Request(), grants...), setToken(c, secret, user, signer.Now(), 12*time.Hour))
		}
		return finish(c, err)
	})
	router.POST("/logout", func(c echo.Context) error {
		dropToken(c)
		return finish(c, issuer.Clear(c.Response(), c.Request()))
	})
	router.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, demo.Page(userOf(c))) }, checkToken(secret, signer.Now), renew)
	return router, nil
}
