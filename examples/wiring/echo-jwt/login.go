// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
)

// userOfForm returns the user of the login form. The demo asks for no password.
func userOfForm(c echo.Context) (string, error) {
	user := c.FormValue("user")
	if demo.CheckUser(user) != nil {
		return "", echo.NewHTTPError(http.StatusBadRequest, demo.ErrUser.Error())
	}
	return user, nil
}

// finish ends a login or logout: on the page, or with an error.
func finish(c echo.Context, err error) error {
	if err != nil {
		return unavailable(err)
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

func unavailable(err error) error {
	return echo.NewHTTPError(http.StatusServiceUnavailable, demo.Unavailable).SetInternal(err)
}
