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

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A credential is a policy and its signature: what a viewer shows to have
// access. The zero credential holds nothing.
//
// The secret is held by a pointer to a pointer. fmt does not find our methods
// on the unexported fields of other people's types, and where a verb does not
// fit it follows one pointer, but not two.
type credential struct {
	held **secret
}

type secret struct {
	policy    policy.Policy
	keyPairID string
	query     string // the parameters of a signed URL
}

func newCredential(p policy.Policy, keyPairID string, hash crypto.Hash, signature []byte) credential {
	var buffer [bufferSize]byte
	query := appendQuery(buffer[:0], &p, keyPairID, hash, signature)
	held := &secret{policy: p, keyPairID: keyPairID, query: string(query)}
	return credential{&held}
}

func (c credential) isZero() bool { return c.held == nil }

// secret returns what is held. The credential must not be zero.
func (c credential) secret() *secret { return *c.held }

// parameters returns the names and values of the query. The zero credential has
// none.
func (c credential) parameters() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		if c.isZero() {
			return
		}
		for parameter := range strings.SplitSeq(c.secret().query, "&") {
			name, value, _ := strings.Cut(parameter, "=")
			if !yield(name, value) {
				return
			}
		}
	}
}

// String says what the credential is for, without the part that gives access.
func (c credential) String() string {
	if c.isZero() {
		return "nothing signed"
	}
	s := c.secret()
	return "signed with " + s.keyPairID + " until " + s.expires() + ": " + s.resource() + " (signature withheld)"
}

// GoString returns String.
func (c credential) GoString() string { return c.String() }

// Format writes String whatever the verb.
func (c credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue returns what String says, for log/slog.
func (c credential) LogValue() slog.Value {
	if c.isZero() {
		return slog.StringValue(c.String())
	}
	s := c.secret()
	return slog.GroupValue(
		slog.String("resource", s.resource()),
		slog.String("expires", s.expires()),
		slog.String("keyPairID", s.keyPairID),
	)
}

// resource returns what is covered, without the application's own query, which
// may have secrets of its own.
func (s *secret) resource() string { return wire.WithoutQuery(s.policy.Resource().String()) }

func (s *secret) expires() string { return s.policy.Expires().Format(time.RFC3339) }
