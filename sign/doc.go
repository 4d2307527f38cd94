// SPDX-License-Identifier: Apache-2.0

/*
Package sign turns policies into CloudFront signed URLs and signed cookies.

	signer, err := sign.Load("K2JCJMDEHXQW5F", keyFile, sign.Options{Within: bounds})
	if err != nil {
		return err
	}
	link, err := signer.URL(ctx, "https://cdn.example.com/users/7/report.pdf", signer.Now().Add(time.Hour))
	if err != nil {
		return err
	}
	signed, err := signer.SignResource(ctx, folder, policy.Conditions{Expires: signer.Now().Add(time.Hour)})
	if err != nil {
		return err
	}
	cookies, err := signed.CookieSet().Cookies(sign.CookieAttributes{Domain: "example.com"})

[Load] reads the private key from a file, and [New] takes any [crypto.Signer], such as a key in
KMS. Both need the key pair ID that CloudFront gave to the public key. [Signer.URL] signs one
URL until a time. For anything else, sign a [policy.Resource] once with [Signer.SignResource],
such as the folder of a user. Then use the [SignedPolicy] as often as you need: for the URLs
that it covers, and for cookies. If you need one URL or one set of cookies, [Signer.CustomURL]
and [Signer.Cookies] do it in one call. [Signer.Sign] signs a [policy.Policy] that you already
have. Only methods that use the private key take a context.

# Bounds

You should give every signer bounds: [Options].Within says which resources it may sign, and
for how long. Then a mistake elsewhere in the program, such as signing a URL taken from a
request, is an error and not a grant:

	users, err := policy.Directory("https://cdn.example.com/users/")
	if err != nil {
		return err
	}
	bounds := sign.Bounds{Resources: []policy.Resource{users}, Lifetime: 24 * time.Hour}

# URLs or cookies

A signed URL works anywhere, even without a browser. It has the signing parameters in its
query: Policy or Expires, Signature, Key-Pair-Id and, with SHA-256, Hash-Algorithm. Signed
cookies leave the URLs as they are, which pages with many images and video players with many
segments need. If a viewer sends both, CloudFront uses the URL.

# Cookies

CloudFront reads three or four cookies together. [CookieSet.Cookies] gives all of them the
same attributes. It returns an error if Domain or Path excludes a part of what the policy
covers, and for a pattern that may open more URLs in cookies than in a signed URL (see
[policy.Resource.Wider]). The host that sets the cookies must share a domain with the CDN:
app.example.com can set them for cdn.example.com with the Domain example.com. Without a
Domain, only the host that sets the cookies gets them. [ClearCookies] removes them at
logout.

# Reuse

A key operation takes a millisecond with RSA. With a remote key, it takes longer and costs
money. [Cache] keeps signed policies for a window of time, and returns the same one for
equal requests. With a [Store], all processes of a fleet share one key operation, and return
the same URLs. [Signer.URLs] signs many different URLs on all cores, and
[SignedPolicy.AppendURL] writes many URLs under one policy.

# Rotation

[Signer.Rotate] replaces the key while the signer is in use. Follow the steps of
CloudFront's guide: add the new public key to the key group; once it has arrived everywhere,
call Rotate; wait until everything that the old key signed has expired; remove the old
public key. [Signer.RetiredKeys] tells you how long this process must wait. Program
examples/rotation shows these steps.

# Bearer credentials

A signed URL or a set of signed cookies gives access to anyone who has it. No error of this
package contains one, and [SignedPolicy] and [CookieSet] print without the signature. The
string that [Signer.URL] returns and the values of http.Cookie contain the signature: do
not log them.

# FIPS 140-3

With GODEBUG=fips140=only, you can sign SHA-256 with RSA and P-256. For SHA-1, [New]
returns [ErrHash].

Besides the standard library, the package uses golang.org/x/net/publicsuffix and
github.com/hashicorp/golang-lru/v2. Neither needs other modules.
*/
package sign
