// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"cmp"
	"container/list"
	"context"
	"log/slog"
	"time"
)

// A flight is one key operation, for all callers that ask for the same policy meanwhile.
type flight struct {
	cacheKey cacheKey
	renews   *entry        // the policy for the window before; nil if callers wait
	waiters  int           // the callers that have not given up
	queued   *list.Element // nil once the flight has a place
	place    place
	placed   bool      // it holds its place
	begun    time.Time // when a caller asked for the flight, then when it got its place
	activeID string    // the ID of the key that was active then
	askedAt  time.Time // when the Store had no signature
	overdue  *time.Timer
	late     bool // the key has not answered in time
	failed   bool // counted as an error
	told     bool // reported, or there is nothing to report

	done     chan struct{} // closed with the result
	landed   bool          // done is closed
	took     time.Duration
	signedBy string // the ID of the key that was asked; empty: none was
	found    *entry
	err      error
	share    func() // gives the signature to other processes; nil: nothing to do
}

// A place is what a flight holds until the key answers. Each key has its own places, so
// that a key that hangs does not block its successor.
type place struct {
	keyNumber int
	refresh   bool
}

// claim reports whether the caller must report the flight. Only the first caller must.
func (f *flight) claim() bool {
	first := !f.told
	f.told = true
	return first
}

// report tells Options.Observe about a flight that has landed or is late. Without the hook, the log
// gets the errors of the background, which nobody else gets.
func (s *flights) report(ctx context.Context, f *flight) {
	u := s.use(f)
	switch {
	case s.signer.observe != nil:
		s.signer.observe(ctx, u)
	case u.Background && u.Err != nil:
		s.lost.Write(ctx, slog.LevelError, "sign: the key did not sign ahead of time", slog.Any("use", u))
	}
}

func (s *flights) use(f *flight) KeyUse {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := KeyUse{
		KeyPairID: f.activeID, Resource: f.cacheKey.name(), Expires: time.Unix(f.cacheKey.expires, 0), Background: f.place.refresh,
		Duration: time.Since(f.begun), Err: errNoAnswer,
	}
	if f.landed {
		u.KeyPairID, u.Duration, u.Err = cmp.Or(f.signedBy, f.activeID), f.took, f.err
	}
	return u
}
