// SPDX-License-Identifier: Apache-2.0

/*
Package session adds CloudFront signed cookies to the authentication of a web application.
It sets the cookies at login, renews them before they expire, changes them when the grants
of the user change, and removes them at logout.

	issuer, err := session.New(signer, func(r *http.Request) ([]session.Grant, error) {
		user := userOf(r) // from your authentication
		if user == "" {
			return nil, nil // not logged in
		}
		folder, err := policy.Under("https://cdn.example.com/users", user)
		return []session.Grant{{Resource: folder}}, err
	}, session.Options{Attributes: sign.CookieAttributes{Domain: "example.com"}})

At every page, the middleware sets, renews or removes the cookies if it must. This is enough if
a page behind it follows the login and the logout. If no such page follows, as after a status
204, an answer to a script or a redirect to another host, call the issuer at login and logout as
well. At logout, also call it if your application has several hosts: see [Issuer.Clear].
Otherwise these calls do no harm:

	mux.Handle("/", authenticate(issuer.Handler(app))) // every page
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		grants, err := logIn(w, r)
		if err == nil {
			err = issuer.IssueFor(w, r, grants...)
		}
		answer(w, err)
	})
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		answer(w, errors.Join(logOut(w, r), issuer.Clear(w, r)))
	})

If the authentication is inside a framework's router, as with Gin or Echo, call
[Issuer.Renew] there before the page, instead of using the middleware. For servers other
than net/http's, such as Fiber and Lambda, pass a [HeaderWriter]. The page docs/cookbook.md
has the code for each framework.

# Grants and folders

A [Grant] allows a user to fetch the files of one folder. CloudFront's cookies have fixed
names, so the cookies of two folders must differ in their Path. No folder may be inside
another, because browsers would send the cookies of both. A user can have at most ten
grants. "Viewer" is CloudFront's word for the user's browser.

Browsers do not send the cookies of /users/alice/ to your application's pages, so an issuer
notes in a cookie of its own, the state cookie, what it has set: see [Options].StateCookie.
An issuer closes a folder by removing its CloudFront-Signature cookie, because CloudFront
refuses a request without it.

Proxies limit the header of a response, so the cookies of several folders may need several
responses: see [Options].HeaderBudget. Closing comes first.

# Guarantees

If the grants are unknown or signing fails, the response sets no signed cookies, and the
error says why. If the grants are known, the response still closes the folders that are not
among them.

Every response with signed cookies has the header Cache-Control: private, no-store, and no
other header that lets a cache keep it. Behind the middleware, your handler cannot change
that. If CloudFront is in front of your application, set the minimum TTL of the cache
behavior to 0, or CloudFront caches such responses in spite of the header ("Manage how long
content stays in the cache (expiration)",
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html). Such a
behavior must also forward Host and all cookies, or no login and no state cookie arrives: use
the origin request policy AllViewer.

# Limitations

If a user has copied the cookies, the copies work until they expire, even if the user
loses the grants. Choose a lifetime that is short enough for that.

If the cookies are current, the issuer does not touch the response, and sets no
Cache-Control. You should mark pages for users as private yourself: a page from a cache does
not reach the issuer, so a folder that the user has lost stays open in the meantime.

Some folders stay open after a logout: see [Issuer.Clear]. Some logins need a redirect: see
[ErrCrossSite]. Some responses lose their cookies: see [Issuer.Handler].
*/
package session
