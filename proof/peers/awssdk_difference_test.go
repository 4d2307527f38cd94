// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/policy/awspolicy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
)

// awsAnswer asks the AWS SDK for Go as a process would be asked.
func awsAnswer(t *testing.T, r peer.Request) peer.Answer {
	t.Helper()
	key := algorithm{key: r.Key}.signer()
	if r.Key == "p384" {
		key = p384(t)
	}
	id := peer.KeyPairID
	if r.KeyPairID != "" {
		id = r.KeyPairID
	}
	signer := awssign.NewURLSigner(id, key)
	var signedURL string
	var err error
	if r.Canned {
		signedURL, err = signer.Sign(r.URL, time.Unix(r.Expires, 0))
	} else {
		signedURL, err = signer.SignWithPolicy(r.URL, awsPolicy(r))
	}
	if err != nil {
		return peer.Answer{Error: err.Error()}
	}
	return peer.Answer{URL: signedURL}
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

// awsDocument is what the SDK signs, which has the expiry at the end.
func awsDocument(resource, more string) string {
	return `{"Statement":[{"Resource":"` + resource + `","Condition":{` + more + `,"DateLessThan":{"AWS:EpochTime":2000000000}}}]}`
}

// TestAWSSDKDifferences: the SDK for Go signs what it is given.
func TestAWSSDKDifferences(t *testing.T) {
	skipWithoutSHA1(t)
	for _, d := range []difference{
		{
			name: "wildcard in a canned policy", why: "CloudFront rebuilds the policy with the URL that is requested, and answers 403 for every file",
			ask:   peer.Request{URL: base + "/*", Canned: true},
			gives: base + "/*?Expires=2000000000" + tail, signs: cannedOf(base + "/*"), ours: policy.ErrWildcard,
		},
		{
			name: "any scheme in a canned policy", why: "the wildcard is in what is signed, and not in the URL",
			ask:   peer.Request{URL: "http*://cdn.example.com/a", Canned: true},
			gives: "http://cdn.example.com/a?Expires=2000000000" + tail, signs: cannedOf("http*://cdn.example.com/a"), ours: policy.Reason("scheme"),
		},
		{
			name: "fragment", why: "the parameters stand behind the #, and never reach CloudFront",
			ask:   peer.Request{URL: base + "/a#b", Canned: true},
			gives: base + "/a#b?Expires=2000000000" + tail, signs: cannedOf(base + "/a#b"), ours: policy.Reason("fragment"),
		},
		{
			name: "space", why: "clients send %20",
			ask:   peer.Request{URL: base + "/a b", Canned: true},
			gives: base + "/a b?Expires=2000000000" + tail, signs: cannedOf(base + "/a b"), ours: policy.Reason("character"),
		},
		{
			name: "quotation mark", why: "it is escaped in the document, and percent-encoded by clients",
			ask:   peer.Request{URL: base + `/a"b`, Canned: true},
			gives: base + `/a"b?Expires=2000000000` + tail, signs: cannedOf(base + `/a\"b`), ours: policy.Reason("character"),
		},
		{
			name: "no host", why: "nobody can request it",
			ask:   peer.Request{URL: "https:///a", Canned: true},
			gives: "https:///a?Expires=2000000000" + tail, signs: cannedOf("https:///a"), ours: policy.Reason("host"),
		},
		{
			name: "Hash-Algorithm in the URL", why: "of the five reserved parameters four are refused",
			ask:   peer.Request{URL: base + "/a?Hash-Algorithm=SHA256", Canned: true},
			gives: base + "/a?Hash-Algorithm=SHA256&Expires=2000000000" + tail, signs: cannedOf(base + "/a?Hash-Algorithm=SHA256"), ours: policy.Reason("reserved_name"),
		},
		{
			name: "expired", why: "CloudFront answers 403 at once",
			ask:   peer.Request{URL: base + "/a", Canned: true, Expires: 1},
			gives: base + "/a?Expires=1" + tail, ours: sign.ErrExpired,
		},
		{
			name: "zero time", why: "no expiry was set",
			ask:   peer.Request{URL: base + "/a", Canned: true, Expires: time.Time{}.Unix()},
			gives: base + "/a?Expires=-62135596800" + tail, ours: policy.Reason("no_expiry"),
		},
		{
			name: "milliseconds taken for seconds", why: "it is valid for thousands of years",
			ask:   peer.Request{URL: base + "/a", Canned: true, Expires: 200_000_000_000},
			gives: base + "/a?Expires=200000000000" + tail, ours: policy.Reason("time"),
		},
		{
			name: "start after the end", why: "it is valid never",
			ask:   peer.Request{URL: base + "/a", NotBefore: then + 1},
			gives: base + "/a?Policy=…" + tail, signs: awsDocument(base+"/a", startAt("2000000001")[1:]), ours: policy.Reason("time_order"),
		},
		{
			name: "address that is none", why: "CloudFront compares IPv4 ranges",
			ask:   peer.Request{URL: base + "/a", SourceIP: "300.1.2.3"},
			gives: base + "/a?Policy=…" + tail, signs: awsDocument(base+"/a", ip("300.1.2.3")[1:]), ours: policy.ErrSourceIP,
		},
		{
			name: "URL that the policy does not cover", why: "CloudFront answers 403",
			ask:   peer.Request{URL: base + "/b", Resource: base + "/a"},
			gives: base + "/b?Policy=…" + tail, signs: cannedOf(base + "/a"), ours: policy.ErrNotCovered,
		},
		{
			name: "key pair ID that is a parameter", why: "it goes into the query as it is",
			ask:   peer.Request{URL: base + "/a", Canned: true, KeyPairID: "K1&Policy=x"},
			gives: base + "/a?Expires=2000000000&Signature=…&Key-Pair-Id=K1&Policy=…", signs: cannedOf(base + "/a"), ours: keys.ErrKeyPairID,
		},
		{
			name: "P-384", why: "CloudFront has no such keys",
			ask:   peer.Request{URL: base + "/a", Canned: true, Key: "p384"},
			gives: base + "/a?Expires=2000000000" + tail, ours: keys.ErrUnsupportedKey,
		},
	} {
		t.Run(d.name, func(t *testing.T) {
			d.ask.Hash = "SHA1"
			d.ask = withDefaults(d.ask)
			checkPeer(t, d, awsAnswer(t, d.ask))
			checkOurs(t, d)
		})
	}
}

// TestAWSSDKPolicyDifferences: the SDK signs policies that CloudFront refuses. They
// cannot be written here, and awspolicy.From does not take them over.
func TestAWSSDKPolicyDifferences(t *testing.T) {
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

// TestAWSSDKCookieDifferences: the SDK's Sign for cookies is called canned and sends a
// policy, does not take the resource of its own documentation, and leaves Secure out.
func TestAWSSDKCookieDifferences(t *testing.T) {
	skipWithoutSHA1(t)
	sdk := awssign.NewCookieSigner(peer.KeyPairID, testkeys.RSA())
	theirs, err := sdk.Sign(base+"/a", time.Unix(then, 0))
	if err != nil {
		t.Fatal(err)
	}
	ours := cannedCookies(t)
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

func cannedCookies(t *testing.T) []*http.Cookie {
	t.Helper()
	signer, err := sign.New(peer.KeyPairID, testkeys.RSA(), sign.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Canned(base+"/a", time.Unix(then, 0))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := signed.CookieSet().Cookies(sign.CookieAttributes{})
	if err != nil {
		t.Fatal(err)
	}
	return cookies
}

// secure returns which cookies are Secure.
func secure(cookies []*http.Cookie) map[string]bool {
	found := map[string]bool{}
	for _, cookie := range cookies {
		found[cookie.Name] = cookie.Secure
	}
	return found
}
