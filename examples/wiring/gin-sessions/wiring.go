// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/http"

	"github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func userOf(c *gin.Context) string {
	user, _ := sessions.Default(c).Get("user").(string)
	return user
}

func newApp(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, folders.Grants, session.Options{Attributes: attributes})
	if err != nil {
		return nil, err
	}
	renew := func(c *gin.Context) {
		// Gin reuses its context for other requests: pass the user on, not the context.
		if err := issuer.Renew(c.Writer, demo.WithUser(c.Request, userOf(c))); err != nil {
			demo.Failed(c.Writer, c.Request, err)
			c.Abort()
		}
	}

	router := gin.New()
	router.Use(sessions.Sessions("__Host-session", newStore()))
	router.POST("/login", func(c *gin.Context) {
		user := demo.Login(c.Writer, c.Request)
		if user == "" {
			return
		}
		grants, err := folders.Of(user)
		if err == nil {
			sessions.Default(c).Set("user", user)
			err = errors.Join(issuer.IssueFor(c.Writer, c.Request, grants...), sessions.Default(c).Save())
		}
		demo.Finish(c.Writer, c.Request, err)
	})
	router.POST("/logout", func(c *gin.Context) {
		err := issuer.Clear(c.Writer, demo.WithUser(c.Request, userOf(c))) // while the user is known
		sessions.Default(c).Clear()
		demo.Finish(c.Writer, c.Request, errors.Join(err, sessions.Default(c).Save()))
	})
	router.GET("/", renew, func(c *gin.Context) { c.String(http.StatusOK, "%s", demo.Page(userOf(c))) })
	return http.NewCrossOriginProtection().Handler(router), nil
}
