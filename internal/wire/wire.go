// SPDX-License-Identifier: Apache-2.0

// Package wire describes signed URLs and signed cookies on the wire: names, limits,
// characters and the base64 alphabet. Code that writes them and code that reads them both
// use this package, so that the two cannot drift apart.
package wire

import (
	"regexp"
	"strings"
)

// Query parameters of a signed URL, in the order that AWS's tools write. CloudFront accepts
// any order.
//
// Sources: "Create a signed URL using a canned policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html,
// and "Create a signed URL using a custom policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
const (
	ParamPolicy        = "Policy"
	ParamExpires       = "Expires"
	ParamSignature     = "Signature"
	ParamKeyPairID     = "Key-Pair-Id"
	ParamHashAlgorithm = "Hash-Algorithm"
)

// Names of the cookies that stand for the query parameters.
//
// Sources: "Set signed cookies using a canned policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-canned-policy.html,
// and "Set signed cookies using a custom policy",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
const (
	CookiePolicy        = cookiePrefix + ParamPolicy
	CookieExpires       = cookiePrefix + ParamExpires
	CookieSignature     = cookiePrefix + ParamSignature
	CookieKeyPairID     = cookiePrefix + ParamKeyPairID
	CookieHashAlgorithm = cookiePrefix + ParamHashAlgorithm

	cookiePrefix = "CloudFront-"
)

// Values of Hash-Algorithm. Without one, CloudFront reads SHA1.
const (
	HashSHA1   = "SHA1"
	HashSHA256 = "SHA256"
)

const (
	// MaxURL is the longest URL, in bytes, that CloudFront accepts.
	//
	// Source: "Quotas",
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
	MaxURL = 8192

	// MaxCookie is the longest cookie, in bytes, with its name and attributes, that every
	// browser must store (RFC 6265, section 6.1).
	MaxCookie = 4096

	// MaxEpoch is the latest time, in epoch seconds, that CloudFront's pages name:
	// 2262-04-11. Milliseconds that are passed as seconds are beyond it.
	MaxEpoch = 9223372036
)

// CookieNames returns the names of all cookies that CloudFront reads, in the order of the
// query parameters.
func CookieNames() [5]string {
	return [5]string{CookiePolicy, CookieExpires, CookieSignature, CookieKeyPairID, CookieHashAlgorithm}
}

// IsSignedCookie reports whether name is the name of a cookie that CloudFront reads. Names are
// case-sensitive.
func IsSignedCookie(name string) bool {
	param, ok := strings.CutPrefix(name, cookiePrefix)
	return ok && IsReserved(param)
}

// IsReserved reports whether name is the name of a signing parameter. If a URL has one of
// them, CloudFront reads it as a signed URL and ignores the cookies. Names are
// case-sensitive.
//
// Source: "Decide to use signed URLs or signed cookies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html
func IsReserved(name string) bool {
	switch name {
	case ParamPolicy, ParamExpires, ParamSignature, ParamKeyPairID, ParamHashAlgorithm:
		return true
	}
	return false
}

// IsDistributionParent reports whether domain is the parent of all distributions' own domain
// names: cloudfront.net, or cloudfront.cn in China.
func IsDistributionParent(domain string) bool {
	return domain == "cloudfront.net" || domain == "cloudfront.cn"
}

// ParamName returns the name of the query parameter that stands for a cookie.
func ParamName(cookie string) string { return strings.TrimPrefix(cookie, cookiePrefix) }

// CookieName returns the name of the cookie that stands for a query parameter.
func CookieName(param string) string {
	switch param { // These need no new string.
	case ParamPolicy:
		return CookiePolicy
	case ParamExpires:
		return CookieExpires
	case ParamSignature:
		return CookieSignature
	case ParamKeyPairID:
		return CookieKeyPairID
	case ParamHashAlgorithm:
		return CookieHashAlgorithm
	}
	return cookiePrefix + param
}

// secret finds the signature and the policy in a text, also in quotation marks, and after an
// equals sign that is percent-encoded, once or several times, or escaped for JSON.
var secret = regexp.MustCompile(`(?i)(Policy|Signature)(=|%(?:25)*3D|\\+u003d)((?:\\*["'])?)[^&;?#\s"'<>\\]+`)

// Redact returns text without the signatures and policies in it. Texts about requests can
// have them in unexpected places, such as in a path, if a client wrote & instead of ?.
func Redact(text string) string {
	if !strings.ContainsAny(text, `=%\`) {
		return text
	}
	return secret.ReplaceAllString(text, "$1$2$3[...]")
}
