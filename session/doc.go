// SPDX-License-Identifier: Apache-2.0

/*
Package session keeps the signed cookies of a viewer right for as long as a login
lasts, behind any authentication: set at login, renewed before they expire, narrowed
or widened when rights change, and cleared at logout with the attributes with which
they were set.

[New] takes a signer and a function that says what the user of a request may fetch.
[Issuer.Handler] is the middleware, to be put behind the authentication: it sets cookies
where they are missing, about to expire, or for other rights than the user now has, and
otherwise does nothing. [Issuer.Issue] sets them at login, [Issuer.Clear] removes them at
logout. For servers that are not of net/http there are [Issuer.Renewal],
[Issuer.Cookies] and [Issuer.Removal], which return the cookies.

# Several folders

CloudFront's cookies have fixed names, so those for several folders have to differ in
Path, and no folder may be in another. An application does not get to see cookies for
other paths than its own. That is why there is a cookie for the state: it says until
when, for which rights and on which paths cookies were set. It gives access to
nothing, and who changes it only harms himself.

# What is guaranteed

All cookies are there or none: if the rights or a signature cannot be had, the response
gets no cookie, and the error says which it was. Every response with signed
cookies has the header Cache-Control: private, no-store; behind the middleware whatever
the handler sets. A cache behavior of CloudFront in front of the application needs a
minimum TTL of 0, or it caches all the same.

What was set at one host of the application is not known at another, nor what another
request sets at the same time as a logout: such cookies end when they expire.

Rights that are taken away end for viewers who keep their old cookies only when these
expire. Keep the lifetime as short as that may take.
*/
package session
