// SPDX-License-Identifier: Apache-2.0

/*
Package awslocal is a local server with the parts of KMS, Secrets Manager, SSM Parameter
Store and CloudFront's control plane that keys need, and with the part of DynamoDB that a
store of signatures needs. Tests and examples use it through AWS's own clients. It enforces
the rules of the services, and fails on request.

A [Server] is an http.Handler, and each service adds its operations to it. Errors have the
type and form that the service gives them, so that clients treat them as real ones.
*/
package awslocal
