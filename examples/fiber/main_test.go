// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/cfsign/cfsign/internal/sessiontest"
	"github.com/cfsign/cfsign/sign"
)

func TestApp(t *testing.T) {
	sessiontest.Test(t, sessiontest.App{
		New: func(signer *sign.Signer) (http.Handler, error) {
			app, err := newApp(signer)
			if err != nil {
				return nil, err
			}
			return adaptor.FiberApp(app), nil
		},
		OwnCookie: "__Host-session", // of Fiber's middleware
	})
}
