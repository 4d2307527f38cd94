// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"time"

	jwt "github.com/appleboy/gin-jwt/v2"
	"github.com/gin-gonic/gin"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func newApp(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, folders.Grants, session.Options{Attributes: attributes})
	if err != nil {
		return nil, err
	}
	renew := func(c *gin.Context) {
		// Gin reuses its context for other requests: pass the user on, not the context.
		if err := issuer.Renew(c.Writer, demo.WithUser(c.Request, c.GetString("user"))); err != nil {
			demo.Failed(c.Writer, c.Request, err)
			c.Abort()
		}
	}

	tokens, err := jwt.New(&jwt.GinJWTMiddleware{
		SigningAlgorithm: "HS256", Key: demo.Secret(), Timeout: 12 * time.Hour, TimeFunc: signer.Now, IdentityKey: "user",
		SendCookie: true, CookieName: "__Host-jwt", TokenLookup: "cookie:__Host-jwt", // for this host alone
		SecureCookie: true, CookieHTTPOnly: true, CookieSameSite: http.SameSiteLaxMode,
		Authenticator: authenticate,
		PayloadFunc:   func(user any) jwt.MapClaims { return jwt.MapClaims{"user": user} },
		LoginResponse: func(c *gin.Context, _ int, _ string, _ time.Time) {
			grants, err := folders.Of(c.GetString("user"))
			if err == nil {
				err = issuer.IssueFor(c.Writer, c.Request, grants...)
			}
			demo.Finish(c.Writer, c.Request, err)
		},
		LogoutResponse: func(c *gin.Context, _ int) {
			demo.Finish(c.Writer, c.Request, issuer.Clear(c.Writer, c.Request))
		},
	})
	if err != nil {
		return nil, err
	}
	router := gin.New()
	router.POST("/login", tokens.LoginHandler)
	router.POST("/logout", tokens.LogoutHandler)
	router.GET("/", tokens.MiddlewareFunc(), renew, func(c *gin.Context) { c.String(http.StatusOK, "%s", demo.Page(c.GetString("user"))) })
	return http.NewCrossOriginProtection().Handler(router), nil
}

// authenticate leaves the user for LoginResponse, which gets no more than the token.
func authenticate(c *gin.Context) (any, error) {
	user := c.PostForm("user") // the demo asks for no password
	c.Set("user", user)
	return user, demo.CheckUser(user)
}
