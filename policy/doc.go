// SPDX-License-Identifier: Apache-2.0

/*
Package policy says what a viewer may fetch from CloudFront: which URLs, until when, and
optionally from when and from which addresses.

	folder, err := policy.Under("https://cdn.example.com/users", userID)
	if err != nil {
		return err
	}
	p, err := policy.Custom(folder, policy.Conditions{Expires: time.Now().Add(time.Hour)})
	if err != nil {
		return err
	}
	signed, err := signer.Sign(ctx, p) // of package sign

Begin with a [Resource]. Choose the constructor that says what you mean:

  - [URL]: exactly this URL.
  - [Directory]: everything below a directory that the code names.
  - [Under]: everything below a directory whose name is partly data, such as a user's ID.
    Data is escaped or refused, and can never widen the grant.
  - [Pattern]: every URL that a pattern with wildcards matches. It takes a constant only:
    a variable does not compile.

If the directory or the pattern is a constant, [MustDirectory] and [MustPattern] save you the
error, as in a package variable.

Then pass it to [Custom], which returns a [Policy]. For one URL and an expiry, use
[Canned], which needs no Resource. Package sign signs policies; package verify checks
requests against them.

# Canned and custom

A canned policy covers one URL until a time. Only its expiry is sent: CloudFront rebuilds
the policy from the request, so signed URLs stay short. A custom policy is sent along, can
cover many URLs, and can have a start and an address range. You can sign a custom policy
once, and use it for any number of URLs and for cookies.

# Nothing is repaired

The viewer must request exactly the bytes that are signed. If a client would rewrite a URL
(a space, an upper-case host, a default port, ".."), the signature would fail at the edge or
cover another URL. So this package never rewrites a URL: it returns an error that says what
to write.

# Origins

CloudFront compares a path as it is written, but the origin may read another path: some
servers and proxies decode a path a second time, merge slashes, or cut names at a semicolon.
[Under] lists these readings. In each of them, a resource made by Directory, Under or
Pattern covers the same folder, and no URL that [Resource.Matches] accepts leads out of it.
If your origin takes names literally, as S3 does, names can contain ";" and "#": use
[UnderForLiteralOrigin].

# Wildcards

CloudFront has no escape for "*" and "?" in a policy. One asterisk in a user's ID would open
every user's folder. In this package, an asterisk is a wildcard only in [Parse] and in the
functions whose names begin with Pattern. All other functions percent-encode or refuse it.

# Contradictions in CloudFront's documentation

CloudFront's page on signed URLs says that a wildcard stays within its section of the URL,
and the page on signed cookies says that it stands for any characters. The pages call "?"
both the start of the query and a wildcard for one character. [Resource.Matches] returns
true only if the URL matches in all of these readings. CloudFront may use the wider one:
[Resource.Wider] returns a URL that CloudFront would then allow in addition. For resources
made by Directory and Under, there is no difference.

Resource and Policy are immutable and safe for concurrent use. The package uses the standard
library only.
*/
package policy
