// SPDX-License-Identifier: Apache-2.0

package verify_test

import (
	"crypto/fips140"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/verify"
)

// TestAWSSDK: the verifier accepts what the AWS SDK for Go signs, with the SDK's order of
// conditions and its canned cookies.
func TestAWSSDK(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("the SDK signs with SHA-1 by default, which is not available with GODEBUG=fips140=only")
	}
	p := &awssign.Policy{Statements: []awssign.Statement{{Resource: base + "/u/7/*", Condition: awssign.Condition{
		DateLessThan:    awssign.NewAWSEpochTime(expires),
		DateGreaterThan: awssign.NewAWSEpochTime(now.Add(-time.Hour)),
		IPAddress:       &awssign.IPAddress{SourceIP: "192.0.2.10/24"},
	}}}}
	var requests []verify.Request
	add := func(r verify.Request, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		r.ViewerIP = viewer
		requests = append(requests, r)
	}
	for _, urls := range []*awssign.URLSigner{awssign.NewURLSigner(rsaID, testkeys.RSA()), awssign.NewURLSigner(p256ID, testkeys.P256())} {
		canned, err := urls.Sign(base+"/a?b=1&c=2", expires)
		add(verify.Request{URL: canned}, err)
		custom, err := urls.SignWithPolicy(base+"/u/7/a?b=1", p)
		add(verify.Request{URL: custom}, err)
	}
	signer := awssign.NewCookieSigner(rsaID, testkeys.RSA())
	canned, err := signer.Sign(base+"/a?b=1&c=2", expires)
	add(verify.Request{URL: base + "/a?b=1&c=2", Cookies: canned}, err)
	custom, err := signer.SignWithPolicy(p)
	add(verify.Request{URL: base + "/u/7/a", Cookies: custom}, err)
	for i, r := range requests {
		if _, err := verifier(t).Verify(r); err != nil {
			t.Errorf("request %d: %v", i, err)
		}
		r.URL = "https://www.example.com/a"
		if _, err := verifier(t).Verify(r); err == nil {
			t.Errorf("request %d: accepted for another host", i)
		}
	}
}
