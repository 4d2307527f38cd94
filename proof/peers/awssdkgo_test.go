// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	gocmp "cmp"
	"crypto"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/policy/awspolicy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
)

// compareAWSSDKGo compares the AWS SDK for Go, version 1.11.17 of its module. It writes the
// expiry after the other conditions, so only a policy without other conditions has our bytes.
func compareAWSSDKGo(t comparison) {
	for _, a := range algorithms("rsa") {
		t.compareRSAFromAWSSDK(a)
	}
	for _, a := range algorithms("p256") {
		urls, cookies := awsSDKSigners(t, a)
		each(len(t.cases), func(i int) {
			c := t.cases[i]
			got, err := signWithAWSSDK(urls, c)
			t.check(i, theirsECDSA, errorText(err)+errorText(t.accepts(c, a, got, nil)))
			if !c.canned {
				theirs, err := cookiesWithAWSSDK(cookies, c)
				t.check(i, theirsECDSA, errorText(err)+t.acceptsCookies(c, a, theirs))
			}
		})
	}
}

func (t comparison) compareRSAFromAWSSDK(a algorithm) {
	t.Helper()
	urls, cookies := awsSDKSigners(t, a)
	each(len(t.cases), func(i int) {
		c := t.cases[i]
		got, err := signWithAWSSDK(urls, c)
		if err != nil {
			t.check(i, signatures, err.Error())
			return
		}
		want, err := t.awsSDKWant(c, i, got, a)
		if err != nil {
			t.check(i, documents, err.Error())
			return
		}
		if !c.canned {
			t.check(i, map[bool]string{true: documents, false: reordered}[c.policy == want.Policy()], "")
			theirs, err := cookiesWithAWSSDK(cookies, c)
			t.check(i, cookieSets, errorText(err)+diffCookies(want, theirs))
			t.check(i, theirsRSA, t.acceptsCookies(c, a, theirs))
		}
		t.check(i, urlBytes, diffURL(want, c.url, got))
		t.check(i, signatures, diffURL(want, c.url, got))
		t.check(i, theirsRSA, errorText(t.accepts(c, a, got, nil)))
	})
}

// awsSDKSigners returns the SDK's signers for a hash. For SHA-1, the SDK writes no marker unless
// its caller asks for one.
func awsSDKSigners(t testing.TB, a algorithm) (*awssign.URLSigner, *awssign.CookieSigner) {
	t.Helper()
	urls := awssign.NewURLSigner(peer.KeyPairID, a.signer(t))
	cookies := awssign.NewCookieSigner(peer.KeyPairID, a.signer(t))
	if a.hash == crypto.SHA256 {
		urls.HashAlg, cookies.HashAlg = awssign.HashSHA256, awssign.HashSHA256
	}
	return urls, cookies
}

// awsSDKWant returns our signature over the document in the SDK's URL.
func (t comparison) awsSDKWant(c testCase, i int, got string, a algorithm) (sign.SignedPolicy, error) {
	if c.canned || c.notBefore == 0 && !c.sourceIP.IsValid() {
		return t.signed[a][i], nil
	}
	parts, err := split(got)
	if err != nil {
		return sign.SignedPolicy{}, err
	}
	theirs, err := received(c.policy, parts.Parameters["Policy"])
	if err != nil {
		return sign.SignedPolicy{}, err
	}
	return t.sign(a, i, theirs)
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

// TestAWSSDKGoDifferences: the SDK for Go signs what it is given.
func TestAWSSDKGoDifferences(t *testing.T) {
	skipWithoutSHA1(t)
	compareDifferences(t, "SHA1", askAWSSDK, slices.Concat(signedAsGiven(), []difference{
		{
			name: "any scheme in a canned policy", why: "the wildcard is in what is signed, but not in the URL",
			ask:   peer.Request{URL: "http*://cdn.example.com/a", Canned: true},
			gives: "http://cdn.example.com/a?Expires=2000000000" + tail, signs: cannedOf("http*://cdn.example.com/a"), ours: policy.Reason("scheme"),
		},
		{
			name: "no host", why: "clients cannot request it",
			ask:   peer.Request{URL: "https:///a", Canned: true},
			gives: "https:///a?Expires=2000000000" + tail, signs: cannedOf("https:///a"), ours: policy.Reason("host"),
		},
		{
			name: "Hash-Algorithm in the URL", why: "the SDK refuses only the other four of the five reserved parameters",
			ask:   peer.Request{URL: base + "/a?Hash-Algorithm=SHA256", Canned: true},
			gives: base + "/a?Hash-Algorithm=SHA256&Expires=2000000000" + tail, signs: cannedOf(base + "/a?Hash-Algorithm=SHA256"), ours: policy.Reason("reserved_name"),
		},
		{
			name: "zero time", why: "no expiry was set",
			ask:   peer.Request{URL: base + "/a", Canned: true, Expires: time.Time{}.Unix()},
			gives: base + "/a?Expires=-62135596800" + tail, ours: policy.Reason("no_expiry"),
		},
		{
			name: "start after the end", why: "it is never valid",
			ask:   peer.Request{URL: base + "/a", NotBefore: then + 1},
			gives: base + "/a?Policy=…" + tail, signs: awsDocument(base+"/a", startAt("2000000001")), ours: policy.Reason("time_order"),
		},
		{
			name: "invalid address", why: "CloudFront compares IPv4 ranges",
			ask:   peer.Request{URL: base + "/a", SourceIP: "300.1.2.3"},
			gives: base + "/a?Policy=…" + tail, signs: awsDocument(base+"/a", ip("300.1.2.3")), ours: policy.ErrSourceIP,
		},
	}))
}

// askAWSSDK asks the AWS SDK for Go as if it were a process.
func askAWSSDK(t testing.TB, requests []peer.Request) []peer.Answer {
	t.Helper()
	answers := make([]peer.Answer, len(requests))
	for i, r := range requests {
		signer := awssign.NewURLSigner(gocmp.Or(r.KeyPairID, peer.KeyPairID), algorithm{key: r.Key}.signer(t))
		var err error
		if r.Canned {
			answers[i].URL, err = signer.Sign(r.URL, time.Unix(r.Expires, 0))
		} else {
			answers[i].URL, err = signer.SignWithPolicy(r.URL, awsPolicy(r))
		}
		answers[i].Error = errorText(err)
	}
	return answers
}

func awsPolicy(r peer.Request) *awssign.Policy {
	p := awssign.NewCannedPolicy(r.Resource, time.Unix(r.Expires, 0))
	if r.SourceIP != "" {
		p.Statements[0].Condition.IPAddress = &awssign.IPAddress{SourceIP: r.SourceIP}
	}
	if r.NotBefore != 0 {
		p.Statements[0].Condition.DateGreaterThan = awssign.NewAWSEpochTime(time.Unix(r.NotBefore, 0))
	}
	return p
}

// awsDocument is what the SDK signs. The expiry is at its end.
func awsDocument(resource, condition string) string {
	return `{"Statement":[{"Resource":"` + resource + `","Condition":{` + condition + `,"DateLessThan":{"AWS:EpochTime":2000000000}}}]}`
}

// TestAWSSDKGoPolicyDifferences: the SDK signs policies that CloudFront refuses. This
// library cannot make them, and awspolicy.From refuses them.
func TestAWSSDKGoPolicyDifferences(t *testing.T) {
	skipWithoutSHA1(t)
	statement := awssign.Statement{Resource: base + "/a", Condition: awssign.Condition{DateLessThan: awssign.NewAWSEpochTime(time.Unix(then, 0))}}
	for name, tt := range map[string]struct {
		policy awssign.Policy
		want   error
	}{
		"two statements": {awssign.Policy{Statements: []awssign.Statement{statement, statement}}, policy.Reason("statements")},
		"no expiry":      {awssign.Policy{Statements: []awssign.Statement{{Resource: base + "/a"}}}, policy.Reason("no_expiry")},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := awssign.NewURLSigner(peer.KeyPairID, testkeys.RSA()).SignWithPolicy(base+"/a", &tt.policy); err != nil {
				t.Errorf("the SDK has learned to refuse it: %v", err)
			}
			if _, err := awspolicy.From(&tt.policy); !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
		})
	}
}

// TestAWSSDKGoCookieDifferences: the SDK documents Sign for cookies as canned, but it sends
// a policy. It refuses the resource of its own documentation, and does not set Secure.
func TestAWSSDKGoCookieDifferences(t *testing.T) {
	skipWithoutSHA1(t)
	sdk := awssign.NewCookieSigner(peer.KeyPairID, testkeys.RSA())
	theirs, err := sdk.Sign(base+"/a", time.Unix(then, 0))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signHere(t, withDefaults(peer.Request{URL: base + "/a", Canned: true}, ""))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := signed.CookieSet().Cookies(sign.CookieAttributes{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"CloudFront-Policy": false, "CloudFront-Signature": false, "CloudFront-Key-Pair-Id": false}, secure(theirs)); diff != "" {
		t.Errorf("the SDK's cookies, and whether they are Secure (-pinned +now):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"CloudFront-Expires": true, "CloudFront-Signature": true, "CloudFront-Key-Pair-Id": true, "CloudFront-Hash-Algorithm": true}, secure(ours)); diff != "" {
		t.Errorf("our cookies, and whether they are Secure (-pinned +now):\n%s", diff)
	}
	if _, err := sdk.Sign("*", time.Unix(then, 0)); err == nil {
		t.Error("the SDK has learned to take *")
	}
}

// secure returns which cookies are Secure.
func secure(cookies []*http.Cookie) map[string]bool {
	found := map[string]bool{}
	for _, cookie := range cookies {
		found[cookie.Name] = cookie.Secure
	}
	return found
}
