// SPDX-License-Identifier: Apache-2.0

/*
Package session keeps the signed cookies of a viewer right for as long as a login
lasts, behind any authentication: it sets them at login, renews them before they expire,
follows the grants when they change, and removes them at logout.

	issuer, err := session.New(signer, func(r *http.Request) ([]session.Grant, error) {
		user := userOf(r) // as your authentication has left it there
		if user == "" {
			return nil, nil
		}
		folder, err := policy.Under("https://cdn.example.com/users", user)
		return []session.Grant{{Resource: folder}}, err
	}, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})

	mux.Handle("/", authenticate(issuer.Handler(app))) // on every page
	err = issuer.IssueFor(w, r, grants...)             // at login
	err = issuer.Clear(w, r)                           // at logout

[Issuer.Handler] is the middleware for net/http. If the authentication is inside of a
framework's router, such as Gin's or Echo's, call [Issuer.Renew] there instead, before
the page. For servers that are not of net/http, such as Fiber and Lambda, pass it a
[HeaderWriter]. The page docs/cookbook.md has the lines for each framework.

# Several folders

CloudFront's cookies have fixed names, so the cookies of several folders must differ in
their Path, and no folder may be inside another. An application does not see cookies for
other paths than its own. That is why there is a state cookie: it says until when, for
which grants and on which paths cookies were set. It gives access to nothing, and a
viewer who changes it harms nobody else.

# Large headers

Proxies limit the header of a response: nginx takes 4 KiB with its default settings, and
answers 502 to more. The cookies of one folder are about 1 KiB, or 1.2 KiB with RSA. So
an issuer writes at most Options.HeaderBudget bytes to one response. The rest follows with
the next responses, which the state cookie remembers: a user with four folders has two or
three of them after the first page, and all of them after the second. The signatures of
folders that the user has lost are removed first, because CloudFront refuses without them:
a response always closes all that it must close. [Options] and grants with which that does
not fit are refused with [ErrHeader].

# Guarantees

If the grants are unknown or the key fails, the response sets no signed cookie, and the
error says why. Folders for which the user has no grant are closed all the same, if the
grants are known. Every response with signed cookies has the header Cache-Control: private,
no-store, and no header for caches that says something else; behind the middleware
whatever the handler sets. A cache behavior of CloudFront in front of the application
needs a minimum TTL of 0, or it caches the response all the same.

Cookies that do not reach the viewer are reported to Options.Observe, as far as an
http.ResponseWriter tells it.

# Limits

After a deployment with other attributes, it may take several responses until folders that
a user has lost are closed: each signature is removed with the former attributes as well.

The state of one host of the application is not known to another. [Issuer.Clear] removes
what the grants of the user name as well, so only folders that the user has lost since
stay open there until their cookies expire. The same is true of cookies that another
request sets at the same time as a logout or a change of the grants, and of what was set
under another Options.StateCookie.

Browsers send no state cookie with a form of another site, which is how identity providers
log in with SAML or form_post. [Issuer.Issue] returns [ErrCrossSite] then: redirect to a
page of your own first.

A handler that takes over the connection, such as a WebSocket, sends no cookies: its viewer
gets them with another response. A middleware outside of the issuer that discards the
response, such as [http.TimeoutHandler], discards the cookies too, and they come with the
next one.

A response that needs no cookies has no Cache-Control of this package. If a cache keeps
pages, the issuer does not see their requests, and a folder that the user has lost stays
open meanwhile: mark pages for users as private.

A viewer who keeps the old cookies can use them until they expire, whatever happens to
the grants. Choose a lifetime that is short enough for that.
*/
package session
