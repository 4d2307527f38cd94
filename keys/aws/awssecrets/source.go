// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/cfsign/cfsign/keys"
)

// A Source has the pair of key pair ID and private key that a secret had when it was read
// last and could be used. It starts no goroutine. It is made by [New] and is safe for
// concurrent use; the zero Source has nothing.
type Source struct {
	location Location
	options  Options
	turn     chan struct{} // has room for the one that refreshes
	state    atomic.Pointer[state]
}

// New reads the secret at l, and returns a source that has what is there.
//
// It returns [ErrOptions] for what cannot be meant, and the errors of [Source.Refresh]: a
// process that begins has no earlier pair to go on with.
func New(ctx context.Context, l Location, o Options) (*Source, error) {
	if err := l.check(); err != nil {
		return nil, own(err)
	}
	o, err := o.checked()
	if err != nil {
		return nil, own(err)
	}
	s := &Source{location: l, options: o, turn: make(chan struct{}, 1)}
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Pair returns the latest good pair of ID and private key. It does not wait for
// anything. Whether a signer that follows the source by [Source.Run] has taken the pair
// already, the signer knows. The zero Source has no key, and no ID.
func (s *Source) Pair() (keyPairID string, key crypto.Signer) {
	st := s.load()
	if st == nil {
		return "", nil
	}
	return st.pair.id, st.pair.key
}

// Trusted returns the public keys of AWSCURRENT, and of AWSPREVIOUS as it was when AWSCURRENT
// changed last, for a verifier that gets what was signed before and after a rotation; a
// signer in the same process knows by itself which ones it needs. If what is in AWSPREVIOUS
// cannot be used, the key that the source had before takes its place; if there is no
// AWSPREVIOUS, nothing does. To distrust a stolen key at once, set [Options.KeyGroup] without
// it and restart. Trusted does not wait for anything. The zero Source has the set
// that trusts nobody.
func (s *Source) Trusted() keys.Set {
	st := s.load()
	if st == nil {
		return keys.Set{}
	}
	return st.trusted
}

// String names the place and the key pair ID.
func (s *Source) String() string {
	st := s.load()
	if st == nil {
		return "awssecrets.Source(nothing)"
	}
	return fmt.Sprintf("awssecrets.Source(%s: %s)", s.location, st.pair.id)
}

// Format writes String whatever the verb, because the source has a private key.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

func (s *Source) load() *state {
	if s == nil {
		return nil
	}
	return s.state.Load()
}
