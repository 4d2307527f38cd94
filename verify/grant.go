// SPDX-License-Identifier: Apache-2.0

package verify

import "github.com/cfsign/cfsign/policy"

// A Grant is the result of a verification that succeeded. Only [Verifier.Verify]
// makes one; the zero Grant grants nothing.
type Grant struct {
	policy    policy.Policy
	keyPairID string
	url       string
}

// Policy returns the policy that was signed: a canned one for a canned
// credential, else a custom one with the received bytes. It is the zero Policy
// for the zero Grant.
func (g Grant) Policy() policy.Policy { return g.policy }

// KeyPairID returns the ID of the key that signed.
func (g Grant) KeyPairID() string { return g.keyPairID }

// URL returns the URL that was asked for, without the signing parameters, as
// an origin should see it.
func (g Grant) URL() string { return g.url }
