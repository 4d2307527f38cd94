// SPDX-License-Identifier: Apache-2.0

// Package peers compares what this library signs with what other signers do: those of
// AWS for Python, JavaScript and Go, two others that are in use, and OpenSSL. It has
// tests only; README.md says how to run them.
package peers
