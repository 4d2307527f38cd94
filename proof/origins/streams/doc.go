// SPDX-License-Identifier: Apache-2.0

// Package streams proves that WebSockets and event streams work behind the library's
// handlers as they do without them. It has only tests, and needs no programs.
package streams
