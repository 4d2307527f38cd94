// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	gocmp "cmp"
	"crypto"
	"errors"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
	"github.com/cfsign/cfsign/sign"
)

// A difference is something that a peer does otherwise than this library, pinned, so
// that a change on either side is noticed.
type difference struct {
	name, why string
	ask       peer.Request
	// gives is what the peer hands out, with … for policy and signature, or its error
	// if it begins with "error: ".
	gives string
	// signs is the document that the peer's signature is over.
	signs string
	// ours is the reason for which this library refuses the same. errUnsayable: its types
	// leave no way to ask for it. Nil: it signs it, and its URL is oursGives.
	ours      error
	oursGives string
}

var errUnsayable = errors.New("the types have no way to say it")

// Beginnings of the texts of the table.
const (
	base = "https://cdn.example.com"
	then = 2_000_000_000
	tail = "&Signature=…&Key-Pair-Id=" + peer.KeyPairID
)

// cannedOf returns the document of a canned policy for a resource.
func cannedOf(resource string) string { return documentOf(resource, "") }

func documentOf(resource, more string) string {
	return `{"Statement":[{"Resource":"` + resource + `","Condition":{"DateLessThan":{"AWS:EpochTime":2000000000}` + more + `}}]}`
}

func ip(text string) string { return `,"IpAddress":{"AWS:SourceIp":"` + text + `"}` }

func startAt(seconds string) string {
	return `,"DateGreaterThan":{"AWS:EpochTime":` + seconds + `}`
}

// compareDifferences asks a peer for each difference, and this library for the same.
func compareDifferences(t *testing.T, p *peer.Process, table []difference) {
	t.Helper()
	var requests []peer.Request
	for i := range table {
		table[i].ask = withDefaults(table[i].ask)
		requests = append(requests, table[i].ask)
	}
	answers := p.Ask(t, requests)
	for i, d := range table {
		t.Run(d.name, func(t *testing.T) {
			if d.why == "" {
				t.Error("it does not say why")
			}
			checkPeer(t, d, answers[i])
			checkOurs(t, d)
		})
	}
}

func withDefaults(r peer.Request) peer.Request {
	r.Op = gocmp.Or(r.Op, "url")
	r.Key = gocmp.Or(r.Key, "rsa")
	r.Hash = gocmp.Or(r.Hash, "SHA256")
	r.Expires = gocmp.Or(r.Expires, then)
	r.Resource = gocmp.Or(r.Resource, r.URL)
	return r
}

func checkPeer(t *testing.T, d difference, got peer.Answer) {
	t.Helper()
	text, signature := credentialText(got)
	if diff := cmp.Diff(d.gives, redact(text)); diff != "" {
		t.Errorf("the peer gives (-pinned +now):\n%s", diff)
	}
	if d.signs == "" {
		return
	}
	hash := map[string]crypto.Hash{"SHA1": crypto.SHA1, "SHA256": crypto.SHA256}[d.ask.Hash]
	a := algorithm{d.ask.Key, hash}
	if raw, err := decode(signature); err != nil || !a.verifies([]byte(d.signs), raw) {
		t.Errorf("the peer signs something else than %s", d.signs)
	}
}

var (
	secretValue    = regexp.MustCompile(`(Policy|Signature)=[^&;]*`)
	signatureValue = regexp.MustCompile(`Signature=([^&;]*)`)
)

// credentialText returns what a peer gave out as one text, and the signature in it.
func credentialText(got peer.Answer) (text, signature string) {
	switch {
	case got.Error != "":
		line, _, _ := strings.Cut(got.Error, "\n")
		return "error: " + line, ""
	case got.Cookies != nil:
		var cookies []string
		for _, name := range slices.Sorted(maps.Keys(got.Cookies)) {
			cookies = append(cookies, name+"="+got.Cookies[name])
		}
		text = strings.Join(cookies, "; ")
	default:
		text = got.URL
	}
	if found := signatureValue.FindStringSubmatch(text); found != nil {
		signature = found[1]
	}
	return text, signature
}

func redact(text string) string { return secretValue.ReplaceAllString(text, "$1=…") }

func checkOurs(t *testing.T, d difference) {
	t.Helper()
	if errors.Is(d.ours, errUnsayable) {
		return
	}
	got, err := signHere(t, d.ask)
	if !errors.Is(err, d.ours) {
		t.Errorf("we give the error %v, want %v", err, d.ours)
	}
	if diff := cmp.Diff(d.oursGives, redact(got)); diff != "" {
		t.Errorf("we give (-pinned +now):\n%s", diff)
	}
}

// signHere signs a request with this library, in the way that its documentation shows.
func signHere(t *testing.T, r peer.Request) (string, error) {
	key := algorithm{key: r.Key}.signer()
	if r.Key == "p384" {
		key = p384(t)
	}
	signer, err := sign.New(gocmp.Or(r.KeyPairID, peer.KeyPairID), key, sign.Options{Clock: clock})
	if err != nil {
		return "", err
	}
	expires := time.Unix(r.Expires, 0)
	if r.Canned {
		return signer.URL(t.Context(), r.URL, expires)
	}
	resource, err := policy.PatternFromConfig(r.Resource)
	if err != nil {
		return "", err
	}
	conditions := policy.Conditions{Expires: expires}
	if r.NotBefore != 0 {
		conditions.NotBefore = time.Unix(r.NotBefore, 0)
	}
	if r.SourceIP != "" {
		prefix, _ := netip.ParsePrefix(r.SourceIP) // the zero Prefix is refused
		conditions.SourceIP = &prefix
	}
	p, err := policy.Custom(resource, conditions)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(t.Context(), p)
	if err != nil {
		return "", err
	}
	return signed.URL(r.URL)
}
