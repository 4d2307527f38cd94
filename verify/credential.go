// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/cookieheader"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A credential is what a request shows to get access.
type credential struct {
	url     string // without the signing parameters
	cookies bool   // the values come from cookies
	values  values
}

// values are the values of the signing parameters, or of the cookies under the names of
// the parameters. The zero value has none.
type values struct {
	texts [5]string // in the order of wire.CookieNames
	sent  [5]bool
}

// isEmpty reports whether there are no values.
func (v *values) isEmpty() bool { return v.sent == [5]bool{} }

// lookup returns the value with a name, and whether it exists.
func (v *values) lookup(name string) (string, bool) {
	i := position(name)
	return v.texts[i], v.sent[i]
}

// get returns the value with a name, or "".
func (v *values) get(name string) string { return v.texts[position(name)] }

// add adds a value. If the name is already there, it returns false.
func (v *values) add(name, text string) bool {
	i := position(name)
	if v.sent[i] {
		return false
	}
	v.texts[i], v.sent[i] = text, true
	return true
}

// position returns the position of a signing parameter in values.
func position(name string) int {
	switch name {
	case wire.ParamPolicy:
		return 0
	case wire.ParamExpires:
		return 1
	case wire.ParamSignature:
		return 2
	case wire.ParamKeyPairID:
		return 3
	}
	return 4 // wire.ParamHashAlgorithm
}

// credentialOf returns the credential of r. If the URL has any of the signing
// parameters, the URL counts and the cookies are ignored.
//
// Source: "Decide to use signed URLs or signed cookies",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-choosing-signed-urls-cookies.html
func credentialOf(r Request) (credential, error) {
	if len(r.URL) > wire.MaxURL {
		return credential{}, deny(CodeAccessDenied, ErrAmbiguous, "the URL has %d bytes, and CloudFront accepts at most %d", len(r.URL), wire.MaxURL)
	}
	c, err := fromURL(r.URL)
	if err != nil || !c.values.isEmpty() {
		return c, err
	}
	c.cookies = true
	c.values, err = fromCookies(r.Cookies)
	return c, err
}

// fromURL takes the signing parameters out of a URL, in any place of its query.
func fromURL(rawURL string) (credential, error) {
	base, query, hasQuery := strings.Cut(rawURL, "?")
	c := credential{url: rawURL}
	if !hasQuery {
		return c, nil
	}
	end := len(base) // of the part before the first signing parameter
	var later []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, err := signingParameter(parameter)
		switch {
		case err != nil:
			return credential{}, err
		case name == "" && c.values.isEmpty():
			end += len("?") + len(parameter)
		case name == "":
			later = append(later, parameter)
		case !c.values.add(name, value):
			return credential{}, deny(CodeAccessDenied, ErrAmbiguous, "the parameter %s appears twice", name)
		}
	}
	if c.values.isEmpty() {
		return c, nil
	}
	c.url = rawURL[:end]
	if len(later) > 0 {
		c.url += rawURL[end:end+1] + strings.Join(later, "&") // "?" or "&"
	}
	return c, nil
}

// signingParameter returns the name and the value of a signing parameter, or "" for a
// parameter of the application. It denies a percent-encoded name, because no CloudFront
// page says whether CloudFront recognizes it.
func signingParameter(parameter string) (name, value string, err error) {
	name, value, _ = strings.Cut(parameter, "=")
	decoded := name
	if strings.Contains(name, "%") {
		decoded, err = url.PathUnescape(name)
	}
	if err != nil || !wire.IsReserved(decoded) {
		return "", "", nil // checked later, as part of the URL
	}
	if decoded != name {
		return "", "", deny(CodeAccessDenied, ErrAmbiguous, "the name of the parameter %s is percent-encoded", decoded)
	}
	if !strings.Contains(value, "%") {
		return name, value, nil
	}
	if name == wire.ParamPolicy || name == wire.ParamSignature {
		value = decodeAlphabet.Replace(value)
	}
	if strings.Contains(value, "%") {
		return "", "", deny(CodeAccessDenied, ErrAmbiguous, "the value of %s is percent-encoded", name)
	}
	return name, value, nil
}

// decodeAlphabet undoes the percent-encoding of the three characters that CloudFront's
// base64 has and standard base64 does not. Some libraries encode them, and their URLs are
// known to work.
var decodeAlphabet = strings.NewReplacer("%7E", "~", "%7e", "~", "%2D", "-", "%2d", "-", "%5F", "_", "%5f", "_")

// checkShape denies a credential that is incomplete or has two policies.
func (c *credential) checkShape() error {
	if c.values.get(wire.ParamKeyPairID) == "" {
		return deny(CodeMissingKey, ErrMissing, "no key pair ID in the query or in a cookie")
	}
	if c.values.get(wire.ParamSignature) == "" {
		return deny(CodeMalformedSignature, ErrMissing, "no signature")
	}
	document, hasPolicy := c.values.lookup(wire.ParamPolicy)
	switch {
	case !hasPolicy && !c.isCanned():
		return deny(CodeMalformedPolicy, ErrMissing, "neither a policy nor an expiry")
	case hasPolicy && document == "":
		return deny(CodeMalformedPolicy, ErrMalformedPolicy, "it is empty")
	}
	return nil
}

// isCanned reports whether the policy is rebuilt from the request. A policy that was sent,
// too, must then be the same.
func (c *credential) isCanned() bool {
	_, ok := c.values.lookup(wire.ParamExpires)
	return ok
}

// hash returns the hash that the credential names. Without a name CloudFront uses SHA-1.
// Any other spelling than CloudFront's is denied.
func (c *credential) hash() (crypto.Hash, error) {
	name, ok := c.values.lookup(wire.ParamHashAlgorithm)
	switch {
	case !ok || name == wire.HashSHA1:
		return crypto.SHA1, nil
	case name == wire.HashSHA256:
		return crypto.SHA256, nil
	}
	return 0, deny(CodeAccessDenied, ErrAmbiguous, "Hash-Algorithm must be SHA256 or SHA1, in upper case")
}

// cannedPolicy rebuilds the policy from the request, as CloudFront does.
func (c *credential) cannedPolicy() (policy.Policy, error) {
	text := c.values.get(wire.ParamExpires)
	seconds, err := strconv.ParseInt(text, 10, 64)
	var plain [len("-9223372036854775808")]byte
	if err != nil || text != string(strconv.AppendInt(plain[:0], seconds, 10)) {
		return policy.Policy{}, deny(CodeMalformedPolicy, ErrMalformedPolicy, "the expiry is not a whole number of seconds, such as 1767290400")
	}
	// Only the page on canned policies in signed URLs says that later times are allowed.
	if c.cookies && seconds > wire.MaxEpoch {
		return policy.Policy{}, deny(CodeAccessDenied, ErrAmbiguous, "the expiry is after 2262-04-11, the last day in CloudFront's documentation of cookies: was it in milliseconds?")
	}
	p, err := policy.Rebuild(c.url, seconds)
	if err != nil {
		return policy.Policy{}, denyBecause(CodeAccessDenied, ErrAmbiguous, err)
	}
	return p, nil
}

// fromCookies returns the values of the signed cookies under the names of the
// corresponding parameters.
func fromCookies(cookies []*http.Cookie) (values, error) {
	var all values
	for _, cookie := range cookies {
		if cookie == nil || !wire.IsSignedCookie(cookie.Name) {
			continue
		}
		if !all.add(wire.ParamName(cookie.Name), cookie.Value) {
			return values{}, deny(CodeAccessDenied, ErrAmbiguous, "the cookie %s was sent twice: was it set with two Domains or Paths?", cookie.Name)
		}
		if cookie.Quoted {
			return values{}, deny(CodeAccessDenied, ErrAmbiguous, "the cookie %s is in quotation marks, which some programs read as part of the value", cookie.Name)
		}
	}
	return all, nil
}

// checkCookieHeaders denies signed cookies that net/http drops or changes. net/http drops
// invalid values, which another program may accept, and it trims names and values.
func checkCookieHeaders(headers []string, parsed []*http.Cookie) error {
	sent := 0
	for cookie := range cookieheader.All(headers) {
		if !wire.IsSignedCookie(cookie.Name) {
			continue
		}
		if cookie.Spaced {
			return deny(CodeAccessDenied, ErrAmbiguous, "white space around the name or value of the cookie %s", cookie.Name)
		}
		sent++
	}
	for _, cookie := range parsed {
		if wire.IsSignedCookie(cookie.Name) {
			sent--
		}
	}
	if sent != 0 {
		return deny(CodeAccessDenied, ErrAmbiguous, "a signed cookie contains characters that a cookie cannot have")
	}
	return nil
}
