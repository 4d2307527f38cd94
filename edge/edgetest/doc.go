// SPDX-License-Identifier: Apache-2.0

/*
Package edgetest runs a CloudFront distribution in a test: a server on loopback
with TLS, a client for which every host name leads to it, a key pair that the
distribution trusts with a signer for it, a cookie jar, and a clock that the test
moves. Where an expectation fails, the test says why the edge decided as it did.

[New] takes the origin, and everything on it is private. [NewDistribution] takes a
whole configuration; its behaviors that are not public and trust no key trust the
server's. With [Server.Handle] the application that issues the cookies gets a host
name beside the distribution's, so that a test can log in and fetch as a browser does.
*/
package edgetest
