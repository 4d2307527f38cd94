// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// What the generated URLs are made of: all characters that this library signs, and
// those that every peer leaves alone.
const (
	lower      = "abcdefghijklmnopqrstuvwxyz"
	digits     = "0123456789"
	tame       = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + digits + "-._"
	pathChars  = "~!$&'()+,;=:@"
	queryChars = "~!$()+,;:@/?="
)

// Epoch seconds between which the cases expire. One peer knows no later time than
// that of 32 bits, and none but it knows the time of day.
const (
	firstExpiry = 2_000_000_000
	end32Bits   = 1<<31 - 1
	lastExpiry  = 9_223_372_036
)

// A generator makes cases at random, the same ones for the same seed.
type generator struct {
	*rand.Rand
	// tame is whether the URL in the making has only what all peers leave alone.
	tame bool
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
}

// testCase returns the next case, and how many drafts before it the library refused,
// such as those with a segment "..".
func (g *generator) testCase() (c testCase, refused int) {
	for {
		g.tame = g.oneIn(3)
		draft := g.kind()()
		var err error
		if draft.policy, err = draft.build(); err == nil {
			return draft, refused
		}
		refused++
	}
}

func (g *generator) kind() func() testCase {
	return pick(g, []func() testCase{g.canned, g.canned, g.exact, g.exact, g.under, g.pattern})
}

func (g *generator) canned() testCase {
	url := g.url(2)
	if g.oneIn(50) {
		url = g.origin() + g.long(7000)
	}
	return testCase{canned: true, resource: url, url: url, expires: g.expires()}
}

func (g *generator) exact() testCase {
	url := g.url(1)
	return g.conditions(testCase{resource: url, url: url})
}

// under is everything below a directory.
func (g *generator) under() testCase {
	base := g.origin() + g.directory()
	return g.conditions(testCase{resource: base + "*", url: base + g.segment() + g.query(1)})
}

// pattern has wildcards anywhere.
func (g *generator) pattern() testCase {
	scheme := pick(g, []string{"https", "http", "*", "http*"})
	url := map[bool]string{true: "http://", false: "https://"}[scheme == "http"]
	resource := scheme + "://"
	host := g.host()
	if g.oneIn(2) {
		resource, url = resource+"*.", url+g.label()+"."
	}
	resource, url = resource+host, url+host
	for range 1 + g.IntN(3) {
		before, between, after := g.some(0, 3, g.pathToken), g.some(1, 9, g.pathToken), g.some(0, 3, g.pathToken)
		resource += "/" + before + "*" + after
		url += "/" + before + between + after
	}
	if g.oneIn(3) {
		resource, url = resource+"?v=*&w=1", url+"?v="+g.some(0, 9, g.queryToken)+"&w=1"
	}
	return g.conditions(testCase{resource: resource, url: url})
}

// conditions adds the expiry, and the other two conditions or not.
func (g *generator) conditions(c testCase) testCase {
	c.expires = g.expires()
	if g.oneIn(2) {
		c.notBefore = 1 + g.Int64N(c.expires-2)
	}
	if g.oneIn(2) {
		address := netip.AddrFrom4([4]byte{byte(g.IntN(256)), byte(g.IntN(256)), byte(g.IntN(256)), byte(g.IntN(256))})
		c.sourceIP = netip.PrefixFrom(address, g.IntN(33)).Masked()
	}
	return c
}

func (g *generator) expires() int64 {
	if g.oneIn(10) {
		return end32Bits + g.Int64N(lastExpiry-end32Bits+1)
	}
	return firstExpiry + g.Int64N(end32Bits-firstExpiry)
}

// url returns a URL with at most so many question marks, or any number if it is two.
func (g *generator) url(questionMarks int) string {
	path := g.directory()
	if !g.oneIn(4) {
		path += g.segment()
	}
	if g.oneIn(50) {
		path = g.long(2000) // in a custom policy it travels twice
	}
	return g.origin() + path + g.query(questionMarks)
}

// long returns a path of up to so many bytes.
func (g *generator) long(most int) string {
	return "/" + strings.Repeat(pick(g, []string{"a", "Z9", "-._", "7/"}), g.IntN(most/3))
}

func (g *generator) origin() string {
	scheme := pick(g, []string{"https", "https", "https", "http"})
	port := ""
	if g.oneIn(5) {
		port = fmt.Sprintf(":%d", 1+g.IntN(65535))
	}
	return scheme + "://" + g.host() + port
}

func (g *generator) host() string {
	switch g.IntN(4) {
	case 0:
		return "d" + g.chars(13, 13, lower+digits) + ".cloudfront.net"
	case 1:
		return netip.AddrFrom4([4]byte{192, 0, 2, byte(g.IntN(256))}).String()
	case 2:
		return "xn--mnchen-3ya." + g.label() + ".example"
	}
	return g.label() + "." + g.label() + ".example.com"
}

func (g *generator) label() string { return g.chars(1, 20, lower) + g.chars(0, 5, digits+lower) }

func (g *generator) directory() string {
	path := "/"
	for range g.IntN(4) {
		path += g.segment() + "/"
	}
	return path
}

func (g *generator) segment() string { return g.some(1, 12, g.pathToken) }

// query returns a query with its question mark, or none.
func (g *generator) query(questionMarks int) string {
	if g.oneIn(2) {
		return ""
	}
	token := func() string {
		if text := g.queryToken(); questionMarks > 1 || text != "?" {
			return text
		}
		return "-"
	}
	var parameters []string
	for range 1 + g.IntN(4) {
		parameter := g.some(1, 6, token)
		if g.tame || !g.oneIn(4) {
			parameter += "=" + g.some(0, 12, token)
		}
		parameters = append(parameters, parameter)
	}
	return "?" + strings.Join(parameters, "&")
}

func (g *generator) pathToken() string { return g.token(pathChars) }

func (g *generator) queryToken() string { return g.token(queryChars) }

// token returns one character, perhaps percent-encoded.
func (g *generator) token(special string) string {
	switch {
	case g.tame || g.oneIn(2):
		return g.chars(1, 1, tame)
	case g.oneIn(2):
		return g.chars(1, 1, special)
	case g.oneIn(2):
		return pick(g, []string{"%20", "%25", "%2F", "%2f", "%C3%A9", "%c3%a9", "%E2%82%AC", "%f0%9f%98%80", "%2B", "%26", "%3D", "%23", "%3F", "%2A"})
	}
	return fmt.Sprintf(pick(g, []string{"%%%02X", "%%%02x"}), g.IntN(256))
}

func (g *generator) chars(least, most int, from string) string {
	return g.some(least, most, func() string { i := g.IntN(len(from)); return from[i : i+1] })
}

// some returns between least and most tokens.
func (g *generator) some(least, most int, token func() string) string {
	var b strings.Builder
	for range least + g.IntN(most-least+1) {
		b.WriteString(token())
	}
	return b.String()
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

// build makes the policy of a draft and checks that it covers the URL, which has to
// be short enough when it is signed.
func (c testCase) build() (policy.Policy, error) {
	expires := time.Unix(c.expires, 0)
	if c.canned {
		return policy.Canned(c.url, expires)
	}
	resource, err := policy.PatternFromConfig(c.resource)
	if err != nil {
		return policy.Policy{}, err
	}
	p, err := c.custom(resource)
	if err == nil && !resource.Matches(c.url) {
		err = policy.ErrNotCovered
	}
	return p, err
}
