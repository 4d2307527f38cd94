// SPDX-License-Identifier: Apache-2.0

/*
Package cfsign is a guide to the packages of this library for Amazon CloudFront
signed URLs and signed cookies. It has no API of its own.

Begin with package policy, which says what a viewer may fetch, and package sign, which
turns a policy into a signed URL or signed cookies. If users log in to your application,
use package session. For a 403, use package verify or the command cfsign.

  - [github.com/cfsign/cfsign/policy]: what a viewer may fetch.
  - [github.com/cfsign/cfsign/policy/awspolicy]: to and from the policy type of the AWS
    SDK for Go.
  - [github.com/cfsign/cfsign/keys]: private and public keys, and key pair IDs.
  - [github.com/cfsign/cfsign/keys/encrypted]: private keys with a passphrase.
  - [github.com/cfsign/cfsign/keys/keystest]: checks your own [crypto.Signer].
  - github.com/cfsign/cfsign/keys/aws/awskms and keys/aws/awssecrets, in a module of their own: keys
    at AWS.
  - github.com/cfsign/cfsign/keys/libcrypto, a module of its own: RSA keys in the OpenSSL of the
    system, for speed or for its FIPS provider.
  - [github.com/cfsign/cfsign/sign]: signed URLs and signed cookies.
  - [github.com/cfsign/cfsign/session]: cookies for as long as a login lasts, behind any
    authentication.
  - [github.com/cfsign/cfsign/playlist]: HLS playlists and DASH manifests with signed
    URLs.
  - [github.com/cfsign/cfsign/verify]: what CloudFront would decide, and why.
  - [github.com/cfsign/cfsign/edge]: a local CloudFront for development, and with
    [github.com/cfsign/cfsign/edge/edgetest] for your tests.
  - github.com/cfsign/cfsign/cmd/cfsign, a module of its own: the command that signs,
    verifies, and explains a 403.

# Hazards

A signed URL or a set of signed cookies gives access to anyone who has it. The library
keeps them out of its errors, and out of what fmt and log/slog print of its types. You
must keep them out of your logs, too.

CloudFront compares what you signed with what the viewer requests, byte for byte. So the
library repairs nothing: if a client would rewrite something on the way, you get an error
that says what to write instead.

# FIPS 140-3

With GODEBUG=fips140=only, the library works with SHA-256, its default. SHA-1 is an error.

# Compatibility

Before version 1, names may change with a new minor version, never with a patch, and the
change log names each change. You can already rely on this:

  - Within a minor version, the bytes that are signed for equal input stay the same, and so
    do signed URLs and cookies for keys of the standard library. The change log shows the
    bytes before and after each change.
  - Packages verify and edge never begin to allow what they refused without an entry in the
    change log. Any version may refuse more, to close a hole.
  - The latest Go release and the release before it are supported, from 1.26 on. Only a
    minor version can raise the Go version that a module requires.
*/
package cfsign
