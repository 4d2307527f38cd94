// SPDX-License-Identifier: Apache-2.0

// Hsm signs with a private key that never leaves a PKCS#11 token: an HSM, a smart
// card, or SoftHSM2, which is one in software.
//
//	go run ./examples/keys/hsm
//
// makes a token in SoftHSM2 with two key pairs, and shows that what they sign opens
// private files behind a local CloudFront, and that nobody can take them out. With
// a token of your own, the first of these prints the public key for CloudFront, and
// the second one signed URL. Both ask for the PIN, or read it from standard input:
//
//	go run ./examples/keys/hsm -module FILE -token LABEL -key LABEL
//	go run ./examples/keys/hsm -module FILE -token LABEL -key LABEL -key-pair-id ID -url URL
//
// What to copy is in token.go, key.go and reasons.go.
//
// PKCS#11 modules are libraries in C, so all this needs cgo and a C compiler. Without
// them the program only says so.
package main
