// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"crypto/rsa"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/policy/awspolicy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
)

// compareAWSSDK: the SDK signs SHA-1 alone. It writes the expiry after the other
// conditions, so that only policies without them have our bytes.
func compareAWSSDK(t *testing.T, name string, o *ours, y *tally) {
	skipWithoutSHA1(t)
	rsaKey, ecdsaKey := algorithms("rsa")[0], algorithms("p256")[0]
	urls := awssign.NewURLSigner(peer.KeyPairID, rsaKey.signer())
	ecdsaURLs := awssign.NewURLSigner(peer.KeyPairID, ecdsaKey.signer())
	cookies := awssign.NewCookieSigner(peer.KeyPairID, rsaKey.signer().(*rsa.PrivateKey))
	each(len(o.cases), func(i int) {
		c := o.cases[i]
		check := func(what, diff string) { y.check(t, name, what, i, diff) }
		got, err := signWithAWSSDK(urls, c)
		if err != nil {
			check(signatures, err.Error())
			return
		}
		want, diff := o.awsSDKWant(t, c, i, got, rsaKey)
		if diff != "" {
			check(documents, diff)
			return
		}
		if !c.canned {
			check(map[bool]string{true: documents, false: reordered}[c.policy == want.Policy()], "")
			theirs, err := cookiesWithAWSSDK(cookies, c)
			check(cookieSets, errorText(err)+diffCookies(want, theirs))
			check(theirsRSA, o.acceptsCookies(c, rsaKey, theirs))
		}
		check(urlBytes, diffURL(want, c.url, got))
		check(signatures, diffURL(want, c.url, got))
		check(theirsRSA, errorText(o.accepts(c, rsaKey, got, nil)))
		got, err = signWithAWSSDK(ecdsaURLs, c)
		check(theirsECDSA, errorText(err)+errorText(o.accepts(c, ecdsaKey, got, nil)))
	})
}

// awsSDKWant returns our signature over the document in the SDK's URL.
func (o *ours) awsSDKWant(t *testing.T, c testCase, i int, got string, a algorithm) (sign.SignedPolicy, string) {
	if c.canned || c.notBefore == 0 && !c.sourceIP.IsValid() {
		return o.signed[a][i], ""
	}
	parts, err := split(got)
	if err != nil {
		return sign.SignedPolicy{}, err.Error()
	}
	theirs, err := received(c.policy, parts.Parameters["Policy"])
	if err != nil {
		return sign.SignedPolicy{}, err.Error()
	}
	signed, err := o.sign(t, a, theirs)
	return signed, errorText(err)
}

func signWithAWSSDK(signer *awssign.URLSigner, c testCase) (string, error) {
	if c.canned {
		return signer.Sign(c.url, time.Unix(c.expires, 0))
	}
	p, err := awspolicy.To(c.policy)
	if err != nil {
		return "", err
	}
	return signer.SignWithPolicy(c.url, p)
}

func cookiesWithAWSSDK(signer *awssign.CookieSigner, c testCase) (map[string]string, error) {
	p, err := awspolicy.To(c.policy)
	if err != nil {
		return nil, err
	}
	cookies, err := signer.SignWithPolicy(p)
	values := map[string]string{}
	for _, cookie := range cookies {
		values[cookie.Name] = cookie.Value
	}
	return values, err
}
