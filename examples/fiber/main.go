// SPDX-License-Identifier: Apache-2.0

// Fiber is an application at app.example.com that gives its users signed cookies for
// their files at cdn.example.com, with Fiber and its sessions as the authentication.
// Run it, and see what a login sets:
//
//	go run ./examples/fiber
//	curl -i -d user=alice http://127.0.0.1:8080/login
//
// A browser takes these cookies over TLS alone, and from hosts of example.com.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/extractors"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	logins "github.com/gofiber/fiber/v3/middleware/session"

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
	log.Fatal(app.Listen("127.0.0.1:8080"))
}

// folder is what a user may fetch. Nothing in the name can widen it.
func folder(user string) (policy.Resource, error) {
	return policy.Under("https://cdn.example.com/users", user)
}

// userKey is that of the user in the context of the requests that the issuer gets.
type userKey struct{}

func rights(r *http.Request) ([]session.Grant, error) {
	user, _ := r.Context().Value(userKey{}).(string)
	if user == "" {
		return nil, nil
	}
	own, err := folder(user)
	return []session.Grant{{Resource: own}}, err
}

// set sets the cookies of one of the issuer's methods for a user.
func set(c fiber.Ctx, user string, method func(http.ResponseWriter, *http.Request) error) error {
	r, err := adaptor.ConvertRequest(c, true)
	if err != nil {
		return err
	}
	err = method(session.HeaderWriter(&c.Response().Header), r.WithContext(context.WithValue(c.Context(), userKey{}, user)))
	if err != nil {
		log.Print(err)
		return fiber.NewError(fiber.StatusServiceUnavailable, "your files cannot be shown at the moment")
	}
	return nil
}

// newApp returns the application.
func newApp(signer *sign.Signer) (*fiber.App, error) {
	issuer, err := session.New(signer, rights, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})
	if err != nil {
		return nil, err
	}

	app := fiber.New(fiber.Config{Immutable: true}) // a user's name outlives the request
	// SameSite does not stop forms on pages of the CDN, which is the same site.
	app.Use(adaptor.HTTPMiddleware(http.NewCrossOriginProtection().Handler))
	app.Use(logins.New(logins.Config{
		Extractor:    extractors.FromCookie("__Host-session"), // for this host alone
		CookieSecure: true, CookieHTTPOnly: true, CookiePath: "/",
	}))
	app.Post("/login", func(c fiber.Ctx) error {
		user := c.FormValue("user") // in a demo, believed without a password
		if _, err := folder(user); err != nil {
			return fiber.NewError(fiber.StatusBadRequest, "there can be no such user")
		}
		login := logins.FromContext(c)
		if err := login.Regenerate(); err != nil { // against session fixation
			return err
		}
		login.Set("user", user)
		if err := set(c, user, issuer.Issue); err != nil {
			return err
		}
		return c.Redirect().Status(fiber.StatusSeeOther).To("/")
	})
	app.Post("/logout", func(c fiber.Ctx) error {
		if err := errors.Join(set(c, "", issuer.Clear), logins.FromContext(c).Destroy()); err != nil {
			return err
		}
		return c.Redirect().Status(fiber.StatusSeeOther).To("/")
	})
	app.Get("/", func(c fiber.Ctx) error {
		user, _ := logins.FromContext(c).Get("user").(string)
		if err := set(c, user, issuer.Renew); err != nil {
			return err
		}
		return c.SendString(fmt.Sprintf("the files of %q\n", user))
	})
	return app, nil
}
