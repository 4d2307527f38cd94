// SPDX-License-Identifier: Apache-2.0

/*
Package issuer is an OpenID issuer on loopback whose tokens have the claims of Amazon
Cognito's, so that the example runs without AWS, and tests have tokens that no pool
would issue.

An [Issuer] is an http.Handler with three resources below its URL:

	GET  /.well-known/openid-configuration   what a client discovers
	GET  /.well-known/jwks.json              the public keys
	POST /token                              user and password give an access and an ID token

The last one is not Cognito's: it stands for the sign-in of its SDKs and pages. The
passwords of [DemoUsers] are in this source, and everybody knows them. So an issuer
answers on loopback alone, and only under the host of its URL, which a page that a
browser has open somewhere cannot forge.

It logs and prints nothing.
*/
package issuer
