// SPDX-License-Identifier: Apache-2.0

// Package wiring has one program for each way to put the issuer of package session
// behind an authentication. In each folder wiring.go is all that joins the two, and
// docs/cookbook.md says what can go wrong. The programs have in common what your
// application has already: internal/demo.
//
//	go run ./examples/wiring/nethttp-scs
//	curl -i -d user=alice http://127.0.0.1:8080/login
//
// A browser takes these cookies over TLS alone, and from hosts of example.com.
package wiring
