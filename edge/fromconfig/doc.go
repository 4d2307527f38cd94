// SPDX-License-Identifier: Apache-2.0

/*
Package fromconfig reads the configuration of a CloudFront distribution, and makes a local
distribution of package edge from it. The configuration can be a CloudFormation or SAM template,
the output of terraform show -json, or the output of aws cloudfront get-distribution.

	template, err := os.ReadFile("testdata/site.yaml")
	if err != nil {
		log.Fatal(err)
	}
	described, err := fromconfig.Read(fromconfig.Options{Parameters: map[string]string{"Stage": "test"}}, template)
	if err != nil {
		log.Fatal(err)
	}
	config, err := described.Config(map[string]http.Handler{
		"files": edge.Bucket(files), // the origins by ID
		"app":   app,
	})
	if err != nil {
		log.Fatal(err)
	}
	distribution, err := edge.New(config)
	if err != nil {
		log.Fatal(err)
	}

A behavior without trusted key groups and signers is public. All others are private, even if none of
their keys is known here: then every request is denied, and a finding says why.

# What is not known

Some values of a template or a plan are known only after deployment, such as the ID of a public
key or the domain of a bucket. A key then has an ID made from its name: see [Key]. To use the real
ID, pass the key in Options.PublicKeys. A domain then has the name of its resource. A parameter
without a default and a value leaves what depends on it open: if the distribution cannot do without
it, [Read] returns an error that names the parameter.

A Terraform plan does not know the policy of a bucket that it creates, so public-bucket is not checked
there. [Distribution.Unsupported] says so. The plan or the state after the deployment knows the policy.

Fn::ImportValue, dynamic references such as {{resolve:ssm:...}}, Fn::ForEach, nested stacks and
variables of the Serverless Framework are not resolved. A policy that is not in the documents forwards
nothing and keeps nothing.

[Distribution.Unsupported] lists what the local distribution does not do, such as functions, and
each property that this package does not know. Comments, tags, logs and price classes change
nothing locally and are not listed.

# Findings

[Distribution.Findings] checks the configuration. A leak lets viewers get what they should not
get:

  - hidden-behavior: earlier behaviors match every path of a behavior. It is a refusal if no file
    becomes public.
  - public-before-private: a public behavior comes before a private one and matches some of its
    paths, but not only paths of the private one.
  - public-with-private-name: a public behavior's pattern or origin path has a word such as
    private or premium. It is a check if a function sees the requests.
  - private-files-under-public-path: a public behavior reaches the files of a private one by
    another origin path.
  - unused-key-group: no behavior trusts a key group.
  - http-allowed: a private behavior accepts plain HTTP.
  - shared-response: cookies or Authorization reach a server, but are not in the cache key.
  - website-endpoint, public-bucket, no-origin-access-control: the bucket of a private behavior can
    be read without CloudFront.

A refusal denies requests that should work:

  - unknown-key-group, empty-key-group, unknown-key, trusted-signers: the keys of a private
    behavior are not known, or there are none.
  - login-without-cookies, login-without-query: a public behavior does not forward what a login
    needs. It relies on names such as login and on the allowed methods. If only one of them
    suggests a login, it is a check.
  - cors-not-in-key: Origin is forwarded, but is not in the cache key.
  - cors-preflight: preflights are needed, but denied.
  - cors-credentials: CORS has credentials with *, which browsers refuse.
  - host-forwarded: a bucket, an API or a function URL gets the viewer's Host.
  - private-error-page: a custom error page needs a signature.
  - pattern-never-matches: a path pattern has a host, a query or an escape.
  - no-certificate: there are aliases without a certificate.
  - disabled: the distribution is disabled.

A check depends on something that the documents do not say:

  - http-redirected: plain HTTP is redirected after the signature was sent.
  - ipv6: signatures with an IP address deny viewers with IPv6.
  - login-without-post: the method POST is not allowed for a login.
  - cors-without-origin: OPTIONS is allowed, but nothing answers preflights.
  - signature-in-key: a cache policy lists a signing parameter or a signed cookie.
  - bucket-key-too-wide: the whole query or all cookies are in the cache key of a bucket.
  - identity-left-over: an origin access identity is there next to an origin access control.
  - public-access-not-blocked: the bucket of a private behavior does not block public access.
  - denial-hidden: a denied request gets a page with a status of success.
  - denial-kept: a 403 of the origin is kept for more than a minute.
  - old-tls: viewers can use old versions of TLS.
  - not-checked: the path patterns are too many or too complex to compare all of them.
*/
package fromconfig
