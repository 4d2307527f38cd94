// SPDX-License-Identifier: Apache-2.0

/*
Package token says who is asking, by the access or ID token of an Amazon Cognito user
pool that a request brings.

[FromRequest] takes the token from the request, [Verifier.Verify] checks it:

	raw, err := token.FromRequest(r)
	...
	user, err := verifier.Verify(r.Context(), raw)

# What is checked

The shape and the size; the algorithm, which is RS256, as Cognito signs with no other;
the signature, by the key in the pool's key set that the header names; the issuer; the
kind of token; the app client (client_id in access tokens, aud in ID tokens); the times;
and the subject, which becomes the name of a folder. A claim that is there twice is
refused, and so are tokens that an app client got for itself.

Every refusal is exactly one of the reasons below. [ErrUnavailable] is none: then Cognito
could not be asked, and the token may be good. No error has any part of a token in it.

# Keys

They come from the issuer's /.well-known/jwks.json, where Cognito's documentation says
that they are, when the first token comes; so a process starts while Cognito is down.
They are kept for an hour at most, and fetched again after ten minutes of use. A key
that is not known is looked for at most every ten seconds, so that forged tokens do not
become a flood at Cognito.
*/
package token
