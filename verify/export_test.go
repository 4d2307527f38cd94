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
	for _, list := range append(slices.Collect(maps.Values(causes)), otherCredentials, withoutValue, damagedURL, damagedCookies) {
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

// OtherCredentials returns the causes of a URL that was signed for another service.
func OtherCredentials() []Cause { return exported(advices(otherCredentials)) }

// WithoutValue returns the causes of a signing parameter without a value, for a signature.
func WithoutValue() []Cause {
	return exported(advices(append(unsetCauses("Signature"), withoutValue[len(withoutValue)-2:]...)))
}

// DamagedCookies returns the causes of cookies whose values were changed.
func DamagedCookies() []Cause { return exported(advices(damagedCookies)) }

// DamagedURL returns the causes for checks that a damaged URL can fail.
func DamagedURL() []Cause { return exported(advices(damagedURL)) }

// URLInURL returns the causes of a request for a URL that contains a signed URL.
func URLInURL() []Cause { return exported([]advice{plainURLInURL, encodedURLInURL}) }

// SignersMistakes returns what is known to be signed by mistake, for a URL and a document
// that contain a bit of everything.
func SignersMistakes() []Cause {
	e := bitOfEverything()
	return exported(once([]advice{e.hashAdvice(crypto.SHA256), e.hashAdvice(crypto.SHA1), otherID("ID")}, e.signersMistakes()))
}

// Rewrites returns what is known to change a URL after it was signed.
func Rewrites() []Cause { return exported(once(nil, bitOfEverything().rewrites())) }

func bitOfEverything() *evaluation {
	e := evaluation{verifier: &Verifier{AllowSHA1: true}, credential: credential{url: "https://cdn.example.com/a%20b/c?x=1&y=2"}}
	e.credential.values.add("Expires", "1767290400")
	e.document = []byte(`{"Statement":[{"Resource":"https://cdn.example.com/*","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}`)
	return &e
}

// once returns each advice once.
func once(all []advice, mistakes []mistake) []advice {
	for _, m := range mistakes {
		if !slices.Contains(all, m.advice) {
			all = append(all, m.advice)
		}
	}
	return all
}

// MostTrials is the bound of signature verifications.
const MostTrials = mostTrials

// Trials returns how many signature verifications an explanation of a signature takes that
// does not match.
func (v *Verifier) Trials(r Request) int {
	e := v.evaluate(r)
	for _, name := range checks {
		if name == CheckSignature {
			break
		}
		if err := e.run(name); err != nil {
			panic(err)
		}
	}
	t := newTrials(e)
	t.hint()
	return mostTrials - t.left
}
