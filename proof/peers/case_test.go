// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"net/netip"
	"strings"
	"time"

	"github.com/cfsign/cfsign/policy"
	"github.com/cfsign/cfsign/proof/peers/peer"
)

// A testCase is a policy that was made at random, and a URL that it covers.
type testCase struct {
	canned   bool
	resource string
	url      string
	// expires and notBefore are epoch seconds; notBefore is 0 if there is none.
	expires, notBefore int64
	// sourceIP is invalid if there is none.
	sourceIP netip.Prefix

	policy policy.Policy
}

// custom returns the custom policy for a resource with the case's conditions.
func (c testCase) custom(r policy.Resource) (policy.Policy, error) {
	conditions := policy.Conditions{Expires: time.Unix(c.expires, 0)}
	if c.notBefore != 0 {
		conditions.NotBefore = time.Unix(c.notBefore, 0)
	}
	if c.sourceIP.IsValid() {
		conditions.SourceIP = &c.sourceIP
	}
	return policy.Custom(r, conditions)
}

// ofURL returns what the case's policy is for another URL, from a signer that chooses
// by itself whether a policy is canned: without a condition it is.
func (c testCase) ofURL(rawURL string) (policy.Policy, error) {
	if c.notBefore == 0 && !c.sourceIP.IsValid() {
		return policy.Canned(rawURL, time.Unix(c.expires, 0))
	}
	r, err := policy.URL(rawURL)
	if err != nil {
		return policy.Policy{}, err
	}
	return c.custom(r)
}

// hasAnyScheme reports whether the policy covers https and http alike.
func (c testCase) hasAnyScheme() bool {
	scheme, _, _ := strings.Cut(c.resource, ":")
	return strings.Contains(scheme, "*")
}

// isExact reports whether the policy covers the URL alone.
func (c testCase) isExact() bool { return c.resource == c.url }

// hasBoth reports whether the policy has both conditions whose order signers differ
// about.
func (c testCase) hasBoth() bool { return c.notBefore != 0 && c.sourceIP.IsValid() }

// viewer returns an address from which the policy allows access.
func (c testCase) viewer() netip.Addr {
	if c.sourceIP.IsValid() {
		return c.sourceIP.Addr()
	}
	return netip.AddrFrom4([4]byte{192, 0, 2, 1})
}

// time returns the last second in which the policy allows access.
func (c testCase) time() time.Time { return time.Unix(c.expires-1, 0) }

// request returns the request to sign for the case from the parts of its policy.
func (c testCase) request(op string, a algorithm) peer.Request {
	r := peer.Request{
		Op: op, Key: a.key, Hash: a.hashName(), URL: c.url, Resource: c.resource,
		Canned: c.canned, Expires: c.expires, NotBefore: c.notBefore,
	}
	if c.sourceIP.IsValid() {
		r.SourceIP = c.sourceIP.String()
	}
	return r
}

// bareAddress leaves out the length of a range that is one address. The signers that
// get it add the length.
func bareAddress(r peer.Request) peer.Request {
	r.SourceIP = strings.TrimSuffix(r.SourceIP, "/32")
	return r
}
