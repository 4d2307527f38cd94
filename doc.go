// SPDX-License-Identifier: Apache-2.0

/*
Package cfsign is a guide to the packages of this library for Amazon CloudFront
signed URLs and signed cookies. It has no API of its own.

  - [github.com/cfsign/cfsign/policy]: what a viewer may fetch. Begin here.
  - [github.com/cfsign/cfsign/keys]: key pair IDs, private and public keys.
  - [github.com/cfsign/cfsign/keys/encrypted]: private keys under a passphrase;
    github.com/cfsign/cfsign/keys/awskms and keys/awssecrets, modules of their own, for
    keys that are kept at AWS.
  - [github.com/cfsign/cfsign/sign]: a policy becomes signed URLs and cookies.
  - [github.com/cfsign/cfsign/session]: cookies through a login's life, behind any
    authentication.
  - [github.com/cfsign/cfsign/playlist]: the signature on the URLs of HLS playlists
    and DASH manifests.
  - [github.com/cfsign/cfsign/verify]: what CloudFront would decide, and why.
  - [github.com/cfsign/cfsign/edge]: a local CloudFront for development, and with
    [github.com/cfsign/cfsign/edge/edgetest] for your tests.
  - [github.com/cfsign/cfsign/policy/awspolicy]: to and from the policy type of
    the AWS SDK for Go.
  - [github.com/cfsign/cfsign/keys/keystest]: checks your own [crypto.Signer].
  - github.com/cfsign/cfsign/cmd/cfsign, a module of its own: the command, which signs,
    verifies, and explains a 403.

# Hazards

A signed URL, and a set of signed cookies, is a bearer credential: whoever has it
has access. The library keeps them out of its errors and of what fmt and
log/slog print of its types; keep them out of your logs as well.

CloudFront compares what was signed with what is requested, byte for byte. The
library therefore repairs nothing. What a client would rewrite on the way is
refused with an error that says what to write instead.

# FIPS 140-3

With GODEBUG=fips140=only the library works with SHA-256, its default; asking it
for SHA-1 is an error.

# Compatibility

Before version 1, names may change with a new minor version, never with a patch,
and the change log names each change. What holds even before:

  - The bytes that are signed for equal input stay the same within a minor version,
    and so do signed URLs and cookies for keys of the standard library. A change is
    in the change log with the bytes before and after.
  - Packages verify and edge never begin to allow what they refused without an entry
    in the change log. They may refuse more, in any version, where that closes a hole.
  - The latest Go release and the one before it are supported, from 1.26 on. What a
    module requires of Go is raised with a minor version only.
*/
package cfsign
