// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cfsign/cfsign/proof/peers/peer"
)

// compareVerification: the peer verifies what we sign, and neither it nor we accept
// that with one bit changed.
func compareVerification(t *testing.T, name string, o *ours, y *tally, p *peer.Process, a algorithm) {
	t.Helper()
	random := rand.New(rand.NewPCG(defaultSeed, 1))
	var requests []peer.Request
	var indices []int
	for i, c := range o.cases {
		if !a.hasTurn(i) {
			continue
		}
		signature, err := decode(cookiesOf(o.signed[a][i])["CloudFront-Signature"])
		if err != nil {
			t.Fatal(err)
		}
		r := peer.Request{Op: "verify", Key: a.key, Hash: a.hashName(), Message: c.policy.JSON(), Signature: signature}
		altered := r
		if random.IntN(2) == 0 {
			altered.Signature = flip(random, r.Signature)
		} else {
			altered.Message = flip(random, r.Message)
		}
		requests, indices = append(requests, r, altered), append(indices, i)
	}
	answers := p.Ask(t, requests)
	each(len(indices), func(n int) {
		i, altered := indices[n], requests[2*n+1]
		y.check(t, name, oursByThem, i, verdict(answers[2*n], true))
		diff := verdict(answers[2*n+1], false)
		if rawURL, err := o.alteredURL(i, a, altered); err != nil || o.accepts(o.cases[i], a, rawURL, nil) == nil {
			diff += "we accept it altered " + errorText(err)
		}
		y.check(t, name, refused, i, diff)
	})
}

func verdict(got peer.Answer, want bool) string {
	if got.Valid == nil || *got.Valid != want {
		return "valid is not " + strconv.FormatBool(want) + " " + got.Error
	}
	return ""
}

// flip returns data with one bit changed.
func flip(random *rand.Rand, data []byte) []byte {
	altered := slices.Clone(data)
	altered[random.IntN(len(data))] ^= 1 << random.IntN(8)
	return altered
}

// alteredURL returns our signed URL with what was altered in r: the signature or the
// policy. A canned policy is not in the URL, so its expiry is another one.
func (o *ours) alteredURL(i int, a algorithm, r peer.Request) (string, error) {
	c := o.cases[i]
	signedURL, err := o.signed[a][i].URL(c.url)
	if err != nil {
		return "", err
	}
	parts, err := split(signedURL)
	if err != nil {
		return "", err
	}
	values := parts.Parameters
	altered := strings.Replace(signedURL, values["Signature"], encode(r.Signature), 1)
	if c.canned && string(r.Message) != string(c.policy.JSON()) {
		later := strconv.FormatInt(c.expires+1, 10)
		return strings.Replace(altered, "Expires="+values["Expires"], "Expires="+later, 1), nil
	}
	if c.canned {
		return altered, nil
	}
	return strings.Replace(altered, values["Policy"], encode(r.Message), 1), nil
}
