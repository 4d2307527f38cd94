// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"net/url"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// A credential is what a request shows to have access: the values of the
// signing parameters or of the cookies, and the URL without the parameters.
type credential struct {
	url     string
	cookies bool // from cookies
	values  values
}

func (e *examination) checkCredential() error {
	c, err := credentialOf(e.request)
	e.credential = c
	if err != nil {
		return err
	}
	return c.checkShape()
}

func (e *examination) describeCredential() string {
	carrier, kind := "a signed URL", "custom"
	if e.credential.cookies {
		carrier = "signed cookies"
	}
	if e.credential.isCanned() {
		kind = "canned"
	}
	return carrier + " with a " + kind + " policy"
}

// credentialOf returns the credential of r. If the URL has any of the signing
// parameters, it decides and the cookies are ignored.
//
// Source: "Decide to use signed URLs or signed cookies".
func credentialOf(r Request) (credential, error) {
	if len(r.URL) > wire.MaxURL {
		return credential{}, deny(CodeAccessDenied, ErrAmbiguous, "the URL has %d bytes, and CloudFront accepts %d", len(r.URL), wire.MaxURL)
	}
	c, err := fromURL(r.URL)
	if err != nil || len(c.values) > 0 {
		return c, err
	}
	c.cookies = true
	c.values, err = fromCookies(r.Cookies)
	return c, err
}

// fromURL takes the signing parameters out of a URL, wherever they stand.
func fromURL(rawURL string) (credential, error) {
	base, query, hasQuery := strings.Cut(rawURL, "?")
	c := credential{url: rawURL}
	if !hasQuery {
		return c, nil
	}
	var own []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, value, err := signingParameter(parameter)
		if err != nil {
			return credential{}, err
		}
		if name == "" {
			own = append(own, parameter)
			continue
		}
		if !c.values.add(name, value) {
			return credential{}, deny(CodeAccessDenied, ErrAmbiguous, "the parameter %s appears twice", name)
		}
	}
	if len(c.values) == 0 {
		return c, nil
	}
	c.url = base
	if len(own) > 0 {
		c.url += "?" + strings.Join(own, "&")
	}
	return c, nil
}

// signingParameter returns the name and the value of one of CloudFront's
// parameters, or "" for the application's own. An encoded name is refused,
// because nobody documents whether CloudFront recognises it.
func signingParameter(parameter string) (name, value string, err error) {
	name, value, _ = strings.Cut(parameter, "=")
	decoded, err := url.PathUnescape(name)
	if err != nil || !wire.IsReserved(decoded) {
		return "", "", nil // the form of the application's own is checked later
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

// decodeAlphabet undoes the percent-encoding that libraries in use apply to the
// characters with which CloudFront's base64 replaces others. URLs with it are
// known to work.
var decodeAlphabet = strings.NewReplacer("%7E", "~", "%7e", "~", "%2D", "-", "%2d", "-", "%5F", "_", "%5f", "_")

// checkShape refuses credentials that are incomplete or have two policies.
func (c credential) checkShape() error {
	if c.values.get(wire.ParamKeyPairID) == "" {
		return deny(CodeMissingKey, ErrMissing, "no key pair ID in the query or in a cookie")
	}
	if c.values.get(wire.ParamSignature) == "" {
		return deny(CodeMalformedSignature, ErrMissing, "no signature")
	}
	policy, hasPolicy := c.values.lookup(wire.ParamPolicy)
	_, hasExpires := c.values.lookup(wire.ParamExpires)
	switch {
	case !hasPolicy && !hasExpires:
		return deny(CodeMalformedPolicy, ErrMissing, "neither a policy nor an expiry")
	case hasPolicy && hasExpires:
		return deny(CodeAccessDenied, ErrAmbiguous, "both Policy and Expires: nobody documents which one counts")
	case hasPolicy && policy == "":
		return deny(CodeMalformedPolicy, ErrMalformedPolicy, "it is empty")
	}
	return nil
}

// isCanned reports whether the policy is to be rebuilt from the request.
func (c credential) isCanned() bool {
	_, ok := c.values.lookup(wire.ParamExpires)
	return ok
}

// hash returns the hash that the credential names. CloudFront takes an absent
// name for SHA-1; any spelling but its own is refused.
func (c credential) hash() (crypto.Hash, error) {
	name, ok := c.values.lookup(wire.ParamHashAlgorithm)
	switch {
	case !ok || name == wire.HashSHA1:
		return crypto.SHA1, nil
	case name == wire.HashSHA256:
		return crypto.SHA256, nil
	}
	return 0, deny(CodeAccessDenied, ErrAmbiguous, "Hash-Algorithm is neither SHA1 nor SHA256, in upper case")
}
