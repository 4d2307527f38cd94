// SPDX-License-Identifier: Apache-2.0

// Echo is an application at app.example.com that gives its users signed cookies for
// their files at cdn.example.com, with the router of Echo and the sessions of scs as
// the authentication. Run it, and see what a login sets:
//
//	go run ./examples/echo
//	curl -i -d user=alice http://127.0.0.1:8080/login
//
// A browser takes these cookies over TLS alone, and from hosts of example.com.
package main

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v5"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

func main() {
	signer, err := newSigner()
	if err != nil {
		log.Fatal(err)
	}
	app, err := newApp(signer)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: app, ReadHeaderTimeout: 10 * time.Second}
	log.Print("listening on http://", server.Addr)
	log.Fatal(server.ListenAndServe())
}

// folder is what a user may fetch. Nothing in the name can widen it.
func folder(user string) (policy.Resource, error) {
	return policy.Under("https://cdn.example.com/users", user)
}

// newApp returns the application.
func newApp(signer *sign.Signer) (http.Handler, error) {
	sessions := scs.New()
	sessions.Cookie.Name, sessions.Cookie.Secure = "__Host-session", true // for this host alone
	rights := func(r *http.Request) ([]session.Grant, error) {
		user := sessions.GetString(r.Context(), "user")
		if user == "" {
			return nil, nil
		}
		own, err := folder(user)
		return []session.Grant{{Resource: own}}, err
	}
	issuer, err := session.New(signer, rights, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		return nil, err
	}
	// finish ends a login or logout on the page.
	finish := func(c *echo.Context, err error) error {
		if err != nil {
			return echo.NewHTTPError(http.StatusServiceUnavailable, "try again later").Wrap(err)
		}
		return c.Redirect(http.StatusSeeOther, "/")
	}

	router := echo.New()
	router.POST("/login", func(c *echo.Context) error {
		user := c.FormValue("user") // in a demo, believed without a password
		if _, err := folder(user); err != nil {
			return echo.NewHTTPError(http.StatusBadRequest, "there can be no such user")
		}
		err := sessions.RenewToken(c.Request().Context()) // against session fixation
		if err == nil {
			sessions.Put(c.Request().Context(), "user", user)
			err = issuer.Issue(c.Response(), c.Request())
		}
		return finish(c, err)
	})
	router.POST("/logout", func(c *echo.Context) error {
		return finish(c, errors.Join(issuer.Clear(c.Response(), c.Request()), sessions.Destroy(c.Request().Context())))
	})
	router.GET("/", func(c *echo.Context) error {
		if err := session.Failure(c.Request().Context()); err != nil {
			return echo.NewHTTPError(http.StatusServiceUnavailable, "your files cannot be shown at the moment").Wrap(err)
		}
		return c.String(http.StatusOK, fmt.Sprintf("the files of %q\n", sessions.GetString(c.Request().Context(), "user")))
	}, echo.WrapMiddleware(issuer.Handler))

	// SameSite does not stop forms on pages of the CDN, which is the same site.
	return sessions.LoadAndSave(http.NewCrossOriginProtection().Handler(router)), nil
}
