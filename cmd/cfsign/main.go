// SPDX-License-Identifier: Apache-2.0

// Cfsign signs for Amazon CloudFront and finds out why CloudFront said no.
//
//	cfsign url      signed URLs
//	cfsign cookies  signed cookies
//	cfsign verify   what CloudFront would decide
//	cfsign explain  why it is a 403, without any key
//	cfsign keygen   a new key pair
//	cfsign edge     a local CloudFront
//	cfsign policy   which URLs a pattern covers
//
// See cfsign help, and the help of each command.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
