// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	"github.com/labstack/echo/v4"
)

// The prefix __Host- makes the cookie for this host only.
const tokenCookie = "__Host-jwt"

// checkToken refuses requests without a valid token. It accepts only HS256.
func checkToken(secret []byte, now func() time.Time) echo.MiddlewareFunc {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now))
	return echojwt.WithConfig(echojwt.Config{
		TokenLookup: "cookie:" + tokenCookie, ContextKey: "user",
		ParseTokenFunc: func(_ echo.Context, token string) (any, error) {
			return parser.Parse(token, func(*jwt.Token) (any, error) { return secret, nil })
		},
	})
}

func setToken(c echo.Context, secret []byte, user string, now time.Time, lifetime time.Duration) error {
	claims := jwt.RegisteredClaims{Subject: user, ExpiresAt: jwt.NewNumericDate(now.Add(lifetime))}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		return err
	}
	c.SetCookie(&http.Cookie{
		Name: tokenCookie, Value: token, Path: "/", MaxAge: int(lifetime / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

func dropToken(c echo.Context) {
	c.SetCookie(&http.Cookie{Name: tokenCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
}
