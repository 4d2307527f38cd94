// SPDX-License-Identifier: Apache-2.0

/*
Package edgetest runs a CloudFront distribution in a test: a server on loopback
with TLS, a client for which every host name leads to it, a key pair that the
distribution trusts with a signer for it, a cookie jar, and a clock that the test
moves. Where an expectation fails, the test says why the edge decided as it did.

[New] takes the origin, and everything on it is private. [NewDistribution] takes a
whole configuration; its behaviors that are not public and name no key group trust
the server's. [Server.Handle] gives the application that issues the cookies a host
name beside the distribution's, so that a test can log in and fetch files as a browser
does. [Viewer] has the expectations; the server is the first viewer, and
[Server.NewViewer] makes others.
*/
package edgetest
