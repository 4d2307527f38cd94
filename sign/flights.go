// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// flights are the key operations that run or wait for their turn.
//
// mu guards the fields below it and the flights, and it is held only to change them: the
// key, the signer's clock and the entries of the cache are never used under it. A flight
// that runs needs no lock for what it is for, which does not change any more, nor for its
// result, which is written before done is closed and read after.
type flights struct {
	most     int                           // operations of one key that run at once for callers
	patience time.Duration                 // how long a caller waits, and a flight can be joined
	number   func() int                    // returns the number of the active key
	active   func() string                 // returns its key pair ID
	operate  func(*flight) (*entry, error) // does what a flight is for
	report   func(context.Context, *flight)
	counters *counters

	mu      sync.Mutex
	table   map[cacheKey]*flight // the flights that a caller can join
	queue   list.List            // of flights without a place, in the order in which they came
	running map[place]int        // how many flights have such a place
}

// A flight is one key operation, for all callers that ask for the same right meanwhile.
type flight struct {
	cacheKey cacheKey
	renews   *entry        // the policy of the window before; nil if callers wait
	waiters  int           // callers that have not given up
	queued   *list.Element // nil after it got its place
	place    place
	begun    time.Time // when it was asked for, then when it got its place
	activeID string    // the ID of the key that was active then
	overdue  *time.Timer
	late     bool // it has hung for too long
	failed   bool // counted as an error
	told     bool // reported, or there is nothing to report

	done     chan struct{} // closed with the result
	landed   bool          // done is closed
	took     time.Duration
	signedBy string // the ID of the key that was asked; empty: none was
	found    *entry
	err      error
}

// A place is what a flight holds until the key answers. Each key has places of its own,
// so that a key that hangs does not block its successor.
type place struct {
	keyNumber int
	refresh   bool
}

// mostRefreshes run at once, so that a burst does not take all that a key can do.
const mostRefreshes = 4

// join returns the flight for k with the caller as one more waiter, and whether the
// caller is its first. The caller must wait for the flight, or leave it.
func (s *flights) join(k cacheKey) (f *flight, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f = s.current(k)
	if first = f == nil; first {
		f = s.add(k)
		f.queued = s.queue.PushBack(f)
		s.next()
	}
	f.waiters++
	return f, first
}

// leave is for a waiter that gives up because its context ended or, if late is set, the
// wait was too long. A queued flight without waiters is removed. It reports whether the
// caller must report the flight.
func (s *flights) leave(f *flight, late bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiters--
	if late {
		s.fail(f)
	}
	if f.waiters == 0 && f.queued != nil {
		s.queue.Remove(f.queued)
		s.remove(f)
	}
	return (late || f.late || f.landed) && f.claim()
}

// claim reports whether the caller must report the flight: the first one must.
func (f *flight) claim() bool {
	first := !f.told
	f.told = true
	return first
}

// collect is for a waiter whose flight has landed. It reports whether the caller must
// report the flight.
func (s *flights) collect(f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.claim()
}

// refresh begins a flight for k without waiters, unless there is a flight already. It
// reports whether there was room.
func (s *flights) refresh(k cacheKey, renews *entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := place{keyNumber: s.number(), refresh: true}
	if s.current(k) != nil {
		return true
	}
	if s.running[at] >= mostRefreshes {
		return false
	}
	f := s.add(k)
	f.renews = renews
	s.begin(f, at)
	return true
}

// current returns the flight for k that a caller can join, or nil. A flight that has
// hung for too long is left to itself.
func (s *flights) current(k cacheKey) *flight {
	f := s.table[k]
	if f == nil || f.queued != nil || time.Since(f.begun) < s.patience {
		return f
	}
	s.abandon(f)
	return nil
}

// abandon leaves a flight to itself.
func (s *flights) abandon(f *flight) {
	f.late = true
	s.fail(f)
	s.remove(f)
}

// add returns a new flight. It copies the URL, which may be part of a large buffer of
// the caller's: a flight and its policy outlast the caller.
func (s *flights) add(k cacheKey) *flight {
	k.cannedURL = strings.Clone(k.cannedURL)
	f := &flight{cacheKey: k, begun: time.Now(), activeID: s.active(), done: make(chan struct{})}
	s.table[k] = f
	return f
}

func (s *flights) remove(f *flight) {
	if s.table[f.cacheKey] == f {
		delete(s.table, f.cacheKey)
	}
}

// use returns what a flight did, for Options.Observe.
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

// fail counts a flight as an error, once.
func (s *flights) fail(f *flight) {
	if !f.failed {
		f.failed = true
		s.counters.errors.Add(1)
	}
}

// wake begins the flights that wait for places of a key that was replaced.
func (s *flights) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next()
}

// next begins the flights whose turn it is.
func (s *flights) next() {
	at := place{keyNumber: s.number()}
	for s.queue.Len() > 0 && s.running[at] < s.most {
		f := s.queue.Remove(s.queue.Front()).(*flight)
		s.begin(f, at)
	}
}

func (s *flights) begin(f *flight, at place) {
	f.queued, f.place, f.begun, f.activeID = nil, at, time.Now(), s.active()
	s.running[at]++
	f.overdue = time.AfterFunc(s.patience, func() { s.giveUp(f) })
	go s.fly(f)
}

// giveUp ends the patience with a flight. A waiter reports it, if it has any.
func (s *flights) giveUp(f *flight) {
	s.mu.Lock()
	if f.landed {
		s.mu.Unlock()
		return
	}
	s.abandon(f)
	mine := f.waiters == 0 && f.claim()
	s.mu.Unlock()
	if mine {
		s.report(context.Background(), f)
	}
}

// errNoAnswer is the error for callers, and the report, of a key that hangs.
var errNoAnswer = fmt.Errorf("sign: cache: the key has not answered: %w", context.DeadlineExceeded)

// fly runs the operation of a flight, whatever the key does.
func (s *flights) fly(f *flight) {
	f.err = errors.New("sign: cache: the key ended its goroutine") // with runtime.Goexit
	defer func() {
		if p := recover(); p != nil { // It would end the process, because no caller can recover from it.
			f.err = fmt.Errorf("sign: cache: the key panicked: %v", p)
		}
		s.land(f)
	}()
	f.found, f.err = s.operate(f)
}

// land gives the result to the waiters, of which one reports it, and the place to the
// next flight.
func (s *flights) land(f *flight) {
	s.mu.Lock()
	f.overdue.Stop()
	f.landed, f.took = true, time.Since(f.begun)
	if f.err != nil {
		s.fail(f)
	} else if f.signedBy == "" {
		f.told = true // another flight had signed already
	}
	s.remove(f)
	if s.running[f.place]--; s.running[f.place] == 0 {
		delete(s.running, f.place)
	}
	close(f.done)
	s.next()
	mine := f.waiters == 0 && f.claim()
	s.mu.Unlock()
	if mine {
		s.report(context.Background(), f)
	}
}
