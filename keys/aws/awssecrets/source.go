// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// A Source holds the last valid pair of a key pair ID and a private key that it has read
// from a secret. Create it with [New]. It starts no goroutine, and is safe for concurrent
// use. The zero Source has no pair.
type Source struct {
	location Location
	options  Options
	turn     chan struct{} // holds the one refresh at a time
	state    atomic.Pointer[state]
	due      due
	now      func() time.Time
}

// New reads the secret at l and returns a source with its pair.
//
// It returns an error for an invalid location or option, and the errors of
// [Source.Refresh]. There is no earlier pair to fall back on, so your program should not
// start without a valid pair.
func New(ctx context.Context, l Location, o Options) (*Source, error) {
	if err := l.check(); err != nil {
		return nil, own(err)
	}
	o, err := o.checked()
	if err != nil {
		return nil, own(err)
	}
	s := &Source{location: l, options: o, turn: make(chan struct{}, 1), now: time.Now}
	if err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Pair returns the latest valid pair. It never waits. A signer that follows the source with
// [Source.Run] may not have the pair yet: ask the signer. The zero Source returns "" and
// nil.
func (s *Source) Pair() (keyPairID string, key crypto.Signer) {
	st := s.load()
	if st == nil {
		return "", nil
	}
	return st.pair.id, st.pair.key
}

// Trusted returns the public keys of AWSCURRENT, and of AWSPREVIOUS at the last change of
// AWSCURRENT. It is for a verifier of signatures from before and after a rotation. For a
// signer in the same process, use its own Trusted method instead.
//
// If the source cannot use AWSPREVIOUS, the key that it had before takes its place. If the
// secret has no AWSPREVIOUS, Trusted returns one key. To distrust a stolen key at once, set
// [Options.KeyGroup] without it and restart.
//
// Trusted never waits. The zero Source returns the zero Set, which trusts no key.
func (s *Source) Trusted() keys.Set {
	st := s.load()
	if st == nil {
		return keys.Set{}
	}
	return st.trusted
}

// String returns the location and the key pair ID.
func (s *Source) String() string {
	st := s.load()
	if st == nil {
		return "awssecrets.Source(nothing)"
	}
	return fmt.Sprintf("awssecrets.Source(%s: %s)", s.location, st.pair.id)
}

// Format writes String for every verb, because the source has a private key.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

func (s *Source) load() *state {
	if s == nil {
		return nil
	}
	return s.state.Load()
}

// Refresh reads the secret now. If the secret has no valid pair, the source keeps the pair
// it has. If the secret has another pair, the functions of [Source.Run] get it. Concurrent
// calls read one after the other.
//
// It returns errors that wrap one of these:
//
//   - [keys.ErrAccessDenied], [keys.ErrKeyNotFound], [keys.ErrPendingDeletion],
//     [keys.ErrThrottled] or [keys.ErrUnavailable] if AWS does not return the secret.
//     errors.As and errors.Is find the client's error, unless it may hold a part of the
//     secret.
//   - [context.DeadlineExceeded], also after Options.Timeout, or [context.Canceled].
//   - [keys.ErrMalformedKey], [keys.ErrKeyPairID], [keys.ErrNoKey], [keys.ErrUnsupportedKey]
//     or [keys.ErrEncrypted] if the secret has no valid pair.
//   - [keys.ErrMismatch] if the ID and the key do not belong together.
//
// For a Source that New did not make, the error wraps keys.ErrNoKey. For a nil ctx it wraps
// none of them.
func (s *Source) Refresh(ctx context.Context) error {
	if err := s.check(ctx); err != nil {
		return own(err)
	}
	limited, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	return s.refreshWithin(ctx, limited)
}

// refreshWithin is Refresh with a context that may end before ctx.
func (s *Source) refreshWithin(ctx, limited context.Context) error {
	trouble, err := s.refreshInTurn(limited)
	if trouble != nil && ctx.Err() == nil {
		s.observe(ctx, Event{KeyPairID: s.state.Load().pair.id, Err: trouble})
		s.lose(ctx, trouble)
	}
	return err
}

func (s *Source) check(ctx context.Context) error {
	if s == nil || s.turn == nil {
		return refuse(keys.ErrNoKey, "make the source with New")
	}
	if ctx == nil {
		return errNilContext
	}
	return nil
}

// refreshInTurn calls refresh once no other goroutine does.
func (s *Source) refreshInTurn(ctx context.Context) (trouble, err error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return s.refresh(ctx)
	case <-ctx.Done():
		return nil, s.at(ctx.Err())
	}
}

// refresh reads both places and stores what is new. It returns trouble with the previous
// pair separately, because the source goes on without that pair.
func (s *Source) refresh(ctx context.Context) (trouble, err error) {
	last, began := s.state.Load(), s.now()
	defer func() {
		if err == nil {
			s.due.readAt.Store(began.UnixNano())
		}
	}()
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
	if last == nil { // later, what this process has seen decides
		next.doubted = errors.Is(trouble, keys.ErrMismatch) || next.hasKeyTwice()
	}
	if err := next.trust(); err != nil {
		return nil, s.at(err) // impossible, because both pairs were checked
	}
	s.state.Store(next)
	if last != nil {
		close(last.replaced)
	}
	return trouble, nil
}

// readings is how often read tries two places that keep changing.
const readings = 3

// read returns the current versions. With two places, it reads the ID before and after the
// key. If the ID is the same, both were there when it read the key.
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
			return r, nil // no change
		}
		if id, err = s.current(ctx, from); err != nil {
			return reading{}, err
		}
		if id.mark() == r.id.mark() {
			return r, nil
		}
	}
	return reading{}, s.at(refuse(keys.ErrUnavailable, "%s changed %d times during the read", from, readings))
}

func (s *Source) current(ctx context.Context, l Location) (version, error) {
	v, err := l.place().current(ctx)
	return v, errorAt(l, err)
}
