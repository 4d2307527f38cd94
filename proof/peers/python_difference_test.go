// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"testing"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
)

// TestBotocoreDifferences: botocore 1.29 to 1.43 takes what it is given.
func TestBotocoreDifferences(t *testing.T) {
	compareDifferences(t, peer.StartPython(t, "cryptography", otherKeys(t)), []difference{
		{
			name: "wildcard in a canned policy", why: "CloudFront rebuilds the policy with the URL that is requested, and answers 403 for every file",
			ask:   peer.Request{URL: base + "/*", Canned: true},
			gives: base + "/*?Expires=2000000000" + tail, signs: cannedOf(base + "/*"), ours: policy.ErrWildcard,
		},
		{
			name: "second question mark in a pattern", why: "one reading of CloudFront's pages is a wildcard for one character (boto/botocore#3377)",
			ask:   peer.Request{URL: base + "/a?b?c"},
			gives: base + "/a?b?c&Policy=…" + tail, signs: cannedOf(base + "/a?b?c"), ours: policy.ErrWildcard,
		},
		{
			name: "date without a time zone", why: "it is taken for UTC, so that datetime.now() is nine hours off in the place of this test; a time.Time is always an instant",
			ask:   peer.Request{URL: base + "/a", Canned: true, Naive: true},
			gives: base + "/a?Expires=2000000000" + tail, signs: cannedOf(base + "/a"), oursGives: base + "/a?Expires=2000000000" + tail + "&Hash-Algorithm=SHA256",
		},
		{
			name: "not ASCII", why: "the document has an escape that a canned policy, which CloudFront rebuilds, has not",
			ask:   peer.Request{URL: base + "/é", Canned: true},
			gives: base + "/é?Expires=2000000000" + tail, signs: cannedOf(base + `/\u00e9`), ours: policy.Reason("character"),
		},
		{
			name: "quotation mark", why: "it is escaped in the document, and percent-encoded by clients",
			ask:   peer.Request{URL: base + `/a"b`, Canned: true},
			gives: base + `/a"b?Expires=2000000000` + tail, signs: cannedOf(base + `/a\"b`), ours: policy.Reason("character"),
		},
		{
			name: "space", why: "clients send %20",
			ask:   peer.Request{URL: base + "/a b", Canned: true},
			gives: base + "/a b?Expires=2000000000" + tail, signs: cannedOf(base + "/a b"), ours: policy.Reason("character"),
		},
		{
			name: "fragment", why: "the parameters stand behind the #, and never reach CloudFront",
			ask:   peer.Request{URL: base + "/a#b", Canned: true},
			gives: base + "/a#b?Expires=2000000000" + tail, signs: cannedOf(base + "/a#b"), ours: policy.Reason("fragment"),
		},
		{
			name: "reserved parameter", why: "the URL has two of them",
			ask:   peer.Request{URL: base + "/a?Expires=1", Canned: true},
			gives: base + "/a?Expires=1&Expires=2000000000" + tail, signs: cannedOf(base + "/a?Expires=1"), ours: policy.Reason("reserved_name"),
		},
		{
			name: "address that is none", why: "CloudFront compares IPv4 ranges",
			ask:   peer.Request{URL: base + "/a", SourceIP: "300.1.2.3"},
			gives: base + "/a?Policy=…" + tail, signs: documentOf(base+"/a", ip("300.1.2.3/32")), ours: policy.ErrSourceIP,
		},
		{
			name: "IPv6", why: "CloudFront has only IPv4 here; /32 is added, which is a fourth of all IPv6 networks",
			ask:   peer.Request{URL: base + "/a", SourceIP: "2001:db8::1"},
			gives: base + "/a?Policy=…" + tail, signs: documentOf(base+"/a", ip("2001:db8::1/32")), ours: policy.ErrSourceIP,
		},
		{
			name: "start after the end", why: "it is valid never",
			ask:   peer.Request{URL: base + "/a", NotBefore: then + 1},
			gives: base + "/a?Policy=…" + tail, signs: documentOf(base+"/a", startAt("2000000001")), ours: policy.Reason("time_order"),
		},
		{
			name: "expired", why: "CloudFront answers 403 at once",
			ask:   peer.Request{URL: base + "/a", Canned: true, Expires: 1},
			gives: base + "/a?Expires=1" + tail, ours: sign.ErrExpired,
		},
		{
			name: "milliseconds taken for seconds", why: "it is valid for thousands of years",
			ask:   peer.Request{URL: base + "/a", Canned: true, Expires: 200_000_000_000},
			gives: base + "/a?Expires=200000000000" + tail, ours: policy.Reason("time"),
		},
		{
			name: "no marker for SHA-256", why: "CloudFront takes it for SHA-1, and answers 403; the caller has to add the parameter",
			ask:   peer.Request{URL: base + "/a", Canned: true},
			gives: base + "/a?Expires=2000000000" + tail, signs: cannedOf(base + "/a"),
			oursGives: base + "/a?Expires=2000000000" + tail + "&Hash-Algorithm=SHA256",
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
		{
			name: "URL that the policy does not cover", why: "CloudFront answers 403",
			ask:   peer.Request{URL: base + "/b", Resource: base + "/a"},
			gives: base + "/b?Policy=…" + tail, signs: cannedOf(base + "/a"), ours: policy.ErrNotCovered,
		},
	})
}

// TestRSADifferences: the package rsa reads keys of the older form only, which OpenSSL
// has not written by itself since version 3.
func TestRSADifferences(t *testing.T) {
	compareDifferences(t, peer.StartPython(t, "rsa", otherKeys(t)), []difference{
		{
			name: "PKCS#8", why: "it wants BEGIN RSA PRIVATE KEY; keys.ParsePrivate reads both",
			ask:   peer.Request{URL: base + "/a", Canned: true, Key: "pkcs8"},
			gives: `error: ValueError: No PEM start marker "b'-----BEGIN RSA PRIVATE KEY-----'" found`, ours: errUnsayable,
		},
		{
			name: "ECDSA", why: "it has RSA alone",
			ask:       peer.Request{URL: base + "/a", Canned: true, Key: "p256"},
			gives:     `error: ValueError: No PEM start marker "b'-----BEGIN RSA PRIVATE KEY-----'" found`,
			oursGives: base + "/a?Expires=2000000000" + tail + "&Hash-Algorithm=SHA256",
		},
	})
}
