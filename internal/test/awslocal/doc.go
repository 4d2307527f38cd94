// SPDX-License-Identifier: Apache-2.0

/*
Package awslocal is a server on loopback that speaks as much of AWS's JSON protocol as
keys need: of KMS, Secrets Manager and SSM Parameter Store. Tests and examples drive it
with AWS's own clients. It holds callers to the services' rules and fails on request.

A [Server] is an http.Handler; the services add their operations to it. Where a rule is
that of a service, its error has the service's type and form, so that the clients make
of it what they make of the real one.
*/
package awslocal
