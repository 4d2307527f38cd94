// SPDX-License-Identifier: Apache-2.0

// Package evidence reads what people have in hand when CloudFront refused a
// request: a URL, a curl command, a Cookie header, a HAR file, a transcript. It
// says what request that was.
//
// Nothing is executed, fetched or opened. The texts hold credentials that work, so
// no error and no note has a part of one in it: all of them are constants of this
// package. Only the reasons of [CookieJar] name domains and paths, which grant nothing.
//
// What a text says is taken as it is, byte for byte, for the damage in it may be why
// the request was refused. Where a tool would send something else than its user
// wrote, a note says so.
package evidence
