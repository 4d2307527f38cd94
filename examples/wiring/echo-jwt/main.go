// SPDX-License-Identifier: Apache-2.0

// Echo-jwt gives users signed cookies behind Echo and the JSON Web Tokens of
// labstack/echo-jwt, which are in a cookie. It is written for Echo 4. With Echo 5 and its
// echo-jwt the bridge is the same, and a handler takes *echo.Context.
package main

import "github.com/cfsign/cfsign/examples/wiring/internal/demo"

func main() { demo.Run(newApp) }
