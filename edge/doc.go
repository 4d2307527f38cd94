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
    with SHA-1 allowed as CloudFront does: 403 with an XML body. Each request is
    checked for itself, one for a range of bytes or a preflight like any other.
 6. The origin gets the request, without the signing parameters and cookies.

CloudFront's pages do not say in which order 3, 4 and 5 come, which behavior the
default root object belongs to, or whether an origin may read a path as another
one than CloudFront did. Where two readings select two behaviors, the request is
refused.

# Explanations

With [Config.Debug] every response says in the header [ExplanationHeader] what was
decided and why, and so does a log line. Neither has the credential in it.
CloudFront does nothing of the kind: whoever is refused would learn what to try
next.
*/
package edge
