// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"crypto"

	"github.com/cfsign/cfsign/keys"
)

// A state is what a source has. It is immutable.
type state struct {
	pair     pair
	previous *pair // nil: there is none
	trusted  keys.Set
	marks    marks // of the versions that the pair is from
	// generation counts the pairs, from zero on. Going back to an earlier one counts.
	generation uint64
	// incomplete is whether the previous pair has to be read again.
	incomplete bool
	// doubted is whether AWSPREVIOUS had the same key, or the same ID, when the process
	// began: then the pair may be half a rotation, and is no evidence against the next.
	doubted bool
	// replaced is closed when another state takes the place of this one.
	replaced chan struct{}
}

// pairs are those whose IDs are known to belong to their keys. A previous pair with
// the key of the current one is not among them: one of their IDs is a mistake that has
// been put right, and may still get the key that it was meant for.
func (s *state) pairs() []pair {
	if s.previous == nil || s.pair.hasKey(s.previous.public) {
		return []pair{s.pair}
	}
	return []pair{s.pair, *s.previous}
}

// hasKeyTwice reports whether both pairs have one key, with two IDs.
func (s *state) hasKeyTwice() bool {
	return s.previous != nil && s.pair.hasKey(s.previous.public) && s.pair.id != s.previous.id
}

// after returns a state with the pair p, which comes after last; last is nil at first. If
// it is the pair of last, it stays the same one.
func after(last *state, p pair, m marks) *state {
	next := &state{pair: p, marks: m, replaced: make(chan struct{})}
	switch {
	case last == nil:
	case last.pair.is(p):
		next.pair, next.generation = last.pair, last.generation
		next.previous, next.doubted = last.previous, last.doubted
	default:
		next.generation = last.generation + 1
		next.previous = &last.pair
	}
	return next
}

// trust sets the public keys of both pairs.
func (s *state) trust() error {
	public := map[string]crypto.PublicKey{}
	if s.previous != nil {
		public[s.previous.id] = s.previous.public
	}
	public[s.pair.id] = s.pair.public
	set, err := keys.NewSet(public)
	s.trusted = set
	return err
}
