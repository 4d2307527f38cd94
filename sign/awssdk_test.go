// SPDX-License-Identifier: Apache-2.0

package sign_test

import (
	"crypto"
	"crypto/sha256"
	"io"
	"maps"
	"net/netip"
	"testing"
	"time"

	awssign "github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/internal/test/testkeys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/policy/awspolicy"
	"github.com/cfsign/cfsign/sign"
)

var sdkURLs = []string{
	base + "/a.jpg",
	base + "/a?b=1&c=2",
	base + "/my%20file%2Fx.jpg",
	base + "/a+b,c;d=e@f:g!$&'()",
	base + "/",
	"http://cdn.example.com:8080/a//b?flag&empty=",
	"https://d111111abcdef8.cloudfront.net/image.jpg?size=large&license=yes",
}

// TestAWSSDKCannedURL: the same URL, byte for byte, as the AWS SDK for Go in the
// same process.
func TestAWSSDKCannedURL(t *testing.T) {
	for hash, name := range map[crypto.Hash]awssign.HashAlgorithm{crypto.SHA1: awssign.HashSHA1, crypto.SHA256: awssign.HashSHA256} {
		t.Run(string(name), func(t *testing.T) { testAWSSDKCannedURL(t, hash, name) })
	}
}

func testAWSSDKCannedURL(t *testing.T, hash crypto.Hash, name awssign.HashAlgorithm) {
	skipSHA1UnderFIPS(t, hash)
	sdk := awssign.NewURLSigner(keyPairID, testkeys.RSA())
	if hash != crypto.SHA1 { // With its name, the SDK writes a parameter, too.
		sdk.HashAlg = name
	}
	ours := newSigner(t, testkeys.RSA(), hash)
	for _, rawURL := range sdkURLs {
		want, err := sdk.Sign(rawURL, expires)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.URL(t.Context(), rawURL, expires)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-sdk +ours):\n%s", rawURL, diff)
		}
	}
}

// TestAWSSDKCustom: the same URLs and cookies for policies with only one form, and the
// same meaning for policies that the SDK writes in another order.
func TestAWSSDKCustom(t *testing.T) {
	skipSHA1UnderFIPS(t, crypto.SHA1)
	sdkURL := awssign.NewURLSigner(keyPairID, testkeys.RSA())
	sdkCookies := awssign.NewCookieSigner(keyPairID, testkeys.RSA())
	ours := newSigner(t, testkeys.RSA(), crypto.SHA1)
	p := custom(t, base+"/u/7/*")
	sdkPolicy, err := awspolicy.To(p)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := ours.Sign(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, rawURL := range []string{base + "/u/7/a.jpg", base + "/u/7/a?b=1"} {
		want, err := sdkURL.SignWithPolicy(rawURL, sdkPolicy)
		if err != nil {
			t.Fatal(err)
		}
		got, err := signed.URL(rawURL)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-sdk +ours):\n%s", rawURL, diff)
		}
	}
	cookies, err := sdkCookies.SignWithPolicy(sdkPolicy)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, cookie := range cookies {
		want[cookie.Name] = cookie.Value
	}
	if diff := cmp.Diff(want, maps.Collect(signed.CookieSet().All())); diff != "" {
		t.Errorf("cookies (-sdk +ours):\n%s", diff)
	}
}

// hashes is a key that signs nothing: what the SDK signs is compared by its document, which it
// returns next to the signature.
type hashes struct{ crypto.Signer }

func (hashes) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return []byte("-"), nil }

// TestAWSSDKDocuments: what the SDK would sign for our policies reads back as
// the same policy, and our SHA-256 signature over its bytes verifies.
func TestAWSSDKDocuments(t *testing.T) {
	skipSHA1UnderFIPS(t, crypto.SHA1)
	prefix := netip.MustParsePrefix("192.0.2.0/24")
	r, err := policy.Directory(base + "/u/")
	if err != nil {
		t.Fatal(err)
	}
	for _, conditions := range []policy.Conditions{
		{Expires: expires},
		{Expires: expires, NotBefore: now},
		{Expires: expires, SourceIP: &prefix},
		{Expires: expires, NotBefore: now, SourceIP: &prefix},
	} {
		p, err := policy.Custom(r, conditions)
		if err != nil {
			t.Fatal(err)
		}
		sdkPolicy, err := awspolicy.To(p)
		if err != nil {
			t.Fatal(err)
		}
		_, encoded, err := sdkPolicy.Sign(hashes{testkeys.P256()})
		if err != nil {
			t.Fatal(err)
		}
		document := decode(t, string(encoded))
		received, err := policy.Parse(document)
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		same, err := policy.Custom(received.Resource(), conditions)
		if err != nil || same != p {
			t.Errorf("%s is not %s", document, p.JSON())
		}
		checkReceived(t, received, document)
	}
}

// checkReceived signs a parsed policy, over the received bytes.
func checkReceived(t *testing.T, p policy.Policy, document []byte) {
	t.Helper()
	for _, key := range []crypto.Signer{testkeys.RSA(), testkeys.P256()} {
		signed, err := newSigner(t, key, crypto.SHA256).Sign(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		values := maps.Collect(signed.CookieSet().All())
		if diff := cmp.Diff(string(document), string(decode(t, values["CloudFront-Policy"]))); diff != "" {
			t.Errorf("document (-want +got):\n%s", diff)
		}
		if !verifies(key.Public(), crypto.SHA256, document, decode(t, values["CloudFront-Signature"])) {
			t.Errorf("%T: signature over other bytes than %x", key, sha256.Sum256(document))
		}
	}
}

// TestAWSSDKECDSA: the SDK's signatures are random, so both are verified.
func TestAWSSDKECDSA(t *testing.T) {
	skipSHA1UnderFIPS(t, crypto.SHA1)
	sdk := awssign.NewURLSigner(keyPairID, testkeys.P256())
	theirs, err := sdk.Sign(base+"/a?b=1", expires)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := newSigner(t, testkeys.P256(), crypto.SHA1).URL(t.Context(), base+"/a?b=1", expires)
	if err != nil {
		t.Fatal(err)
	}
	for _, signedURL := range []string{theirs, ours} {
		checkSignedURL(t, signedURL, base+"/a?b=1", canned(t, base+"/a?b=1"), testkeys.P256().Public(), crypto.SHA1)
	}
}

// TestAWSSDKMistakes: this package returns an error for policies that the SDK signs, but
// that CloudFront denies or reads as something else.
func TestAWSSDKMistakes(t *testing.T) {
	skipSHA1UnderFIPS(t, crypto.SHA1)
	sdk := awssign.NewURLSigner(keyPairID, testkeys.RSA())
	ours := newSigner(t, testkeys.RSA(), crypto.SHA1)
	tests := []struct {
		name, rawURL string
		expires      time.Time
	}{
		{"canned wildcard", base + "/*", expires},
		{"fragment", base + "/a#b", expires},
		{"space", base + "/a b", expires},
		{"quotation mark", base + `/a"b`, expires},
		{"no host", "https:///a", expires},
		{"reserved parameter", base + "/a?Hash-Algorithm=SHA256", expires},
		{"zero time", base + "/a", time.Time{}},
		{"expired", base + "/a", now.Add(-time.Second)},
		{"milliseconds", base + "/a", time.Unix(expires.UnixMilli(), 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := sdk.Sign(tt.rawURL, tt.expires); err != nil {
				t.Logf("the SDK has learned to refuse it: %v", err)
			}
			if got, err := ours.URL(t.Context(), tt.rawURL, tt.expires); err == nil {
				t.Errorf("signed: %q", got)
			}
		})
	}
	if _, err := sign.New("K1&Policy=x", testkeys.RSA(), sign.Options{}); err == nil {
		t.Error("a key pair ID that injects a parameter was accepted")
	}
}
