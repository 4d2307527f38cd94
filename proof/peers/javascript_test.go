// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
)

// leftByJavaScript are URLs that the AWS SDK for JavaScript hands back as they are.
var leftByJavaScript = regexp.MustCompile(`^https?://[a-z0-9.:-]+(?:[A-Za-z0-9\-_.~!'()/]|%20|%2F|%25|%C3%A9)+` +
	`(?:\?(?:[A-Za-z0-9\-_.~!()+]+=[A-Za-z0-9\-_.~!()+]*)(?:&[A-Za-z0-9\-_.~!()+]+=[A-Za-z0-9\-_.~!()+]*)*)?$`)

// compareJavaScript: it writes Key-Pair-Id before Signature, and the start before the
// address. It rewrites URLs, so that what is compared is the URL that it hands back.
func compareJavaScript(t *testing.T, name string, o *ours, y *tally) {
	p := peer.StartNode(t, "@aws-sdk/cloudfront-signer", otherKeys(t))
	y.versionsOf(name, p.Versions)
	for _, a := range allAlgorithms() {
		compareJavaScriptURLs(t, name, o, y, p, a)
		compareJavaScriptCookies(t, name, o, y, p, a)
		compareVerification(t, name, o, y, p, a)
	}
}

func compareJavaScriptURLs(t *testing.T, name string, o *ours, y *tally, p *peer.Process, a algorithm) {
	t.Helper()
	var requests []peer.Request
	var indices []int
	for i, c := range o.cases {
		if !a.hasTurn(i) {
			continue
		}
		r := bareAddress(c.request("url", a))
		if !c.isExact() {
			r.Document = string(c.policy.JSON()) // it makes policies for one URL only
		}
		requests, indices = append(requests, r), append(indices, i)
	}
	answers := p.Ask(t, requests)
	each(len(answers), func(n int) {
		compareJavaScriptURL(t, name, o, y, a, indices[n], answers[n])
	})
}

func compareJavaScriptURL(t *testing.T, name string, o *ours, y *tally, a algorithm, i int, got peer.Answer) {
	c := o.cases[i]
	check := func(what, diff string) { y.check(t, name, what, i, got.Error+diff) }
	parts, err := split(got.URL)
	if err != nil {
		check(urlParameters, err.Error())
		return
	}
	if parts.Base != c.url {
		diff := ""
		if leftByJavaScript.MatchString(c.url) {
			diff = "rewritten to " + parts.Base
		}
		check(urlRewritten, diff)
	}
	want, err := o.javaScriptWant(t, a, i, parts.Base, parts.Parameters["Policy"])
	if errors.Is(err, policy.ErrWildcard) && strings.Contains(strings.ToUpper(c.url), "%2A") && strings.Contains(parts.Base, "*") {
		check(widened, "")
		return
	}
	if err != nil {
		check(documents, err.Error())
		return
	}
	if c.isExact() && !want.Policy().IsCanned() {
		check(map[bool]string{true: reordered, false: documents}[c.hasBoth()], "")
	}
	if a.key == "rsa" {
		check(urlParameters, diffParameters(want, parts.Parameters))
		check(signatures, diffParameters(want, parts.Parameters))
	}
	if c.isExact() || want.Policy().Resource().Matches(parts.Base) {
		check(theirs(a), errorText(o.accepts(c, a, got.URL, nil)))
	}
}

// javaScriptWant returns our signature over the policy that the SDK makes for base,
// which is the case's URL or what the SDK made of it.
func (o *ours) javaScriptWant(t *testing.T, a algorithm, i int, base, encoded string) (sign.SignedPolicy, error) {
	c := o.cases[i]
	if !c.isExact() {
		return o.signed[a][i], nil
	}
	p, err := c.ofURL(base)
	if err != nil {
		return sign.SignedPolicy{}, err
	}
	if c.hasBoth() && !c.canned {
		if p, err = received(p, encoded); err != nil {
			return sign.SignedPolicy{}, err
		}
	}
	if p == c.policy {
		return o.signed[a][i], nil
	}
	return o.sign(t, a, p)
}

// compareJavaScriptCookies: for cookies it takes URLs and patterns as they are.
func compareJavaScriptCookies(t *testing.T, name string, o *ours, y *tally, p *peer.Process, a algorithm) {
	t.Helper()
	var requests []peer.Request
	var indices []int
	for i, c := range o.cases {
		if !a.hasTurn(i+1) || c.hasAnyScheme() {
			continue // it refuses a policy for any scheme
		}
		r := bareAddress(c.request("cookies", a))
		r.URL = c.resource
		if !c.isExact() && c.notBefore == 0 && !c.sourceIP.IsValid() {
			r.Document = string(c.policy.JSON()) // else it is a canned policy with a wildcard
		}
		requests, indices = append(requests, r), append(indices, i)
	}
	answers := p.Ask(t, requests)
	each(len(answers), func(n int) {
		i, got := indices[n], answers[n]
		c := o.cases[i]
		check := func(what, diff string) { y.check(t, name, what, i, got.Error+diff) }
		if a.key == "rsa" {
			want, err := o.javaScriptCookiesWant(t, a, i, requests[n], got.Cookies["CloudFront-Policy"])
			check(cookieSets, errorText(err)+diffCookies(want, got.Cookies))
		}
		check(theirs(a), o.acceptsCookies(c, a, got.Cookies))
	})
}

func (o *ours) javaScriptCookiesWant(t *testing.T, a algorithm, i int, r peer.Request, encoded string) (sign.SignedPolicy, error) {
	c := o.cases[i]
	p := c.policy
	var err error
	switch {
	case r.Document != "" || c.canned:
	case c.hasBoth():
		p, err = received(p, encoded)
	case c.notBefore == 0 && !c.sourceIP.IsValid():
		p, err = c.ofURL(c.url)
	}
	if err != nil || p == c.policy {
		return o.signed[a][i], err
	}
	return o.sign(t, a, p)
}
