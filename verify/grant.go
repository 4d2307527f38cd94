// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"fmt"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A Grant is the result of a verification that succeeded. Only [Verifier.Verify]
// makes one; the zero Grant grants nothing.
//
// fmt, encoding/json, encoding/xml and log/slog print String, which has no query. They
// cannot call a method of a Grant in an unexported field of another type: there fmt
// prints the fields, with the application's query but without a signature.
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

// String names the URL without its query, the key and the policy's expiry, such as
// "grant for https://cdn.example.com/a with K2JCJMDEHXQW5F until 2026-01-01T18:00:00Z".
func (g Grant) String() string {
	if g.keyPairID == "" {
		return "no grant"
	}
	return fmt.Sprintf("grant for %s with %s until %s", shownURL(g.url), g.keyPairID, g.policy.Expires().Format(time.RFC3339))
}

// Format writes String, whatever the verb.
func (g Grant) Format(f fmt.State, verb rune) { wire.Format(f, verb, g.String()) }

// MarshalText returns String.
func (g Grant) MarshalText() ([]byte, error) { return []byte(g.String()), nil }
