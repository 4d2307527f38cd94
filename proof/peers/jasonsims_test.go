// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/verify"
)

// leftByJasonsims are URLs that aws-cloudfront-sign hands back as they are.
var leftByJasonsims = regexp.MustCompile(`^[^?]+(?:\?(?:[A-Za-z0-9\-_.*]+=[A-Za-z0-9\-_.*]*)(?:&[A-Za-z0-9\-_.*]+=[A-Za-z0-9\-_.*]*)*)?$`)

// compareJasonsims: aws-cloudfront-sign has no start, signs SHA-1 alone, and makes
// custom policies only, for which its order is ours.
func compareJasonsims(t *testing.T, name string, o *ours, y *tally) {
	skipWithoutSHA1(t)
	a := algorithms("rsa")[0]
	p := peer.StartNode(t, name, otherKeys(t))
	y.versionsOf(name, p.Versions)
	var requests []peer.Request
	var indices []int
	for i, c := range o.cases {
		if c.notBefore != 0 {
			continue
		}
		cookies := c.request("cookies", a)
		cookies.URL = c.resource // it takes patterns here
		requests, indices = append(requests, c.request("url", a), cookies), append(indices, i)
	}
	answers := p.Ask(t, requests)
	each(len(indices), func(n int) {
		i := indices[n]
		compareJasonsimsCase(t, name, o, y, i, answers[2*n], answers[2*n+1])
	})
}

func compareJasonsimsCase(t *testing.T, name string, o *ours, y *tally, i int, url, cookies peer.Answer) {
	a, c := algorithms("rsa")[0], o.cases[i]
	check := func(what, diff string) { y.check(t, name, what, i, diff) }
	if c.expires >= end32Bits {
		diff := ""
		if !strings.Contains(url.Error, "January 19, 2038") {
			diff = "it has learned later times: " + url.URL
		}
		check(refusedByThem, diff)
		return
	}
	resource, err := policy.PatternFromConfig(c.resource)
	if err != nil {
		return // a second ? in a canned URL
	}
	// Its policy is custom also where ours is canned.
	p, err := c.custom(resource)
	if len(c.url) > 3000 {
		return // twice in the URL, it is too long
	}
	if err != nil {
		check(documents, err.Error())
		return
	}
	want := o.signed[a][i]
	if p != c.policy {
		if want, err = o.sign(t, a, p); err != nil {
			check(signatures, err.Error())
			return
		}
	}
	check(documents, diffDocument(p, cookies.Cookies["CloudFront-Policy"]))
	check(cookieSets, cookies.Error+diffCookies(want, cookies.Cookies))
	check(signatures, diffCookies(want, cookies.Cookies))
	check(theirsRSA, o.acceptsCookies(c, a, cookies.Cookies))
	if !c.isExact() {
		return // for URLs its policy is that of the URL
	}
	rawURL := url.URL
	if err := o.accepts(c, a, rawURL, nil); !errors.Is(err, verify.ErrAmbiguous) {
		check(theirsRSA, "Policy and Expires together: "+errorText(err))
	}
	parts, err := split(rawURL)
	if err != nil {
		check(urlParameters, url.Error+err.Error())
		return
	}
	if parts.Base != c.url {
		diff := ""
		if leftByJasonsims.MatchString(c.url) {
			diff = "rewritten to " + parts.Base
		}
		check(urlRewritten, diff)
		return // what it signed is not what it hands back
	}
	withoutExpires := strings.Replace(rawURL, "Expires="+parts.Parameters["Expires"]+"&", "", 1)
	delete(parts.Parameters, "Expires")
	for name, value := range parts.Parameters {
		parts.Parameters[name] = strings.ReplaceAll(value, "%7E", "~")
	}
	check(urlParameters, diffParameters(want, parts.Parameters))
	check(theirsRSA, errorText(o.accepts(c, a, withoutExpires, nil)))
}
