// SPDX-License-Identifier: Apache-2.0

// Nethttp-jwt gives users signed cookies behind the router of net/http and golang-jwt, with
// JSON Web Tokens in a cookie.
package main

import "github.com/cfsign/cfsign/examples/wiring/internal/demo"

func main() { demo.Run(newApp) }
