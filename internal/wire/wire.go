// SPDX-License-Identifier: Apache-2.0

// Package wire holds what signed URLs and signed cookies look like on the
// wire: names, limits and the base64 alphabet. Whoever writes or reads them
// takes them from here, so that the two cannot drift apart.
package wire

import (
	"regexp"
	"strings"
)

// Query parameters of a signed URL, in the order in which they are written.
// CloudFront takes them in any order; AWS's tools write them in this one.
//
// Source: "Create a signed URL using a canned policy" and "… a custom policy"
// in the CloudFront Developer Guide.
const (
	ParamPolicy        = "Policy"
	ParamExpires       = "Expires"
	ParamSignature     = "Signature"
	ParamKeyPairID     = "Key-Pair-Id"
	ParamHashAlgorithm = "Hash-Algorithm"
)

// Names of the cookies that stand for the query parameters.
//
// Source: "Set signed cookies using a canned policy" and "… a custom policy".
const (
	CookiePolicy        = cookiePrefix + ParamPolicy
	CookieExpires       = cookiePrefix + ParamExpires
	CookieSignature     = cookiePrefix + ParamSignature
	CookieKeyPairID     = cookiePrefix + ParamKeyPairID
	CookieHashAlgorithm = cookiePrefix + ParamHashAlgorithm

	cookiePrefix = "CloudFront-"
)

// Values of Hash-Algorithm. CloudFront reads an absent one as SHA1.
const (
	HashSHA1   = "SHA1"
	HashSHA256 = "SHA256"
)

const (
	// MaxURL is the longest URL, in bytes, that CloudFront accepts.
	// Source: "Quotas" in the Developer Guide.
	MaxURL = 8192

	// MaxCookie is the longest cookie, in bytes, with its name and
	// attributes, that every browser has to store (RFC 6265, section 6.1).
	MaxCookie = 4096

	// MaxEpoch is the latest time, in epoch seconds, that CloudFront's pages
	// name: 2262-04-11. Milliseconds taken for seconds land beyond it.
	MaxEpoch = 9223372036
)

// CookieNames returns the names of all cookies that CloudFront reads, in the
// order in which they are written.
func CookieNames() [5]string {
	return [5]string{CookiePolicy, CookieExpires, CookieSignature, CookieKeyPairID, CookieHashAlgorithm}
}

// IsReserved reports whether name is a query parameter that CloudFront keeps
// for itself. One of them in a URL makes CloudFront take the URL for a signed
// one and ignore the cookies. Names are case-sensitive.
//
// Source: "Decide to use signed URLs or signed cookies".
func IsReserved(name string) bool {
	switch name {
	case ParamPolicy, ParamExpires, ParamSignature, ParamKeyPairID, ParamHashAlgorithm:
		return true
	}
	return false
}

// IsDistributionParent reports whether domain is the one below which CloudFront
// names distributions of all customers, in China the second.
func IsDistributionParent(domain string) bool {
	return domain == "cloudfront.net" || domain == "cloudfront.cn"
}

// ParamName returns the name of the query parameter that stands for a cookie.
func ParamName(cookie string) string { return strings.TrimPrefix(cookie, cookiePrefix) }

// CookieName returns the name of the cookie that stands for a query parameter.
func CookieName(param string) string { return cookiePrefix + param }

// secret finds the signature and the policy in a text, also behind an equals sign that
// is percent-encoded, once or again, or escaped for JSON, and in quotation marks.
var secret = regexp.MustCompile(`(?i)(Policy|Signature)(=|%(?:25)*3D|\\+u003d)((?:\\*["'])?)[^&;?#\s"'<>\\]+`)

// Redact returns text without the signatures and policies in it. Texts about
// requests may have them in places where nobody expects them: in a path, where &
// was written for ?.
func Redact(text string) string {
	if !strings.ContainsAny(text, `=%\`) {
		return text
	}
	return secret.ReplaceAllString(text, "$1$2$3[...]")
}
