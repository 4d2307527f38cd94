// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/extractors"
	logins "github.com/gofiber/fiber/v3/middleware/session"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
)

// newLogins returns Fiber's sessions, with a cookie for this host only. By default, they end
// after 30 minutes without a request, and the next page removes the signed cookies.
func newLogins() fiber.Handler {
	return logins.New(logins.Config{
		IdleTimeout:  12 * time.Hour,
		Extractor:    extractors.FromCookie("__Host-session"),
		CookieSecure: true, CookieHTTPOnly: true, CookiePath: "/",
	})
}

// userOf returns the logged-in user, or "".
func userOf(c fiber.Ctx) string {
	user, _ := logins.FromContext(c).Get("user").(string)
	return user
}

// userOfForm returns the user of the login form. The demo asks for no password.
func userOfForm(c fiber.Ctx) (string, error) {
	user := c.FormValue("user")
	if demo.CheckUser(user) != nil {
		return "", fiber.NewError(fiber.StatusBadRequest, demo.ErrUser.Error())
	}
	return user, nil
}

// finish ends a login or logout: on the page, or with an error.
func finish(c fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect().Status(fiber.StatusSeeOther).To("/")
}
