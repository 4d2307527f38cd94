// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"crypto"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/cfsign/cfsign/policy"
)

// A credential is a policy and its signature: what a viewer shows to have
// access. It is held by pointer so that fmt, which does not find its methods
// in the unexported fields of other types, prints an address there.
type credential struct {
	policy    policy.Policy
	keyPairID string
	query     string // the parameters of a signed URL
}

func newCredential(p policy.Policy, keyPairID string, hash crypto.Hash, signature []byte) *credential {
	var buffer [bufferSize]byte
	query := appendQuery(buffer[:0], p, keyPairID, hash, signature)
	return &credential{policy: p, keyPairID: keyPairID, query: string(query)}
}

// parameters returns the names and values of the query. The nil credential has
// none.
func (c *credential) parameters() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if c == nil {
			return
		}
		for parameter := range strings.SplitSeq(c.query, "&") {
			name, value, _ := strings.Cut(parameter, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// String says what the credential is for, without the part that gives access.
func (c *credential) String() string {
	if c == nil {
		return "nothing signed"
	}
	return "signed with " + c.keyPairID + " until " + c.expires() + ": " + c.resource() + " (signature withheld)"
}

// GoString returns String.
func (c *credential) GoString() string { return c.String() }

// Format writes String whatever the verb.
func (c *credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue returns what String says, for log/slog.
func (c *credential) LogValue() slog.Value {
	if c == nil {
		return slog.StringValue(c.String())
	}
	return slog.GroupValue(
		slog.String("resource", c.resource()),
		slog.String("expires", c.expires()),
		slog.String("keyPairID", c.keyPairID),
	)
}

// resource returns what is covered, without the application's own query, which
// may have secrets of its own.
func (c *credential) resource() string {
	base, _, _ := strings.Cut(c.policy.Resource().String(), "?")
	return base
}

func (c *credential) expires() string { return c.policy.Expires().Format(time.RFC3339) }
