// SPDX-License-Identifier: Apache-2.0

/*
Package controlplanes compares the local CloudFront and DynamoDB of the tests, in
internal/test/awslocal, with kumo, an emulator of AWS by other people. Both get the same
calls of AWS's own client. Where they differ, the table says why, with a source.
*/
package controlplanes
