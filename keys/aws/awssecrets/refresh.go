// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"

	"github.com/cfsign/cfsign/keys"
)

// Refresh reads the secret now. If what is there cannot be used, the pair from before
// stays. If it is another pair, those that follow the source by [Source.Run] get it.
// Several calls at once read one after the other.
//
// The errors are told apart with errors.Is:
//
//   - [keys.ErrAccessDenied], [keys.ErrKeyNotFound], [keys.ErrPendingDeletion],
//     [keys.ErrThrottled] and [keys.ErrUnavailable]: the service does not hand it out.
//     The client's error is found with errors.As, unless it could have a part of the secret.
//   - [context.DeadlineExceeded], also after Options.Timeout, and [context.Canceled].
//   - [ErrLayout], [keys.ErrKeyPairID], [keys.ErrNoKey], [keys.ErrMalformedKey],
//     [keys.ErrUnsupportedKey] and [keys.ErrEncrypted]: there is no pair in it.
//   - [keys.ErrMismatch]: the ID and the key do not belong together.
//   - [ErrOptions]: ctx is nil, or s was not made by New.
func (s *Source) Refresh(ctx context.Context) error {
	if err := s.check(ctx); err != nil {
		return own(err)
	}
	limited, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	trouble, err := s.refreshInTurn(limited)
	if trouble != nil && ctx.Err() == nil {
		s.options.Observe(ctx, Event{KeyPairID: s.state.Load().pair.id, Err: trouble})
	}
	return err
}

func (s *Source) check(ctx context.Context) error {
	if s == nil || s.turn == nil {
		return refuse(ErrOptions, "make the source with New")
	}
	return checkContext(ctx)
}

// refreshInTurn is refresh for one at a time.
func (s *Source) refreshInTurn(ctx context.Context) (trouble, err error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return s.refresh(ctx)
	case <-ctx.Done():
		return nil, s.at(ctx.Err())
	}
}

// refresh reads both places and takes over what is new. It returns trouble with the
// previous pair apart, because it is no reason to stop.
func (s *Source) refresh(ctx context.Context) (trouble, err error) {
	last := s.state.Load()
	r, err := s.read(ctx, last)
	if err != nil {
		return nil, err
	}
	if last != nil && r.marks() == last.marks && !last.incomplete {
		return nil, nil
	}
	p, err := s.pairOf(r)
	if err != nil {
		return nil, err
	}
	if p, err = s.withFixedID(p); err != nil {
		return nil, err
	}
	if err := s.admit(p, last); err != nil {
		return nil, err
	}
	next := after(last, p, r.marks())
	trouble = s.addPrevious(ctx, next, r)
	if last == nil { // later, what this process has seen counts
		next.doubted = errors.Is(trouble, keys.ErrMismatch) || next.hasKeyTwice()
	}
	if err := next.trust(); err != nil {
		return nil, s.at(err) // which cannot be: both pairs were checked
	}
	s.state.Store(next)
	if last != nil {
		close(last.replaced)
	}
	return trouble, nil
}

// readings are how often the two places are read before one is given up that changes all
// the time.
const readings = 3

// read returns what is there now. With two places, the ID is read before and after the
// key: if it is the same, both were there when the key was read.
func (s *Source) read(ctx context.Context, last *state) (reading, error) {
	from := s.options.KeyPairIDFrom
	if from.isZero() {
		key, err := s.current(ctx, s.location)
		return reading{key: key}, err
	}
	id, err := s.current(ctx, from)
	if err != nil {
		return reading{}, err
	}
	for range readings {
		key, err := s.current(ctx, s.location)
		if err != nil {
			return reading{}, err
		}
		r := reading{key: key, id: id}
		if last != nil && r.marks() == last.marks {
			return r, nil // nothing happened
		}
		if id, err = s.current(ctx, from); err != nil {
			return reading{}, err
		}
		if id.mark() == r.id.mark() {
			return r, nil
		}
	}
	return reading{}, s.at(refuse(keys.ErrUnavailable, "%s changed %d times while both were read", from, readings))
}

func (s *Source) current(ctx context.Context, l Location) (version, error) {
	v, err := l.place().current(ctx)
	return v, errorAt(l, err)
}
