// SPDX-License-Identifier: Apache-2.0

// Package wiring has a program for each common authentication, with the issuer of package
// session behind it. In each folder, wiring.go has all the code that connects the two, and
// cookies_test.go is a test for you to copy. docs/cookbook.md says what can go wrong. What your
// application already has is in internal/demo.
//
//	go run ./examples/wiring/nethttp-scs
//	curl -i -d user=alice http://127.0.0.1:8080/login
//
// A browser accepts these cookies only over TLS and from hosts of example.com.
package wiring
