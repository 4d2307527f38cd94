// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
	"github.com/cfsign/cfsign/examples/wiring/internal/wiringtest"
	"github.com/cfsign/cfsign/sign"
)

func TestApp(t *testing.T) {
	wiringtest.Test(t, func(signer *sign.Signer, folders *demo.Folders) (http.Handler, error) {
		app, err := newApp(signer, folders)
		if err != nil {
			return nil, err
		}
		return adaptor.FiberApp(app), nil
	})
}
