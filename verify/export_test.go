// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"maps"
	"slices"
)

// Hints returns every hint that a rule can give.
func Hints() []string {
	hints := []string{ambiguousHint}
	for _, list := range append(slices.Collect(maps.Values(rules)), damagedURL) {
		for _, r := range list {
			hints = append(hints, r.hint)
		}
	}
	return hints
}

// Causes returns the hints for a failed check, in the order in which they are tried.
func Causes(failed CheckName) []string {
	var hints []string
	for _, r := range rules[failed] {
		hints = append(hints, r.hint)
	}
	return hints
}

// DamagedURL returns the hints for any check that a damaged URL may fail.
func DamagedURL() []string {
	var hints []string
	for _, r := range damagedURL {
		hints = append(hints, r.hint)
	}
	return hints
}

// SignedInstead returns how to fix what is known to be signed by mistake, for a URL and
// a document that have something of everything.
func SignedInstead() []string {
	verifier := Verifier{AllowSHA1: true}
	e := examination{verifier: &verifier, credential: credential{url: "https://cdn.example.com/a%20b/c?x=1&y=2"}}
	e.credential.values.add("Expires", "1767290400")
	fixes := []string{e.hashFix(crypto.SHA256), e.hashFix(crypto.SHA1)}
	for _, t := range append(e.trials(), otherForms([]byte(`{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`))...) {
		if !slices.Contains(fixes, t.fix) {
			fixes = append(fixes, t.fix)
		}
	}
	return fixes
}
