// SPDX-License-Identifier: Apache-2.0

// Fiber-session gives users signed cookies behind Fiber and its session middleware.
package main

import (
	"log"

	"github.com/gofiber/fiber/v3"

	"github.com/cfsign/cfsign/examples/wiring/internal/demo"
)

func main() {
	signer, folders, listener := demo.Start()
	app, err := newApp(signer, folders)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true}))
}
