// SPDX-License-Identifier: Apache-2.0

/*
Package edgetest runs a CloudFront distribution in your test: a server on loopback with TLS,
and a client that reaches it under every host name.

	cdn := edgetest.New(t, photos)
	link := cdn.SignedURL(t, "https://cdn.example.com/a.jpg", time.Hour)
	cdn.Allowed(t, link)

	cdn.Clock.Advance(time.Hour)
	cdn.Denied(t, link, verify.ErrExpired)

Use the URLs of production: a viewer reaches the server under every host name. With [Server.Handle],
your application gets its own host name, so a test logs in and fetches files as a browser does. Pass
[Server.Signer] to the application instead of the signer with your key:

	cdn := edgetest.New(t, photos)
	cdn.Handle("app.example.com", newApp(cdn.Signer)) // your application

	cdn.PostForm(t, "https://app.example.com/login", url.Values{"user": {"alice"}})
	cdn.Allowed(t, "https://cdn.example.com/users/alice/a.jpg")
	cdn.Denied(t, "https://cdn.example.com/users/bob/a.jpg", verify.ErrMissing) // browsers send no cookies there

[New] takes an origin, and requires a signature for all of its files. [NewDistribution] takes a whole
configuration, such as with public paths. An origin that needs the signer, such as one behind
playlist.Handler, can follow with [Server.Update].

A server contains a [Viewer], which has a cookie jar and follows redirects. [Server.NewViewer] returns
more viewers, with their own cookies and addresses. For a login with JSON, use the viewer's Client.

# If a test fails

If Allowed or Denied fails, the test prints why the edge decided as it did, and which signed
cookies the viewer has but did not send:

	not sent: CloudFront-Policy for /users/alice/ on example.com: the path of the request is /users/bob/a.jpg

A viewer drops the cookies that Chromium drops, also those of your login, and the failure names the
rule:

	not sent: session for / on example.com: browsers drop these cookies of https://app.example.com/login, because SameSite=None needs Secure

If a logout should have removed cookies that were sent, the failure says which response has set them,
and which one has removed other cookies instead:

	sent: CloudFront-Policy for / on example.com, set by a response from https://app.example.com/login
	removed: CloudFront-Policy for / on app.example.com, without a Domain, by a response from https://app.example.com/logout: the cookies that were sent have another Path or Domain

If no response has set signed cookies, the failure lists the viewer's latest requests before:

	not sent: no response has set a cookie
	before: POST https://app.example.com/login answered 401 Unauthorized

Some rules of browsers are missing: a viewer sends cookies whatever their SameSite, a page without
TLS can replace a Secure cookie, and there is no limit for the number of cookies and the length of
an attribute. If Go cannot read a cookie that browsers can, the failure says so.

# Your application as an origin

The origin gets what CloudFront sends by default, which is no query and no cookies. If your
application is the origin of a behavior, set its OriginRequestPolicy, as you must in CloudFront.

# Time

[Server.Clock] is the clock of the distribution, the signer and the cookie jars, and your test can
move it. If your login uses JSON Web Tokens, their parser compares exp with the time of the machine.
Pass the signer's Now to the parser, such as with jwt.WithTimeFunc of golang-jwt.

# Other clients

Programs outside of your test can use the server, too. Their address is 127.0.0.1. With ca.pem
for the path of [Server.AuthorityFile], HASH for [Server.AuthorityKeyHash], 127.0.0.1:8443 for
[Server.Address], and http://127.0.0.1:8080 for [Server.ProxyURL]:

	curl --cacert ca.pem --connect-to ::127.0.0.1:8443 https://cdn.example.com/a.jpg
	curl --cacert ca.pem --proxy http://127.0.0.1:8080 https://cdn.example.com/a.jpg
	wget -qO- --ca-certificate=ca.pem -e https_proxy=http://127.0.0.1:8080 https://cdn.example.com/a.jpg
	NODE_EXTRA_CA_CERTS=ca.pem node app.js
	SSL_CERT_FILE=ca.pem REQUESTS_CA_BUNDLE=ca.pem HTTPS_PROXY=http://127.0.0.1:8080 python3 app.py
	SSL_CERT_FILE=ca.pem HTTPS_PROXY=http://127.0.0.1:8080 ./app
	chromium --user-data-dir=profile --ignore-certificate-errors-spki-list=HASH \
	  --host-resolver-rules='MAP * 127.0.0.1:8443' https://cdn.example.com/a.jpg

Node connects to Address and sends the host name in the options servername and Host. From
version 24, NODE_USE_ENV_PROXY=1 makes it read HTTPS_PROXY, too. Python's urllib, httpx and
aiohttp read SSL_CERT_FILE, and requests reads REQUESTS_CA_BUNDLE. With aiohttp, you must write
ClientSession(trust_env=True): otherwise, it ignores HTTPS_PROXY. A program in Go reads
SSL_CERT_FILE, except on macOS and Windows: there, it needs [Server.AuthorityPEM]. Java needs the
authority in a store:

	keytool -importcert -noprompt -alias edgetest -file ca.pem -keystore ca.p12 -storepass changeit
	java -Djavax.net.ssl.trustStore=ca.p12 -Djavax.net.ssl.trustStorePassword=changeit \
	  -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 -jar app.jar

Firefox needs the authority in
its profile, and ProxyURL in its preferences:

	mkdir profile && certutil -N -d sql:profile --empty-password
	certutil -A -n edgetest -t C,, -i ca.pem -d sql:profile
	echo 'user_pref("network.proxy.type", 1);
	user_pref("network.proxy.ssl", "127.0.0.1");
	user_pref("network.proxy.ssl_port", 8080);' >profile/user.js
	firefox --profile profile https://cdn.example.com/a.jpg
*/
package edgetest
