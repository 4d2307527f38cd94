// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/keys"
)

// addPrevious lets a state, which has the pair from before, have that of AWSPREVIOUS, or
// returns why it cannot be used.
func (s *Source) addPrevious(ctx context.Context, next *state, now reading) error {
	r, ok, err := s.readPrevious(ctx, now)
	if err != nil {
		next.incomplete = isPassing(err)
		return withoutPrevious(err)
	}
	if !ok {
		next.previous = nil
		return nil
	}
	p, err := s.pairOf(r)
	if err != nil {
		return withoutPrevious(err)
	}
	if p.id == "" || s.isRetired(p) {
		next.previous = nil
		return nil
	}
	if err := s.admitPrevious(p, next); err != nil {
		return withoutPrevious(err)
	}
	next.previous = &p
	return nil
}

// readPrevious returns what was in the two places before, and whether there was anything
// in all of them.
func (s *Source) readPrevious(ctx context.Context, now reading) (r reading, ok bool, err error) {
	if r.key, ok, err = s.location.place().previous(ctx, now.key.id); err != nil || !ok {
		return r, false, s.at(err)
	}
	from := s.options.KeyPairIDFrom
	if from.isZero() {
		return r, true, nil
	}
	r.id, ok, err = from.place().previous(ctx, now.id.id)
	if err == nil && !ok {
		return r, false, s.checkSameKey(r.key, now.key)
	}
	return r, ok, errorAt(from, err)
}

// checkSameKey refuses a key that has changed while the ID in a place of its own never
// has. It is all that can be seen of half a rotation that began before the process did.
func (s *Source) checkSameKey(before, now version) error {
	old, err := parseKey(before.value)
	if err != nil {
		return s.at(err)
	}
	current, err := parseKey(now.value)
	if err != nil {
		return s.at(err)
	}
	if p := (pair{public: current.private.Public()}); !p.hasKey(old.private.Public()) {
		return s.at(refuse(keys.ErrMismatch, "the private key has changed, and the ID in %s never has", s.options.KeyPairIDFrom))
	}
	return nil
}

// isRetired reports whether a key was taken out of the key group, as it is after every
// rotation.
func (s *Source) isRetired(p pair) bool {
	group := s.options.KeyGroup
	_, ok := group.Lookup(p.id)
	return !ok && len(group.IDs()) > 0
}

// admitPrevious refuses a pair that contradicts the key group, or those that next has.
//
// Of two pairs with one ID it is always this one that is wrong, not the current one: that
// is so from the moment a bad rotation is put right until the next one, and the other way
// round only until somebody notices.
func (s *Source) admitPrevious(p pair, next *state) error {
	if public, ok := s.options.KeyGroup.Lookup(p.id); ok && !p.hasKey(public) {
		return s.at(refuse(keys.ErrMismatch, "its private key does not belong to the public key that Options.KeyGroup has as %s", p.id))
	}
	for _, known := range next.pairs() {
		if known.id == p.id && !known.hasKey(p.public) {
			return s.at(refuse(keys.ErrMismatch, "%s has two private keys, of which one is that of another ID: if viewers get a 403, the current one is wrong", p.id))
		}
	}
	return nil
}

// isPassing reports whether it may be better next time.
func isPassing(err error) bool {
	for _, passing := range []error{keys.ErrAccessDenied, keys.ErrThrottled, keys.ErrUnavailable, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

func withoutPrevious(err error) error {
	return fmt.Errorf("%w (of the version before the current one, which is not trusted)", err)
}
