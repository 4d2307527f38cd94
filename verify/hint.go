// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"slices"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A rule says what people usually got wrong when a check failed in a certain way.
// A rule without a predicate always applies.
type rule struct {
	applies predicate
	hint    string
}

// hint returns a sentence on the likely cause of a failure and how to fix it.
func (e *examination) hint(failed CheckName, err error) string {
	if failed == CheckSignature {
		if found := e.signedInstead(); found != "" {
			return found
		}
	}
	for _, r := range slices.Concat(rulesForURLs[failed], rules[failed]) {
		if r.applies == nil || r.applies(e, err) {
			return e.named(r.hint)
		}
	}
	return ambiguousHint
}

// named writes the names of cookies for those of parameters, if cookies were sent.
func (e *examination) named(hint string) string {
	if !e.credential.cookies {
		return hint
	}
	return strings.NewReplacer("Policy instead of Expires", wire.CookiePolicy+" instead of "+wire.CookieExpires,
		wire.ParamHashAlgorithm+"=", wire.CookieHashAlgorithm+"=", wire.ParamKeyPairID+"=", wire.CookieKeyPairID+"=").Replace(hint)
}

// ambiguousHint is for what no rule explains better.
const ambiguousHint = "CloudFront's documentation does not say what it does here, or contradicts itself, so this verifier refuses: use a form that can be read in one way only."

// rulesForURLs are tried first where a damaged URL may be the cause.
var rulesForURLs = map[CheckName][]rule{
	CheckCredential: damagedURL, CheckKey: damagedURL, CheckSignatureFormat: damagedURL,
	CheckPolicyFormat: damagedURL, CheckHash: damagedURL, CheckResource: damagedURL,
}

var damagedURL = []rule{
	{notURL, "This is not a URL that can be requested: it has to begin with https:// or http://, without quotation marks or white space before it."},
	{urlHas("&amp;"), "The URL was escaped for HTML, and requested without undoing that: replace &amp; by &."},
	{urlHasAny("\r\n\t "), "There is white space in the URL, perhaps a line break at its end: remove it, or write %20 if it is part of a name."},
	{urlHasAny("\"<>"), "The URL has quotation marks or angle brackets in it, perhaps from where it was copied: remove them."},
	{urlHas("#"), "What follows a # never reaches CloudFront: put the query before it, or write %23 if it is part of a name."},
}

// rules are tried from the top.
var rules = map[CheckName][]rule{
	CheckCredential: slices.Concat([]rule{
		{tooLong, "CloudFront answers URLs over 8,192 bytes with status 413: sign with a P-256 key and a shorter policy, or use cookies."},
		{cookiesHidden, "A query parameter has a name that CloudFront reserves (Policy, Expires, Signature, Key-Pair-Id, Hash-Algorithm), so CloudFront ignores the cookies: rename the application's parameter."},
		{hasBoth(wire.ParamPolicy, wire.ParamExpires), "Some libraries send both Policy and Expires, and no documentation says which one counts: send one of them, and clear the other's cookie."},
	},
		when(isEncoded(wire.ParamSignature), encodingRules(wire.ParamSignature)),
		when(isEncoded(wire.ParamPolicy), encodingRules(wire.ParamPolicy)),
		[]rule{
			{isEncoded(wire.ParamExpires), "Expires must be a time in whole seconds since 1970, in UTC: not a date, a fraction or milliseconds."},
			{isEncoded(wire.ParamKeyPairID), "The key pair ID has characters that no ID has: use the ID that CloudFront gave to the public key, which begins with K."},
			{isReason(ErrAmbiguous), "Something appears twice, or is encoded or quoted, so that two readers may see different things: sign the URL once, and set all cookies with one Domain and Path."},
			{keyIsEmpty, "The key pair ID is empty: it comes from a variable that was not set."},
			{encodedQuery, "The query was percent-encoded as a whole, so that its & and = are none: encode each value alone, or nothing."},
			{wrongCaseCookies, "The names of the cookies are case-sensitive: CloudFront-Policy, CloudFront-Expires, CloudFront-Signature, CloudFront-Key-Pair-Id, CloudFront-Hash-Algorithm."},
			{wrongCase, "The names of the parameters are case-sensitive: Expires, Policy, Signature, Key-Pair-Id, Hash-Algorithm."},
			{someInURL, "Part of the signed URL was lost: quote it in a shell, where & ends a command, and make sure that no code parses and rebuilds its query."},
			{someCookies, "Some of the cookies are missing: set all of them with one Domain and Path, and check in the browser's developer tools why the others were not stored."},
			{inPath, "The parameters are in the path: a ? has to stand before the first of them, and & between them."},
			{urlHas("X-Amz-Signature="), "This is a presigned URL of S3, which CloudFront does not check: sign the distribution's URL for CloudFront instead."},
			{isSegment, "Nothing signed arrived, and this looks like a segment of a stream: each is a URL of its own, so signing the playlist is not enough. Sign the folder, and use cookies or add the query to every segment."},
			{nil, "Nothing signed arrived. If you use cookies: their Domain and Path must cover this URL, Secure cookies need https, and a fetch from another origin must send credentials (a preflight never does). If you use signed URLs: this one is not signed."},
		}),
	CheckKey: {
		{keyBegins("AKIA", "ASIA"), "This is the ID of an AWS access key: use the ID of the public key in CloudFront, which begins with K."},
		{keyBegins("APKA"), "This is the ID of an account's legacy CloudFront key pair, which cannot be in a key group: create a public key and a key group, and use the public key's ID."},
		{keyIsUUID, "This looks like the ID of a key group: use the ID of the public key in it, which begins with K."},
		{keyIsPEM, "This is the text of a key: use the ID that CloudFront gave to the public key, which begins with K."},
		{keyBegins("arn:"), "This is an ARN: use the ID of the public key, which begins with K."},
		{keyIsDistribution, "This looks like the ID of a distribution: use the ID of the public key in CloudFront, which begins with K."},
		{keyIsLower, "IDs of public keys are in upper case: write them as CloudFront shows them."},
		{keyIsUnset, "The key pair ID comes from a variable that was not set."},
		{keyIsNone, "The key pair ID has characters that no ID has, perhaps from where it was copied: use the ID of the public key, which begins with K."},
		{nil, "The public key with this ID is in no key group that the cache behavior trusts, or another behavior matches the path first: add the key to a key group of the behavior that matches."},
	},
	CheckSignatureFormat: encodingRules(wire.ParamSignature),
	CheckPolicyFormat: append([]rule{
		{cannedWildcard, "A canned policy is for exactly one URL, and an asterisk in it is not a wildcard: sign a custom policy, and send Policy instead of Expires."},
		{isCannedMalformed, "Expires must be a time in whole seconds since 1970, in UTC: not a date, a fraction or milliseconds."},
		{isCannedTime, "Expires is before 1970 or after 2262. If it is in milliseconds, divide it by 1,000."},
		{isReason(ErrAmbiguous), "Clients and servers rewrite URLs like this one, so the URL that is requested may not be the one that was signed: sign the form that the message asks for."},
	}, encodingRules(wire.ParamPolicy)...),
	CheckHash: {
		{hashIsUnnamed, "Without Hash-Algorithm the signature counts as one over SHA-1, which CloudFront accepts and this verifier does not: sign with SHA-256, and send Hash-Algorithm=SHA256."},
		{isReason(ErrSHA1), "CloudFront accepts SHA-1, and this verifier does not: sign with SHA-256, and send Hash-Algorithm=SHA256."},
		{nil, "Hash-Algorithm must be SHA256 or SHA1, in upper case and without a hyphen."},
	},
	CheckSignature: {
		{isHex(wire.ParamSignature), "The signature is in hexadecimal: encode its bytes in base64, with - for +, _ for =, and ~ for /."},
		{rawECDSA, "The signature is r and s one after the other, as in JWT and WebCrypto: encode them in ASN.1 DER."},
		{tooShort, "The signature is too short for the key with this ID: it was cut, or made with another private key."},
		{otherSize, "The length of the signature does not fit the key with this ID: it was made with another private key."},
		{cannedCookies, "Cookies with CloudFront-Expires are for exactly one URL. If a wildcard was signed, send the policy in CloudFront-Policy instead; otherwise compare the URL that was signed with this one, including its query."},
		{isCannedURL, "Another URL was signed (compare scheme, host, percent-encoding, and parameters added after signing), another expiry, or another form of the policy, or the private key does not belong to this ID."},
		{nil, "Another policy was signed than the one that was sent (every byte counts, white space included), or the private key does not belong to this ID."},
	},
	CheckPolicy: {
		{resourceHasBackslash, "The resource has a backslash in it, as older pages of CloudFront's guide had before the question mark: leave it out, or end the path with an asterisk."},
		{isReason(policy.ErrNoResource), "CloudFront takes a policy without a Resource for everything that the key may sign: name the resource."},
		{isReason(policy.ErrStatements), "A policy must have a list of exactly one statement: sign one policy for each resource."},
		{isReason(policy.ErrNoExpiry), "Every policy needs the condition DateLessThan."},
		{isReason(policy.ErrTime), "Times are in whole seconds since 1970, in UTC. If this one is in milliseconds, divide it by 1,000."},
		{isReason(policy.ErrSourceIP), "The address must be an IPv4 range with its length, such as 192.0.2.0/24 or 192.0.2.7/32: CloudFront supports no IPv6 here."},
		{isReason(policy.ErrUnknownMember), "The only names in a policy are Statement, Resource, Condition, DateLessThan, DateGreaterThan, IpAddress, AWS:EpochTime and AWS:SourceIp, in exactly this spelling."},
		{isReason(ErrMalformedPolicy), "A policy is a JSON object whose Statement is a list of one object, with Resource and Condition, and with times that are numbers, not strings."},
	},
	CheckExpiry: {
		{isReason(ErrAmbiguous), "The verifier's clock is not set."},
		{isDuration, "The expiry looks like a duration: add it to the current time in seconds since 1970."},
		{expiredJustNow, "It expired moments ago: sign for longer, renew cookies before they expire, and compare the clocks of signer and edge."},
		{nil, "It has expired: sign again, for long enough to finish a download or a playback, because every request is checked, range requests included."},
	},
	CheckStart: {
		{nil, "The signer's clock is ahead, or the start is in local time instead of UTC: leave out the start, or set it some minutes earlier."},
	},
	CheckViewerIP: {
		{viewerUnknown, "The viewer's address is not known here: fill in ViewerIP."},
		{viewerIsIPv6, "The viewer came over IPv6, for which CloudFront supports no ranges: turn off IPv6 for the distribution, or leave the address out of the policy."},
		{nil, "The viewer's address is not the one that the signer saw, because of a proxy or a mobile network: widen the range, or leave it out."},
	},
	CheckResource: {
		{urlIsS3, "This is the URL of the S3 bucket: request the distribution, with the host that was signed."},
		{cookiesAnyScheme, "CloudFront's page on signed cookies allows only resources that begin with https:// or http://, its page on signed URLs also *://. Sign https://."},
		{isUnclear, "Servers in use cut or decode a path like this one, and what is left does not match the resource: rename the file, or sign a directory."},
		{isWider, "CloudFront's pages differ: on the one about signed cookies an asterisk stands for any characters of the whole URL, and a question mark for one. Sign the URL that is requested, or a directory."},
		{isReason(ErrAmbiguous), "Clients and servers rewrite URLs like this one, so that it may lead elsewhere: request the form that the message asks for."},
		{downgraded, "The URL was signed for https and requested over plain HTTP: request https://, or sign http:// if there is no TLS, as on a laptop. Behind a proxy that ends TLS, tell the verifier of https."},
		{differs(policy.SectionScheme), "The scheme is part of the resource, and viewers who are redirected to https arrive with https: sign https://."},
		{differs(policy.SectionHost), "The host is part of the resource: sign the host that viewers request, whether the distribution's own or an alternate domain name."},
		{onlyPlaylist, "Only the playlist was signed, but each segment is a URL of its own: sign the folder, and use cookies or add the query to every segment."},
		{differs(policy.SectionQuery), "The query is part of the resource: sign it as it is requested, or end the resource's path with an asterisk."},
		{folderWithoutAsterisk, "The folder was signed without an asterisk at its end, and covers nothing in it: sign it with one."},
		{nil, "The path is outside of what was signed. Compare the percent-encoding too: CloudFront compares paths as they are written."},
	},
}

// encodingRules are for a value in CloudFront's base64, decoded if it was
// percent-encoded.
func encodingRules(param string) []rule {
	has := func(characters string) predicate {
		return func(e *examination, _ error) bool { return strings.ContainsAny(e.decoded(param), characters) }
	}
	const base64url = ", as base64url has it: CloudFront's base64 is the standard one with - for +, _ for =, and ~ for /."
	return []rule{
		{isUnset(param), param + " comes from a variable that was not set, or from a promise that was not awaited."},
		{has("\r\n "), param + " has line breaks or spaces in it: encode it as one line, as base64 -w0 does."},
		{all(has("="), has("-_")), param + " has - or _ in it and = at its end" + base64url},
		{has("+/="), param + " is in standard base64: replace + by -, = by _, and / by ~."},
		{unpadded(param), param + " was cut, or has no padding" + base64url},
		{isEncoded(param), param + " is percent-encoded, which CloudFront's base64 does not need: append it to the URL as it is."},
		{nil, param + " is not in CloudFront's base64, which is standard base64 with - for +, _ for =, and ~ for /. Base64url is something else."},
	}
}

// when returns the rules with another condition.
func when(condition predicate, rules []rule) []rule {
	var conditional []rule
	for _, r := range rules {
		if r.applies == nil {
			r.applies = condition
		}
		conditional = append(conditional, rule{all(condition, r.applies), r.hint})
	}
	return conditional
}
