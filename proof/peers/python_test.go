// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"testing"

	"github.com/cfsign/cfsign/proof/peers/peer"
)

// oneInRSA is of how many cases the package rsa signs one: it takes 30 ms.
const oneInRSA = 20

// compareBotocore: botocore's order is ours everywhere.
func compareBotocore(t *testing.T, name string, o *ours, y *tally) {
	p := peer.StartPython(t, "cryptography", otherKeys(t))
	y.versionsOf(name, p.Versions)
	for _, a := range allAlgorithms() {
		compareWithPython(t, name, o, y, p, a, 1)
		compareVerification(t, name, o, y, p, a)
	}
}

// compareRSA: the package rsa as botocore's documentation uses it.
func compareRSA(t *testing.T, name string, o *ours, y *tally) {
	p := peer.StartPython(t, "rsa", otherKeys(t))
	y.versionsOf(name, p.Versions)
	for _, a := range algorithms("rsa") {
		compareWithPython(t, name, o, y, p, a, oneInRSA)
		compareVerification(t, name, o, y, p, a)
	}
}

// compareWithPython compares one in so many cases.
func compareWithPython(t *testing.T, name string, o *ours, y *tally, p *peer.Process, a algorithm, oneIn int) {
	t.Helper()
	var requests []peer.Request
	for i := 0; i < len(o.cases); i += oneIn {
		r := bareAddress(o.cases[i].request("url", a))
		r.Marker = a.hashName() == "SHA256"
		requests = append(requests, r)
	}
	for n, got := range p.Ask(t, requests) {
		i := n * oneIn
		c, want := o.cases[i], o.signed[a][i]
		check := func(what, diff string) { y.check(t, name, what, i, got.Error+diff) }
		if !c.canned {
			parts, err := split(got.URL)
			check(documents, errorText(err)+diffDocument(c.policy, parts.Parameters["Policy"]))
		}
		if a.key == "rsa" {
			check(urlBytes, diffURL(want, c.url, got.URL))
			check(signatures, diffURL(want, c.url, got.URL))
		}
		check(theirs(a), errorText(o.accepts(c, a, got.URL, nil)))
	}
}

func theirs(a algorithm) string {
	return map[string]string{"rsa": theirsRSA, "p256": theirsECDSA}[a.key]
}
