// SPDX-License-Identifier: Apache-2.0

// Package migrate has the code of docs/migrate.md. Packages before and after are a program with
// the AWS SDK for Go, and the same program with this library. Links is the same for the
// programs with botocore and with two packages of npm.
package migrate
