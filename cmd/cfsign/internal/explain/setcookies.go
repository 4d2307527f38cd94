// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cfsign/cfsign/cmd/cfsign/internal/capture"
	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/sign"
)

// SetCookieFaults says what is wrong with the attributes of cookies that a server has set, by
// the rules of package sign. url can be empty. Then the resource of the policy shows where the
// cookies have to go.
func SetCookieFaults(r capture.Request) []string {
	if len(r.SetCookies) == 0 {
		return nil
	}
	var faults []string
	add := func(fault string) {
		if fault != "" && !slices.Contains(faults, fault) {
			faults = append(faults, fault)
		}
	}
	set := cookieSetOf(r)
	for _, c := range r.SetCookies {
		if len(c.Raw) > wire.MaxCookie {
			add("A cookie has more than 4,096 bytes with its attributes, and browsers may drop it: shorten the policy's resource.")
		}
		if c.Raw != "" && c.Path == "" {
			add("A Set-Cookie header has no Path, so a browser sends the cookie only below the folder of the URL that set it: add Path=/.")
		}
		for attribute, a := range singleAttributes(c) {
			_, err := sign.ClearCookies(a)
			if err == nil && r.URL == "" && set != (sign.CookieSet{}) {
				err = set.Check(a)
			}
			add(attributeFault(attribute, err))
		}
	}
	add(unsentFault(r))
	add(mixedFault(r.SetCookies))
	slices.Sort(faults)
	return faults
}

// singleAttributes returns each attribute of a cookie alone, so that each can be judged.
func singleAttributes(c *http.Cookie) map[string]sign.CookieAttributes {
	all := map[string]sign.CookieAttributes{
		"Secure": {Insecure: !c.Secure, AllowWider: true},
	}
	if c.Domain != "" {
		all["Domain"] = sign.CookieAttributes{Domain: c.Domain, Insecure: !c.Secure, AllowWider: true}
	}
	if c.Path != "" {
		all["Path"] = sign.CookieAttributes{Path: c.Path, Insecure: !c.Secure, AllowWider: true}
	}
	if c.SameSite != 0 {
		all["SameSite"] = sign.CookieAttributes{SameSite: c.SameSite, Insecure: !c.Secure, AllowWider: true}
	}
	if c.Partitioned {
		all["Partitioned"] = sign.CookieAttributes{Partitioned: true, Insecure: !c.Secure, AllowWider: true}
	}
	return all
}

// attributeAdvice is what to write in a Set-Cookie header, by the field of
// sign.CookieAttributes.
var attributeAdvice = map[string]string{
	"Domain":      "write the host of the CDN or a domain of your own above it",
	"Path":        "write / or a path above everything that the policy covers",
	"SameSite":    "add Secure",
	"Partitioned": "add Secure",
	"Insecure":    "sign https://",
}

// attributeFault returns an error of package sign about an attribute as a sentence, or "".
func attributeFault(attribute string, err error) string {
	var refused *sign.CookieError
	if !errors.As(err, &refused) || refused.Attribute == "" || refused.Attribute != attribute && !(attribute == "Secure" && refused.Attribute == "Insecure") {
		return ""
	}
	return "Set-Cookie, " + attribute + ": " + refused.Problem + ": " + attributeAdvice[refused.Attribute] + "."
}

// unsentFault says why a browser does not send the cookies to the URL or, without a URL, to
// the host of the policy.
func unsentFault(r capture.Request) string {
	url := r.URL
	if url == "" {
		p, ok := policyIn(r)
		if host := p.Resource().Host(); ok && r.SetBy != "" && host != "" && !strings.Contains(host, "*") {
			path, _ := p.Resource().PathPrefix()
			url = "https://" + host + path
		}
	}
	if url == "" {
		return ""
	}
	var reasons []string
	for _, cookie := range r.Unsent(url, r.Time) {
		if !slices.Contains(reasons, cookie.Reason) {
			reasons = append(reasons, cookie.Reason)
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return "A browser does not send a cookie of this Set-Cookie header to the CDN: " + strings.Join(reasons, "; ") + "."
}

// mixedFault is about cookies of one set that browsers treat differently.
func mixedFault(cookies []*http.Cookie) string {
	for _, c := range cookies {
		if c.Domain != cookies[0].Domain || c.Path != cookies[0].Path {
			return "The cookies have different Domains or Paths, so a browser may send a part of them: set all with the same attributes."
		}
	}
	return ""
}

// policyIn returns the custom policy in the cookies of a request.
func policyIn(r capture.Request) (policy.Policy, bool) {
	document, err := wire.Decode(incident{request: r}.value(wire.ParamPolicy))
	if err != nil {
		return policy.Policy{}, false
	}
	p, err := policy.Parse(document)
	return p, err == nil
}

// cookieSetOf returns cookies for the policy in the cookies of a request, to check attributes
// with. They are signed with a new key and never sent. Without a policy that could be signed,
// the result is the zero CookieSet.
func cookieSetOf(r capture.Request) sign.CookieSet {
	p, ok := policyIn(r)
	if !ok || p.Signable() != nil {
		return sign.CookieSet{}
	}
	key, err := keys.GenerateECDSA()
	if err != nil {
		return sign.CookieSet{}
	}
	before := func() time.Time { return p.Expires().Add(-time.Second) } // an expired policy has attributes, too
	signer, err := sign.New("K", key, sign.Options{Clock: before})
	if err != nil {
		return sign.CookieSet{}
	}
	signed, err := signer.Sign(context.Background(), p)
	if err != nil {
		return sign.CookieSet{}
	}
	return signed.CookieSet()
}
