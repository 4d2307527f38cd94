// SPDX-License-Identifier: Apache-2.0

/*
Package policy says what a viewer may fetch from CloudFront: which URLs, until
when, and optionally from when and from which addresses.

Begin with a [Resource], by the one constructor that says what you mean:

  - [URL]: exactly this URL.
  - [Directory]: everything below a directory that the code names.
  - [Under]: everything below a directory part of whose name is data, such as a
    user's ID. Data is escaped or refused and can never widen the grant.
  - [Pattern]: wildcards are live, for those who mean it.

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

# Wildcards

CloudFront has no escape for "*" and "?" in a policy. One asterisk in a user's ID
would open everyone's folder; here an asterisk is live only in [Pattern] and
[PatternAnyHost], and data is percent-encoded.

# Where CloudFront's documentation is in two minds

The Developer Guide describes wildcards on the page for signed URLs as bounded
by the section of the URL they stand in, and on the page for signed cookies as
standing for any characters. It calls "?" both the start of the query and a
wildcard for one character. [Resource.Matches] says yes only where all these
readings do, and the constructors refuse what they read differently.

All types are immutable values and safe for concurrent use. The package uses
the standard library only.
*/
package policy
