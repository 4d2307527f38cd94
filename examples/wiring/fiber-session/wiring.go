// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"log"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	logins "github.com/gofiber/fiber/v3/middleware/session"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/session"
	"github.com/cfsign/cfsign/sign"
)

// with calls a method of the issuer: it writes into the header of Fiber's response.
func with(c fiber.Ctx, user string, method func(http.ResponseWriter, *http.Request) error) error {
	r, err := adaptor.ConvertRequest(c, true)
	if err != nil {
		return err
	}
	err = method(session.HeaderWriter(&c.Response().Header), demo.WithUser(r, user))
	if err != nil {
		log.Print(err)
		return fiber.NewError(fiber.StatusServiceUnavailable, demo.Unavailable)
	}
	return nil
}

func newApp(signer *sign.Signer, folders *demo.Folders) (*fiber.App, error) {
	attributes := sign.CookieAttributes{Domain: "example.com"}
	issuer, err := session.New(signer, folders.Grants, session.Options{Attributes: attributes})
	if err != nil {
		return nil, err
	}

	app := fiber.New(fiber.Config{Immutable: true}) // a user's name outlives the request
	app.Use(adaptor.HTTPMiddleware(http.NewCrossOriginProtection().Handler))
	app.Use(newLogins())
	app.Post("/login", func(c fiber.Ctx) error {
		user, err := userOfForm(c)
		if err != nil {
			return err
		}
		login := logins.FromContext(c)
		if err := login.Regenerate(); err != nil { // against session fixation
			return err
		}
		login.Set("user", user)
		return finish(c, with(c, user, issuer.Issue))
	})
	app.Post("/logout", func(c fiber.Ctx) error {
		return finish(c, errors.Join(with(c, userOf(c), issuer.Clear), logins.FromContext(c).Destroy()))
	})
	app.Get("/", func(c fiber.Ctx) error {
		if err := with(c, userOf(c), issuer.Renew); err != nil {
			return err
		}
		return c.SendString(demo.Page(userOf(c)))
	})
	return app, nil
}
