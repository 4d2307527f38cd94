// SPDX-License-Identifier: Apache-2.0

/*
Package policy says what a viewer may fetch from CloudFront: which URLs, until
when, and optionally from when and from which addresses.

Begin with a [Resource], by the one constructor that says what you mean:

  - [URL]: exactly this URL.
  - [Directory]: everything below a directory that the code names.
  - [Under]: everything below a directory part of whose name is data, such as a
    user's ID. Data is escaped or refused and can never widen the grant.
  - [Pattern]: wildcards are live. It takes constants only, so data does not compile.

Then make it a [Policy] with [Custom], or take [Canned] for one URL and an
expiry. Package sign signs policies; package verify decides on what was signed.

# Canned and custom

A canned policy covers one URL until a time. It is not sent: CloudFront rebuilds
it from the request, so signed URLs stay short. A custom policy is sent along,
may cover many URLs, and may have a start and an address range. One custom
policy, signed once, serves any number of URLs and the signed cookies.

# Nothing is repaired

The bytes that are signed are the bytes that the viewer must request. A URL that
some client would rewrite on the way (a space, an upper-case host, a default
port, "..") is refused with an error that says what to write, because
its signature would fail at the edge or cover something else.

# Origins

CloudFront compares a path as it was written, and the origin serves what it reads
in it. Servers and proxies in use decode a path once more, merge slashes, or cut
names at a semicolon. [Under] lists these readings. What [Directory], [Under] and
[Pattern] make is the same folder for all of them, and no URL that
[Resource.Matches] accepts leads out of it. An origin that takes names literally,
as S3 does, also tells names with ";" or "#" apart: [UnderForLiteralOrigin] is for
such an origin.

# Wildcards

CloudFront has no escape for "*" and "?" in a policy. One asterisk in a user's ID
would open everyone's folder. Here an asterisk is live only in the functions whose
name begins with Pattern, and data is percent-encoded.

# Where CloudFront's documentation contradicts itself

The Developer Guide says on the page for signed URLs that a wildcard stays within
the section of the URL in which it stands, and on the page for signed cookies that it
stands for any characters. It calls "?" both the start of the query and a wildcard
for one character. [Resource.Matches] says yes only if all these readings do. But
CloudFront may grant by the wider one: [Resource.Wider] says what that would be. For
what Directory and Under make, there is no difference.

All types are immutable values and safe for concurrent use. The package uses
the standard library only.
*/
package policy
