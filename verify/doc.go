// SPDX-License-Identifier: Apache-2.0

/*
Package verify decides what CloudFront would decide about signed URLs and signed
cookies, and says why.

Make a [Verifier] with the public keys of the trusted key group, and a [Request]
of what the viewer sent, or take [RequestFrom] in an HTTP handler. The result of
[Verifier.Verify] is a [Grant], or a [DeniedError] with CloudFront's code and the
reason: with it, tests can check what they sign before it is deployed.

# What is guaranteed

The signature is checked over the bytes that were received before anything in
them is believed. A policy that cannot be read in one way only, a present but
empty condition, a parameter or cookie that appears twice, a URL in a form that
clients or servers rewrite: all are denied.

# What is not

CloudFront decides. Nothing here was compared with a live distribution, and its
documentation leaves things open; there this package denies, with [ErrAmbiguous],
what CloudFront may accept. So it does where package policy is stricter: a policy
without a resource, which CloudFront reads as everything, or with "?" as a
wildcard. Which key groups a cache behavior trusts, its
viewer protocol policy and everything else of a distribution are not looked at.

Where a credential has several faults, the code may be another than
CloudFront's: the order of its checks is not documented.

# SHA-1

CloudFront takes a credential that names no hash for one over SHA-1. The zero
Verifier refuses it; see [Verifier.AllowSHA1]. With GODEBUG=fips140=only it
is refused in any case.
*/
package verify
