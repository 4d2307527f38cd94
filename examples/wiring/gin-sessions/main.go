// SPDX-License-Identifier: Apache-2.0

// Gin-sessions gives users signed cookies behind Gin and gin-contrib/sessions.
package main

import "github.com/cfsign/cfsign/examples/wiring/internal/demo"

func main() { demo.Run(newApp) }
