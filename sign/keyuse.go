// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// A KeyUse is one use of a private key, for [Options.Observe]. It never contains a
// signature, a URL's query or a key.
type KeyUse struct {
	// KeyPairID is the ID of the key.
	KeyPairID string
	// Resource is the resource of the policy, or the URL of a canned policy, without
	// its query.
	Resource string
	// Expires is when the policy expires, in whole seconds.
	Expires time.Time
	// Background is whether no caller waited for the key: a [Cache] signed the
	// policy for the next window ahead of time.
	Background bool
	// Duration is how long the key took or, if it did not answer, how long it was
	// waited for.
	Duration time.Duration
	// Err is why there is no signature. Nil: the key signed.
	Err error
}

// String says what the key did, in one line.
func (u KeyUse) String() string {
	outcome := "signed"
	if u.Err != nil {
		outcome = "failed to sign"
	}
	text := fmt.Sprintf("key %s %s %s in %v", u.KeyPairID, outcome, u.Resource, u.Duration)
	if u.Background {
		text += " in the background"
	}
	if u.Err != nil {
		text += ": " + u.Err.Error()
	}
	return text
}

// Format writes String, whatever the verb.
func (u KeyUse) Format(f fmt.State, verb rune) { wire.Format(f, verb, u.String()) }

// LogValue returns the fields for log/slog.
func (u KeyUse) LogValue() slog.Value {
	attributes := []slog.Attr{
		slog.String("keyPairID", u.KeyPairID), slog.String("resource", u.Resource), slog.Time("expires", u.Expires),
		slog.Bool("background", u.Background), slog.Duration("duration", u.Duration),
	}
	if u.Err != nil {
		attributes = append(attributes, slog.String("error", u.Err.Error()))
	}
	return slog.GroupValue(attributes...)
}

// use has the key sign p, and reports it.
func (s *Signer) use(ctx context.Context, key *privateKey, p *policy.Policy) ([]byte, error) {
	if s.observe == nil {
		return key.sign(ctx, p)
	}
	begun := time.Now()
	signature, err := key.sign(ctx, p)
	s.observe(ctx, KeyUse{
		KeyPairID: key.id, Resource: wire.WithoutQuery(p.Resource().String()), Expires: p.Expires(),
		Duration: time.Since(begun), Err: err,
	})
	return signature, err
}
