// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"crypto"
	"maps"
	"slices"
	"strings"
)

// A Cause is a likely cause and how to fix it, as a report names it for a signed URL.
type Cause struct{ Problem, Fix, Hint string }

func exported(list []advice) []Cause {
	var all []Cause
	for _, a := range list {
		problem, fix, _ := strings.Cut(advice{a.problem, "\x00" + a.fix}.sentence(false), ": \x00")
		all = append(all, Cause{problem, strings.TrimSuffix(fix, "."), a.sentence(false)})
	}
	return all
}

func advices(causes []cause) []advice {
	var all []advice
	for _, c := range causes {
		all = append(all, c.advice)
	}
	return all
}

// Hints returns every hint that the tables can give.
func Hints() []string {
	hints := []string{undocumented.sentence(false)}
	for _, list := range append(slices.Collect(maps.Values(causes)), damagedURL) {
		for _, c := range list {
			hints = append(hints, c.sentence(false))
		}
	}
	return hints
}

// Undocumented returns the cause for a failure that no other cause explains better.
func Undocumented() []Cause { return exported([]advice{undocumented}) }

// Causes returns the causes of a failed check, in the order in which they are tried.
func Causes(failed CheckName) []Cause { return exported(advices(causes[failed])) }

// DamagedURL returns the causes for checks that a damaged URL can fail.
func DamagedURL() []Cause { return exported(advices(damagedURL)) }

// CommonMistakes returns what is known to be signed by mistake, for a URL and a document
// that contain a bit of everything.
func CommonMistakes() []Cause {
	verifier := Verifier{AllowSHA1: true}
	e := evaluation{verifier: &verifier, credential: credential{url: "https://cdn.example.com/a%20b/c?x=1&y=2"}}
	e.credential.values.add("Expires", "1767290400")
	e.document = []byte(`{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`)
	all := []advice{e.otherHash(crypto.SHA256), e.otherHash(crypto.SHA1), otherID("ID")}
	for _, m := range e.mistakes() {
		if !slices.Contains(all, m.advice) {
			all = append(all, m.advice)
		}
	}
	return exported(all)
}
