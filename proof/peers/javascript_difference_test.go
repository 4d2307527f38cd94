// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"testing"

	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
)

// The SDK's order of parameters, and of cookies by name.
const (
	jsTail    = "&Key-Pair-Id=" + peer.KeyPairID + "&Signature=…&Hash-Algorithm=SHA256"
	jsPolicy  = "?Policy=…" + jsTail
	jsExpires = "?Expires=2000000000" + jsTail
	jsCanned  = "CloudFront-Expires=2000000000; CloudFront-Hash-Algorithm=SHA256; CloudFront-Key-Pair-Id=" + peer.KeyPairID + "; CloudFront-Signature=…"
	ourTail   = tail + "&Hash-Algorithm=SHA256"
)

// TestJavaScriptDifferences: the SDK rewrites URLs, and takes conditions loosely.
func TestJavaScriptDifferences(t *testing.T) {
	compareDifferences(t, peer.StartNode(t, "@aws-sdk/cloudfront-signer", otherKeys(t)), []difference{
		{
			name: "escaped asterisk becomes a wildcard", why: "%2A is decoded, and * not encoded again: the policy for one folder opens all of them",
			ask:   peer.Request{URL: base + "/users/%2A/a", SourceIP: "192.0.2.0/24"},
			gives: base + "/users/*/a" + jsPolicy, signs: documentOf(base+"/users/*/a", ip("192.0.2.0/24")),
			oursGives: base + "/users/%2A/a?Policy=…" + ourTail,
		},
		{
			name: "escaped dots become a directory", why: "%2E%2E is decoded: clients request another path than the one that is signed",
			ask:   peer.Request{URL: base + "/a/%2E%2E/b", Canned: true},
			gives: base + "/a/../b" + jsExpires, signs: cannedOf(base + "/a/../b"), ours: policy.Reason("dot_segment"),
		},
		{
			name: "parameter without a value", why: "the URL handed back is another one than was asked for",
			ask:   peer.Request{URL: base + "/a?flag", Canned: true},
			gives: base + "/a?flag=&Expires=2000000000" + jsTail, signs: cannedOf(base + "/a?flag="),
			oursGives: base + "/a?flag&Expires=2000000000" + ourTail,
		},
		{
			name: "two ampersands", why: "one is dropped; this library asks for the form that everybody sends",
			ask:   peer.Request{URL: base + "/a?b=1&&c=2", Canned: true},
			gives: base + "/a?b=1&c=2&Expires=2000000000" + jsTail, signs: cannedOf(base + "/a?b=1&c=2"), ours: policy.Reason("query"),
		},
		{
			name: "digits of percent-encodings", why: "they are written in upper case, which makes another URL of it",
			ask:   peer.Request{URL: base + "/a%2fb?c=%2f", Canned: true},
			gives: base + "/a%2Fb?c=%2F&Expires=2000000000" + jsTail, signs: cannedOf(base + "/a%2Fb?c=%2F"),
			oursGives: base + "/a%2fb?c=%2f&Expires=2000000000" + ourTail,
		},
		{
			name: "delimiters in the path", why: "RFC 3986 lets them stand, and clients send them as they are",
			ask:   peer.Request{URL: base + "/a+b,c;d=e@f:g$&", Canned: true},
			gives: base + "/a%2Bb%2Cc%3Bd%3De%40f%3Ag%24%26" + jsExpires, signs: cannedOf(base + "/a%2Bb%2Cc%3Bd%3De%40f%3Ag%24%26"),
			oursGives: base + "/a+b,c;d=e@f:g$&?Expires=2000000000" + ourTail,
		},
		{
			name: "percent-encoding that is not UTF-8", why: "its percent sign is encoded once more, which is another file",
			ask:   peer.Request{URL: base + "/%ff", Canned: true},
			gives: base + "/%25ff" + jsExpires, signs: cannedOf(base + "/%25ff"),
			oursGives: base + "/%ff?Expires=2000000000" + ourTail,
		},
		{
			name: "fragment", why: "it becomes a part of the path",
			ask:   peer.Request{URL: base + "/a#b", Canned: true},
			gives: base + "/a%23b" + jsExpires, signs: cannedOf(base + "/a%23b"), ours: policy.Reason("fragment"),
		},
		{
			name: "space in a URL", why: "it is encoded in URLs, and not in cookies (see the next)",
			ask:   peer.Request{URL: base + "/a b", Canned: true},
			gives: base + "/a%20b" + jsExpires, signs: cannedOf(base + "/a%20b"), ours: policy.Reason("character"),
		},
		{
			name: "space in cookies", why: "no client requests the URL that is signed",
			ask:   peer.Request{Op: "cookies", URL: base + "/a b", Canned: true},
			gives: jsCanned, signs: cannedOf(base + "/a b"), ours: policy.Reason("character"),
		},
		{
			name: "wildcard in cookies", why: "without a condition they are canned, and CloudFront answers 403 for every file",
			ask:   peer.Request{Op: "cookies", URL: base + "/*", Canned: true},
			gives: jsCanned, signs: cannedOf(base + "/*"), ours: policy.ErrWildcard,
		},
		{
			name: "wildcard in a URL", why: "the policy is canned, and CloudFront answers 403 for every file",
			ask:   peer.Request{URL: base + "/*", Canned: true},
			gives: base + "/*" + jsExpires, signs: cannedOf(base + "/*"), ours: policy.ErrWildcard,
		},
		{
			name: "reserved parameter", why: "the URL has two of them",
			ask:   peer.Request{URL: base + "/a?Expires=1", Canned: true},
			gives: base + "/a?Expires=1&Expires=2000000000" + jsTail, signs: cannedOf(base + "/a?Expires=1"), ours: policy.Reason("reserved_name"),
		},
		{
			name: "address with an exponent", why: "its octets are read as JavaScript's numbers, and written as they came",
			ask:   peer.Request{URL: base + "/a", SourceIP: "1e2.0.0.1"},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", ip("1e2.0.0.1/32")), ours: policy.ErrSourceIP,
		},
		{
			name: "hexadecimal address", why: "as above",
			ask:   peer.Request{URL: base + "/a", SourceIP: "0x10.0.0.1"},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", ip("0x10.0.0.1/32")), ours: policy.ErrSourceIP,
		},
		{
			name: "address with an empty octet", why: "the empty text is the number 0",
			ask:   peer.Request{URL: base + "/a", SourceIP: "1..2.3"},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", ip("1..2.3/32")), ours: policy.ErrSourceIP,
		},
		{
			name: "range with two lengths", why: "both are dropped, and another range is signed than was asked for",
			ask:   peer.Request{URL: base + "/a", SourceIP: "1.2.3.4/24/5"},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", ip("1.2.3.4/32")), ours: policy.ErrSourceIP,
		},
		{
			name: "length with an exponent", why: "it is read as a number, and written as it came",
			ask:   peer.Request{URL: base + "/a", SourceIP: "1.2.3.4/1e1"},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", ip("1.2.3.4/1e1")), ours: policy.ErrSourceIP,
		},
		{
			name: "host bits", why: "not wrong: CloudFront takes it, and this library clears them",
			ask:   peer.Request{URL: base + "/a", SourceIP: "192.0.2.7/24"},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", ip("192.0.2.7/24")), oursGives: base + "/a?Policy=…" + ourTail,
		},
		{
			name: "start that is no date", why: "the condition is dropped without a word, and the policy valid at once",
			ask:   peer.Request{URL: base + "/a", Arguments: map[string]any{"dateGreaterThan": "tomorrow"}},
			gives: base + "/a" + jsExpires, signs: cannedOf(base + "/a"), ours: errUnsayable,
		},
		{
			name: "expiry as a number of seconds", why: "it is read as milliseconds, and has passed in January 1970; a time.Time has no unit",
			ask:   peer.Request{URL: base + "/a", Arguments: map[string]any{"dateLessThan": then}},
			gives: base + "/a?Expires=2000000" + jsTail, ours: errUnsayable,
		},
		{
			name: "expiry with a fraction", why: "it is rounded, here up: the policy is valid for longer than was said; this library cuts off",
			ask:   peer.Request{URL: base + "/a", Arguments: map[string]any{"dateLessThan": "2033-05-18T03:33:19.500Z"}},
			gives: base + "/a" + jsExpires, signs: cannedOf(base + "/a"), ours: errUnsayable,
		},
		{
			name: "start after the end", why: "it is valid never",
			ask:   peer.Request{URL: base + "/a", NotBefore: then + 1},
			gives: base + "/a" + jsPolicy, signs: documentOf(base+"/a", startAt("2000000001")), ours: policy.Reason("time_order"),
		},
		{
			name: "policy for any scheme without a URL", why: "the URL is made from the policy, and only *:// is known",
			ask:   peer.Request{Document: cannedOf("http*://cdn.example.com/a")},
			gives: "error: Error: Invalid URI scheme. Scheme must be one of http, https, or rtmp", ours: errUnsayable,
		},
		{
			name: "URL that the policy does not cover", why: "CloudFront answers 403",
			ask:   peer.Request{URL: base + "/b", Resource: base + "/a", Document: cannedOf(base + "/a")},
			gives: base + "/b" + jsPolicy, signs: cannedOf(base + "/a"), ours: policy.ErrNotCovered,
		},
		{
			name: "P-384", why: "CloudFront has no such keys",
			ask:   peer.Request{URL: base + "/a", Canned: true, Key: "p384"},
			gives: base + "/a" + jsExpires, ours: keys.ErrUnsupportedKey,
		},
	})
}

// TestJasonsimsDifferences: aws-cloudfront-sign signs the URL that it is given, and
// hands back what the URL parser of browsers makes of it.
func TestJasonsimsDifferences(t *testing.T) {
	skipWithoutSHA1(t)
	const both = "Expires=2000000000&Policy=…&Signature=…&Key-Pair-Id=" + peer.KeyPairID
	compareDifferences(t, peer.StartNode(t, "aws-cloudfront-sign", otherKeys(t)), []difference{
		{
			name: "Expires and Policy together", why: "nobody documents which one counts, so package verify refuses it",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a"},
			gives: base + "/a?" + both, signs: cannedOf(base + "/a"), oursGives: base + "/a?Policy=…" + ourTail,
		},
		{
			name: "apostrophe in the query", why: "it is encoded after signing, so that CloudFront answers 403",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a?b='"},
			gives: base + "/a?b=%27&" + both, signs: cannedOf(base + "/a?b='"), ours: policy.Reason("character"),
		},
		{
			name: "space in the query", why: "as above",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a?b=%20"},
			gives: base + "/a?b=+&" + both, signs: cannedOf(base + "/a?b=%20"), oursGives: base + "/a?b=%20&Policy=…" + ourTail,
		},
		{
			name: "parameter without a value", why: "as above",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a?flag"},
			gives: base + "/a?flag=&" + both, signs: cannedOf(base + "/a?flag"), oursGives: base + "/a?flag&Policy=…" + ourTail,
		},
		{
			name: "fragment", why: "it is in the policy, and no client sends it",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a#b"},
			gives: base + "/a?" + both + "#b", ours: policy.Reason("fragment"),
		},
		{
			name: "dots", why: "they are resolved after signing, so that CloudFront answers 403",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a/../b"},
			gives: base + "/b?" + both, signs: cannedOf(base + "/a/../b"), ours: policy.Reason("dot_segment"),
		},
		{
			name: "host in upper case", why: "as above",
			ask:   peer.Request{Hash: "SHA1", URL: "https://CDN.example.com/a"},
			gives: base + "/a?" + both, signs: cannedOf("https://CDN.example.com/a"), ours: policy.Reason("host"),
		},
		{
			name: "reserved parameter", why: "it is overwritten, and the policy has the old one",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a?Expires=1"},
			gives: base + "/a?" + both, signs: cannedOf(base + "/a?Expires=1"), ours: policy.Reason("reserved_name"),
		},
		{
			name: "address that is none", why: "CloudFront compares IPv4 ranges",
			ask:   peer.Request{Hash: "SHA1", URL: base + "/a", SourceIP: "300.1.2.3"},
			gives: base + "/a?" + both, signs: documentOf(base+"/a", ip("300.1.2.3")), ours: policy.ErrSourceIP,
		},
		{
			name: "after 2038", why: "it refuses what CloudFront accepts",
			ask:       peer.Request{Hash: "SHA1", URL: base + "/a", Canned: true, Expires: 1<<31 - 1},
			gives:     "error: Error: expireTime must be less than January 19, 2038 03:14:08 GMT due to the limits of UNIX time",
			oursGives: base + "/a?Expires=2147483647" + ourTail,
		},
	})
}
