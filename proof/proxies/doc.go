// SPDX-License-Identifier: Apache-2.0

// Package proxies proves that package session works behind real reverse proxies and in
// real browsers. It has only tests. README.md says how to run them.
package proxies
