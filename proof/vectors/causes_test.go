// SPDX-License-Identifier: Apache-2.0

package vectors_test

import (
	"strings"
	"unicode"
)

// causes are the reasons for refusing, by names that are no language's.
var causes = map[string]string{
	"ambiguous":           "two readers could understand the request differently",
	"bad_signature":       "the signature is not that of the key over the policy",
	"character":           "a character that some client would rewrite, or that means something in JSON",
	"dot_segment":         "a path segment of one or two dots, in any spelling",
	"empty_segment":       "an empty path segment where clients or servers take several slashes for one",
	"expired":             "the time of the expiry has come",
	"fragment":            "a fragment never reaches CloudFront",
	"hash":                "not SHA-1 or SHA-256",
	"host":                "not a DNS name or IPv4 address in the form in which clients send it",
	"key_pair_id":         "a key pair ID has letters and digits, 1 to 64",
	"malformed_policy":    "the policy or the expiry cannot be read",
	"malformed_signature": "the signature is not CloudFront's base64",
	"missing":             "not signed, or not completely",
	"no_expiry":           "every policy needs an expiry",
	"no_resource":         "a policy without a resource is one for everything",
	"not_covered":         "the policy's resource does not cover the URL",
	"not_yet_valid":       "the time of the start has not passed",
	"path":                "no path, where clients request /",
	"port":                "not a port, or the default one, which clients leave out",
	"query":               "an empty query or parameter",
	"repeated_member":     "a name stands twice in one JSON object",
	"reserved_name":       "a parameter with a name that is CloudFront's",
	"scheme":              "not https:// or http:// in lower case",
	"source_ip":           "not one IPv4 range with its length",
	"statements":          "not exactly one statement",
	"syntax":              "not JSON, or a value of the wrong type",
	"time":                "not after 1970, or after 2262-04-11",
	"time_order":          "would end before it begins",
	"too_long":            "the URL, or the one that would result, has more than 8,192 bytes",
	"unknown_key":         "the key pair ID is not trusted",
	"unknown_member":      "a name that CloudFront's policies do not have",
	"unsupported_key":     "not RSA of 2048 bits or ECDSA on P-256",
	"user_info":           "a user name before the host",
	"wildcard":            "a wildcard where none may be, or one that covers more than its author can have meant",
	"wrong_ip":            "the viewer's address is not in the range",
	"wrong_resource":      "the policy does not cover the URL",
}

// cause turns the name of a sentinel, ErrBadSignature, into bad_signature.
func cause(sentinel string) string {
	var b strings.Builder
	upper := true
	for _, r := range strings.TrimPrefix(sentinel, "Err") {
		if unicode.IsUpper(r) && !upper {
			b.WriteByte('_')
		}
		upper = unicode.IsUpper(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
