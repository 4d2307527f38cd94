// SPDX-License-Identifier: Apache-2.0

/*
Package sign turns policies into CloudFront signed URLs and signed cookies.

[New] takes a private key, as any [crypto.Signer], and the key pair ID that
CloudFront gave to its public key. [Signer.URL] then signs one URL until a time.
For anything else make a [policy.Policy], sign it once with [Signer.Sign], and
use the [SignedPolicy] as often as needed: for the URLs that it covers, and for
cookies. Exactly what uses the private key takes a context.

# Bounds

Give every signer bounds: [Options].Within says which resources it may ever sign, and for how
long. A mistake elsewhere in the program, such as signing a URL that a request names, is then
an error and not a grant:

	users, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		return nil, err
	}
	within := sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 24 * time.Hour}
	return sign.New(keyPairID, key, sign.Options{Within: within})

# URLs or cookies

A signed URL works anywhere, also without a browser. Signed cookies leave the
URLs as they are, which pages with many images and video players with many
segments need. Where a viewer sends both, the URL decides.

# Cookies

CloudFront reads three or four cookies together. [CookieSet.Cookies] gives all
of them the same attributes, and refuses a Domain or Path that misses what the
policy covers. It also refuses a pattern that CloudFront may read more widely in
cookies than in URLs; see [policy.Resource.Wider]. They can be set only by a host that shares a domain with the CDN:
app.example.com may set them for cdn.example.com with the Domain example.com.
Without a Domain they go to the host that sets them and to no other.
[ClearCookies] removes them at logout.

# Reuse

A key operation takes a millisecond with RSA, and one of a remote key takes longer and
is counted. [Cache] hands out one signed policy for each right and window of time, to
any number of callers. [Signer.URLs] signs many different URLs on all cores.

# Rotation

[Signer.Rotate] replaces the key while the signer is used. The four steps of CloudFront's
guide are: add the new public key to the key group; when it has arrived everywhere, call
Rotate; wait until what the old key signed has expired, which [Signer.RetiredKeys] knows for
this process; remove the old public key. Program examples/rotation goes through them.

# Bearer credentials

Whoever has a signed URL or the cookies has access. They are in no error of this
package, and [SignedPolicy] and [CookieSet] print without them; the string that
URL returns, and http.Cookie values, print in full.

# FIPS 140-3

With GODEBUG=fips140=only, SHA-256 works with RSA and P-256, and SHA-1 is
refused with [ErrHash].

Apart from the standard library the package uses golang.org/x/net/publicsuffix and
github.com/hashicorp/golang-lru/v2. Neither needs anything else.
*/
package sign
