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

Begin with a [Resource], by the one constructor that says what you mean:

  - [URL]: exactly this URL.
  - [Directory]: everything below a directory that the code names.
  - [Under]: everything below a directory whose name is partly data, such as a user's ID.
    Data is escaped or refused, and can never widen the grant.
  - [Pattern]: wildcards are live. It takes constants only, so data does not compile.

Then make it a [Policy] with [Custom], or use [Canned] for one URL and an expiry. Package
sign signs policies; package verify checks requests against them.

# Canned and custom

A canned policy covers one URL until a time. It is not sent: CloudFront rebuilds it from the
request, so signed URLs stay short. A custom policy is sent along, can cover many URLs, and
can have a start and an address range. One custom policy, signed once, serves any number of
URLs and the signed cookies.

# Nothing is repaired

The viewer must request exactly the bytes that are signed. If some client would rewrite a
URL on the way (a space, an upper-case host, a default port, ".."), its signature would fail
at the edge or cover something else. So you get an error that says what to write.

# Origins

CloudFront compares a path as it is written, and the origin serves the path that it reads.
Servers and proxies in use decode a path once more, merge slashes, or cut names at a
semicolon. [Under] lists these readings. For all of them, a resource made by [Directory],
[Under] or [Pattern] is the same folder, and no URL that [Resource.Matches] accepts leads out
of it. An origin that takes names literally, as S3 does, also distinguishes names by ";" or
"#": [UnderForLiteralOrigin] is for such an origin.

# Wildcards

CloudFront has no escape for "*" and "?" in a policy. One asterisk in a user's ID would open
every user's folder. Here an asterisk is live only in the functions whose name begins with
Pattern, and data is percent-encoded.

# Contradictions in CloudFront's documentation

The Developer Guide says on the page for signed URLs that a wildcard stays within its section
of the URL, and on the page for signed cookies that it stands for any characters. It calls
"?" both the start of the query and a wildcard for one character. [Resource.Matches] says yes
only if all these readings do. But CloudFront may grant by the wider one:
[Resource.Wider] returns a URL that it would then let through. For resources made by
Directory and Under, there is no difference.

All types are immutable values and safe for concurrent use. The package uses the standard
library only.
*/
package policy
