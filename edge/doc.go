// SPDX-License-Identifier: Apache-2.0

/*
Package edge is a CloudFront distribution that runs in your own process: an
[http.Handler] with cache behaviors, trusted key groups, a viewer protocol policy
and origins, which lets requests through or refuses them as CloudFront does.

Make a [Distribution] of a [Config] with [New], and put it behind a server. For
tests there is package edgetest, which brings the server, a key and a client.

It is for development and tests. It has no cache, no compression, no WAF, no
functions and no geographic restrictions, and nothing in it was compared with a
live distribution.

# What is decided here

For each request, in this order:

 1. A URL of more than 8,192 bytes, or a request line with headers of more than
    20,480, is answered with 413, and the connection is closed.
 2. The path, normalized as RFC 3986 has it, selects the first [Behavior] whose
    path pattern matches, or the default one.
 3. The behavior's viewer protocol policy: 403, or a redirect to https.
 4. Its allowed methods: 403.
 5. Unless it is public, the signed URL or the signed cookies, by package verify,
    with SHA-1 allowed as CloudFront does: 403 with an XML body. Every request is
    checked by itself, range requests and preflights included.
 6. The origin gets the request, without the signed cookies and, unless the behavior
    is public, without the signing parameters.

CloudFront's pages do not say in which order 3, 4 and 5 come, or which behavior the
default root object belongs to; and an origin may read a path as another one than
CloudFront did: decode it, or take a backslash for a slash. Where readings in use
select different behaviors, the request is refused. File systems that ignore case
are not among them.

# Where to put it

The request line, the Host header and the connection decide, so a Distribution has to
be the first to see a request. Behind a handler that changes the URL, such as
http.StripPrefix, it answers 400. Behind a proxy that ends TLS, set r.TLS and
r.RemoteAddr to what the proxy says before; see the example of
[Distribution.ServeHTTP].

# Explanations

With [Config.Debug] every response says in the header [ExplanationHeader] what was
decided and why, and so does a log line. Neither contains the credential or a query,
but both have the path. CloudFront does nothing of the kind: it would tell those who
are refused what to try next.
*/
package edge
