// SPDX-License-Identifier: Apache-2.0

// Nethttp-scs gives users signed cookies behind the router of net/http and the sessions
// of alexedwards/scs.
package main

import "github.com/cfsign/cfsign/examples/wiring/internal/demo"

func main() { demo.Run(newApp) }
