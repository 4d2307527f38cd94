// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto/ecdsa"
	"errors"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A rule is what people got wrong when a check failed in a certain way.
type rule struct {
	applies func(e *examination, err error) bool
	hint    string
}

// hint returns a sentence on why a check failed and what to do.
func (e *examination) hint(failed CheckName, err error) string {
	if failed == CheckSignature {
		if found := e.whatFits(); found != "" {
			return found
		}
	}
	for _, r := range rules[failed] {
		if r.applies == nil || r.applies(e, err) {
			return r.hint
		}
	}
	return "CloudFront's documentation leaves open what it does here, or contradicts itself, so this is denied whatever CloudFront may do: write it in the one form that everybody reads alike."
}

// rules are looked through from the top; one without a condition ends the list.
// Where none applies the request was denied because it is ambiguous.
var rules = map[CheckName][]rule{
	CheckCredential: {
		{urlHas("&amp;"), "The URL was escaped for HTML and requested without undoing it: &amp; has to be & again."},
		{tooLong, "CloudFront answers a URL over 8,192 bytes with the status 413: sign with P-256 and a shorter policy, or use cookies."},
		{hasBoth(wire.ParamPolicy, wire.ParamExpires), "Some libraries send Policy and Expires, and nobody documents which one counts: send one of them, and clear the cookie of the other kind."},
		{isReason(ErrAmbiguous), "Something is there twice, encoded or quoted, so that two readers may see different things: sign a URL once, and set all cookies of one viewer with one Domain and Path."},
		{cookiesHidden, "A query parameter with a name that CloudFront keeps for itself (Policy, Expires, Signature, Key-Pair-Id, Hash-Algorithm) makes it ignore the cookies: give the application's own another name."},
		{someInURL, "Part of a signed URL was lost on the way: put it in quotation marks in a shell, where & ends a command, and let nothing parse and rebuild its query."},
		{someCookies, "Part of the cookies is missing: set all of a set with one Domain and Path, and look at what the browser says of those that it did not store."},
		{nil, "Nothing signed arrived: check that the cookies' Domain and Path cover this URL, that it has https if they are Secure, that a fetch from another origin sends credentials (a preflight never does), or that the link in use is the signed one."},
	},
	CheckKey: {
		{keyBegins("AKIA", "ASIA"), "The key pair ID is that of an AWS access key: use the ID of the CloudFront public key, which begins with K."},
		{keyBegins("APKA"), "The key pair ID is that of an account's old CloudFront key pair, which is in no key group: make a public key and a key group, and sign with its ID."},
		{keyIsUUID, "The key pair ID looks like that of a key group: use the ID of the public key in it, which begins with K."},
		{keyIsPEM, "The key pair ID has the text of a key: use the ID that CloudFront gave the public key, which begins with K."},
		{keyIsUnset, "The key pair ID is a variable that was not set."},
		{nil, "The public key with this ID is in no key group that the cache behavior trusts, or another behavior comes first for this path: add the key to a group of that behavior."},
	},
	CheckSignatureFormat: encodingRules(wire.ParamSignature),
	CheckPolicyFormat: append([]rule{
		fragmentRule,
		{cannedWildcard, "A canned policy means one URL, and an asterisk in it is nothing but an asterisk: for a wildcard sign a custom policy, and send Policy instead of Expires."},
		{isCannedMalformed, "Expires is a time in whole seconds since 1970, in UTC and without quotation marks: no date, no fraction, no milliseconds."},
		{isCannedTime, "Expires is before 1970 or after 2262, as milliseconds are: divide them by 1,000."},
		{isReason(ErrAmbiguous), "Clients and servers rewrite URLs of this form, so what is requested may not be what was signed: sign it in the form that the message names."},
	}, encodingRules(wire.ParamPolicy)...),
	CheckHash: {
		{hashIsUnnamed, "A credential that names no hash counts as one over SHA-1, which CloudFront accepts and this verifier does not: sign with SHA-256, and if that was done, send Hash-Algorithm=SHA256 too."},
		{isReason(ErrSHA1), "CloudFront accepts SHA-1 and this verifier does not: sign with SHA-256 and Hash-Algorithm=SHA256."},
		{nil, "The hash is named SHA256 or SHA1, in upper case and without a hyphen; what CloudFront does with other names is not known."},
	},
	CheckSignature: {
		{rawECDSA, "The signature is the two numbers r and s one after the other, as WebCrypto and JWT have them: CloudFront wants them in ASN.1 DER."},
		{otherSize, "The signature has not the size of the key with this ID: the private key is another one."},
		{cannedCookies, "Cookies with CloudFront-Expires are for one URL alone: if a wildcard was signed, send the policy in CloudFront-Policy; else compare the signed URL with this one, the query included."},
		{isCannedURL, "The URL is not the one that was signed (scheme, host, encoding of the path, a query parameter added or changed after signing), or the private key is not that of this ID."},
		{nil, "The policy was signed in another form than it was sent in (white space counts), or the private key is not that of this ID."},
	},
	CheckPolicy: {
		{isReason(policy.ErrNoResource), "CloudFront reads a policy without a resource as one for everything that the key may sign: name the resource."},
		{isReason(policy.ErrStatements), "A policy has a list of exactly one statement: sign one policy for each folder."},
		{isReason(policy.ErrNoExpiry), "DateLessThan is the one condition that every policy needs."},
		{isReason(policy.ErrTime), "A time is in whole seconds since 1970, in UTC; this may be milliseconds: divide them by 1,000."},
		{isReason(policy.ErrSourceIP), "The range is one of IPv4 with its length, such as 192.0.2.0/24 or 192.0.2.7/32; CloudFront has none for IPv6."},
		{isReason(ErrMalformedPolicy), "The policy is JSON: a Statement that is a list of one object with Resource and Condition, and times that are numbers without quotation marks."},
	},
	CheckExpiry: {
		{isReason(ErrAmbiguous), "Set the clock of the verifier."},
		{isDuration, "The expiry looks like a duration: add it to the current time in seconds since 1970."},
		{expiredJustNow, "It ended only just: sign for longer, renew cookies before they end, and compare the clocks of signer and edge."},
		{nil, "It ended: sign anew, for as long as downloads and players need, because each request is checked, that for a part of a file too."},
	},
	CheckStart: {
		{nil, "The clock of the signer is ahead, or the start is in local time and not in UTC: leave the start out, or set it some minutes earlier."},
	},
	CheckViewerIP: {
		{viewerUnknown, "The viewer's address is not known here: fill in ViewerIP."},
		{viewerIsIPv6, "The viewer came over IPv6, for which CloudFront has no ranges: switch IPv6 off for the distribution, or leave the address out of the policy."},
		{nil, "The viewer has another address than the signer saw (a proxy, a mobile network), or a new one: widen the range, or leave it out."},
	},
	CheckResource: {
		fragmentRule,
		{urlIsS3, "The URL is that of the bucket: request the distribution, under the name that was signed."},
		{cookiesAnyScheme, "CloudFront's page on signed cookies knows resources with https:// and http:// only, that on signed URLs *:// too: write https://."},
		{isReason(ErrAmbiguous), "Clients and servers rewrite URLs of this form, so that it may lead elsewhere: request it in the form that the message names."},
		{differs(policy.SectionScheme), "The scheme is part of the resource, and viewers that are redirected to https arrive with that one: sign https://."},
		{differs(policy.SectionHost), "The host is part of the resource: sign the one that viewers request, be it the distribution's own or an alternate domain name."},
		{onlyPlaylist, "Only the playlist was signed, and its segments are URLs of their own: sign the folder, and use cookies or add the query to every segment."},
		{differs(policy.SectionQuery), "The query is part of the resource: sign it as it is requested, or end the path of the resource with an asterisk."},
		{nil, "The path is outside of what was signed: compare the encoding too, because CloudFront compares it as written."},
	},
}

var fragmentRule = rule{urlHas("#"), "What follows a # never reaches CloudFront: put the query before it, or write %23 if it is part of a name."}

// encodingRules are for a value in CloudFront's base64.
func encodingRules(param string) []rule {
	value := func(e *examination) string { return e.credential.values.get(param) }
	return []rule{
		{func(e *examination, _ error) bool { return strings.ContainsAny(value(e), "\r\n ") }, "There are line breaks or spaces in " + param + ": encode it as one line, as base64 -w0 does."},
		{func(e *examination, _ error) bool { return strings.ContainsAny(value(e), "+/=") }, param + " is in standard base64: write - for +, _ for =, and ~ for /."},
		{func(e *examination, _ error) bool { return len(value(e))%4 != 0 }, param + " was cut, or has lost its padding as in base64url: CloudFront's base64 has _ where the standard one has =, and ~ for /."},
		{nil, param + " is not in CloudFront's base64: it is the standard one with - for +, _ for =, and ~ for /, which is not base64url."},
	}
}

func isReason(reason error) func(*examination, error) bool {
	return func(_ *examination, err error) bool { return errors.Is(err, reason) }
}

func urlHas(part string) func(*examination, error) bool {
	return func(e *examination, _ error) bool { return strings.Contains(e.request.URL, part) }
}

func tooLong(e *examination, _ error) bool { return len(e.request.URL) > wire.MaxURL }

func hasBoth(one, other string) func(*examination, error) bool {
	return func(e *examination, _ error) bool {
		_, hasOne := e.credential.values.lookup(one)
		_, hasOther := e.credential.values.lookup(other)
		return hasOne && hasOther
	}
}

func cookiesHidden(e *examination, _ error) bool {
	if !someInURL(e, nil) {
		return false
	}
	values, err := fromCookies(e.request.Cookies)
	return err == nil && values.get(wire.ParamKeyPairID) != "" && values.get(wire.ParamSignature) != ""
}

func someInURL(e *examination, _ error) bool {
	return !e.credential.cookies && len(e.credential.values) > 0
}

func someCookies(e *examination, _ error) bool {
	return e.credential.cookies && len(e.credential.values) > 0
}

func (e *examination) keyPairID() string { return e.credential.values.get(wire.ParamKeyPairID) }

func keyBegins(prefixes ...string) func(*examination, error) bool {
	return func(e *examination, _ error) bool {
		for _, prefix := range prefixes {
			if strings.HasPrefix(e.keyPairID(), prefix) {
				return true
			}
		}
		return false
	}
}

func keyIsUUID(e *examination, _ error) bool {
	return len(e.keyPairID()) == 36 && strings.Count(e.keyPairID(), "-") == 4
}

func keyIsPEM(e *examination, _ error) bool {
	return len(e.keyPairID()) > 64 || strings.Contains(e.keyPairID(), "BEGIN")
}

func keyIsUnset(e *examination, _ error) bool {
	switch e.keyPairID() {
	case "undefined", "null", "nil", "None", "NaN", "false":
		return true
	}
	return false
}

func cannedWildcard(e *examination, _ error) bool {
	return e.credential.isCanned() && strings.Contains(e.credential.url, "*")
}

func isCannedMalformed(e *examination, err error) bool {
	return e.credential.isCanned() && errors.Is(err, ErrMalformedPolicy)
}

func isCannedTime(e *examination, err error) bool {
	return e.credential.isCanned() && errors.Is(err, policy.ErrTime)
}

func hashIsUnnamed(e *examination, _ error) bool {
	_, named := e.credential.values.lookup(wire.ParamHashAlgorithm)
	return !named
}

// rawECDSA: 64 bytes do not begin as DER does.
func rawECDSA(e *examination, _ error) bool {
	_, isECDSA := e.key.(*ecdsa.PublicKey)
	return isECDSA && len(e.signature) == 64
}

func otherSize(e *examination, _ error) bool {
	const rsaSize, longestECDSA = 256, 72
	if _, isECDSA := e.key.(*ecdsa.PublicKey); isECDSA {
		return len(e.signature) > longestECDSA
	}
	return len(e.signature) != rsaSize
}

func cannedCookies(e *examination, _ error) bool {
	return e.credential.cookies && e.credential.isCanned()
}

func isCannedURL(e *examination, _ error) bool { return e.credential.isCanned() }

func isDuration(e *examination, _ error) bool {
	const longestDuration = 10 * 365 * 24 * 60 * 60
	return e.policy.Expires().Unix() <= longestDuration
}

func expiredJustNow(e *examination, _ error) bool {
	const few = 5 * 60
	return e.now.Unix()-e.policy.Expires().Unix() <= few
}

func viewerUnknown(e *examination, _ error) bool { return !e.request.ViewerIP.IsValid() }

func viewerIsIPv6(e *examination, _ error) bool { return e.request.ViewerIP.Unmap().Is6() }

func cookiesAnyScheme(e *examination, _ error) bool {
	scheme, _, _ := strings.Cut(e.policy.Resource().String(), "://")
	return e.credential.cookies && strings.Contains(scheme, "*")
}

func urlIsS3(e *examination, _ error) bool {
	u, err := url.Parse(withoutQuery(e.credential.url))
	return err == nil && strings.HasSuffix(u.Hostname(), ".amazonaws.com")
}

func differs(section policy.Section) func(*examination, error) bool {
	return func(_ *examination, err error) bool {
		var mismatch *policy.NotCoveredError
		return errors.As(err, &mismatch) && mismatch.Section == section
	}
}

func onlyPlaylist(e *examination, err error) bool {
	resource := withoutQuery(e.policy.Resource().String())
	return differs(policy.SectionPath)(e, err) && (strings.HasSuffix(resource, ".m3u8") || strings.HasSuffix(resource, ".mpd"))
}
