// SPDX-License-Identifier: Apache-2.0

// Gin-jwt gives users signed cookies behind Gin and the JSON Web Tokens of
// appleboy/gin-jwt, which are in a cookie.
package main

import "github.com/cfsign/cfsign/examples/wiring/internal/demo"

func main() { demo.Run(newApp) }
