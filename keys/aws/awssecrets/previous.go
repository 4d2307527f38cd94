// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/cfsign/cfsign/keys"
)

// addPrevious replaces the previous pair of next by the pair of AWSPREVIOUS, or returns why
// it cannot.
func (s *Source) addPrevious(ctx context.Context, next *state, now reading) error {
	r, ok, err := s.readPrevious(ctx, now)
	if err != nil {
		next.incomplete = mayPass(err)
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

// readPrevious returns the versions before the current ones, and whether each place has
// one.
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

// checkSameKey refuses a key that has changed while the ID in its own place never has. This
// is the only sign of half a rotation that began before the process did.
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

// isRetired reports whether the key group no longer has the key, as after each rotation.
func (s *Source) isRetired(p pair) bool {
	group := s.options.KeyGroup
	_, ok := group.Lookup(p.id)
	return !ok && len(group.IDs()) > 0
}

// admitPrevious refuses a pair that contradicts the key group or the pairs of next.
//
// If two pairs have one ID, it calls this pair wrong, not the current one. That is right
// from the correction of a bad rotation until the next rotation. It is wrong only until
// the bad rotation is noticed.
func (s *Source) admitPrevious(p pair, next *state) error {
	if public, ok := s.options.KeyGroup.Lookup(p.id); ok && !p.hasKey(public) {
		return s.at(refuse(keys.ErrMismatch, "its private key does not belong to the public key that Options.KeyGroup has as %s", p.id))
	}
	for _, known := range next.pairs() {
		if known.id == p.id && !known.hasKey(p.public) {
			return s.at(refuse(keys.ErrMismatch, "%s has two private keys, and one of them belongs to another ID: if viewers get a 403, the current one is wrong", p.id))
		}
	}
	return nil
}

// mayPass reports whether the next read may succeed.
func mayPass(err error) bool {
	for _, reason := range []error{keys.ErrAccessDenied, keys.ErrThrottled, keys.ErrUnavailable, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

func withoutPrevious(err error) error {
	return fmt.Errorf("%w (in the version before the current one, which is not trusted)", err)
}
