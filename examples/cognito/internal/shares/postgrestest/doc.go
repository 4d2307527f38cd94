// SPDX-License-Identifier: Apache-2.0

// Package postgrestest starts a PostgreSQL server for tests: of the programs in Debian's package
// postgresql, in a temporary folder, on a Unix socket there, with a password. Tests are skipped where
// the programs are missing, and fail if CI=true.
package postgrestest
