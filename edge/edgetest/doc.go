// SPDX-License-Identifier: Apache-2.0

/*
Package edgetest runs a CloudFront distribution in your test: a server on loopback with TLS,
and a client that reaches it under every host name.

	cdn := edgetest.New(t, photos)
	link := cdn.SignedURL(t, "https://cdn.example.com/a.jpg", time.Hour)
	cdn.Allowed(t, link)

	cdn.Clock.Advance(time.Hour)
	cdn.Denied(t, link, verify.ErrExpired)

If Allowed or Denied fails, the test prints why the edge decided as it did, and which signed
cookies the viewer has but did not send:

	not sent: CloudFront-Policy for /users/alice/ on example.com: the path of the request is /users/bob/a.jpg

A viewer drops cookies as Chromium does. For example, it drops a Secure cookie of a page without
TLS, and a cookie whose name begins with __Host- if it has a Domain. The failure names these
cookies, too, also if they are the cookies of your login. Two rules of browsers are missing: a
viewer sends cookies whatever their SameSite, and a page without TLS can replace a Secure cookie.

If no response has set signed cookies, the failure lists the viewer's latest requests before:

	not sent: no response has set a cookie
	before: POST https://app.example.com/login answered 401 Unauthorized

[New] takes an origin, and requires a signature for all of its files. The origin gets what
CloudFront sends by default, which is no query and no cookies. [NewDistribution] takes a whole
configuration. If your application is the origin of a behavior, set its OriginRequestPolicy,
as you must in CloudFront. Both create a key pair, a [Server.Signer] with the private key,
a trusted key group with the public key, and a [Server.Clock] that your test can move. With
[Server.Handle], the application that sets the cookies gets its own host name, so a test can
log in and then fetch files as a browser does. A Server contains the first [Viewer]. For
more viewers, with their own cookies and addresses, use [Server.NewViewer].

The cookies of your login expire with Server.Clock, too. A JSON Web Token does not: its parser
compares exp with the time of the machine. Pass the signer's Now to the parser, such as with
jwt.WithTimeFunc of golang-jwt.

An origin that needs the signer, such as one behind playlist.Handler, can follow later with
[Server.Update].

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
aiohttp read SSL_CERT_FILE, and requests reads REQUESTS_CA_BUNDLE. A program in Go reads
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
