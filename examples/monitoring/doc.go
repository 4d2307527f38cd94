// SPDX-License-Identifier: Apache-2.0

// Package monitoring has hooks for the library's Observe options, to copy from: for
// log/slog, expvar, OpenTelemetry and Prometheus. docs/monitoring.md explains them.
package monitoring
