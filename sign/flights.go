// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cfsign/cfsign/internal/lostlog"
)

// flights are the key operations of a [Cache] that run or wait for their turn.
//
// mu guards the fields below it and the flights. It is held only to change them: nothing
// uses the key, the signer's clock or the entries of the cache under it. A running flight
// needs no lock to read its cacheKey, which does not change any more. It needs none for
// its result either, which is written before done is closed and read afterwards.
type flights struct {
	most     int           // how many operations of one key run at once for callers
	patience time.Duration // how long a caller waits, and a flight can be joined
	signer   *Signer
	find     func(cacheKey) *entry         // finds what another process has signed; nil: there is no Store
	operate  func(*flight) (*entry, error) // signs the policy of a flight
	counters *counters
	lost     lostlog.Log

	mu      sync.Mutex
	table   map[cacheKey]*flight // the flights that a caller can join
	queue   list.List            // the flights without a place, first come first
	running map[place]int        // how many flights have such a place
}

// mostRefreshes is how many refreshes run at once, so that a burst does not take all that
// a key can do.
const mostRefreshes = 4

// errNoAnswer is the error for callers, and the report, of a key that hangs.
var errNoAnswer = fmt.Errorf("sign: cache: the key has not answered: %w", context.DeadlineExceeded)

func (s *flights) activeKey() *privateKey { return s.signer.keyring.Load().active }

// wait returns the result of the one flight for k. If needed, it begins the flight.
func (s *flights) wait(ctx context.Context, k cacheKey) (*entry, error) {
	if err := ctx.Err(); err != nil { // It can have ended while the clock was read.
		return nil, fmt.Errorf("sign: %w", err)
	}
	if _, err := k.policy(); err != nil { // It would also fail once its turn has come.
		s.counters.errors.Add(1)
		return nil, err
	}
	active := s.activeKey() // Read it before joining, so that no replacement is missed.
	f, first := s.join(k)
	late := time.NewTimer(s.patience)
	defer late.Stop()
	for {
		select {
		case <-active.replaced: // The new key has its own places.
			active = s.activeKey()
			s.wake()
		case <-ctx.Done():
			if s.leave(f, false) {
				s.report(ctx, f)
			}
			return nil, fmt.Errorf("sign: %w", ctx.Err())
		case <-late.C:
			if s.leave(f, true) {
				s.report(ctx, f)
			}
			return nil, errNoAnswer
		case <-f.done:
			if s.signer.observe != nil && s.collect(f) {
				s.report(ctx, f)
			}
			if !first {
				s.counters.waits.Add(1)
			}
			return f.found, f.err
		}
	}
}

// join returns the flight for k with the caller as one more waiter, and whether the
// caller is its first. The caller must wait for the flight, or leave it.
func (s *flights) join(k cacheKey) (f *flight, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f = s.current(k)
	if first = f == nil; first {
		f = s.add(k)
		if s.find != nil {
			go s.ask(f)
		} else {
			s.enqueue(f)
		}
	}
	f.waiters++
	return f, first
}

// ask looks for what another process has signed, whatever the signer's clock does. It needs no
// place, because it does not use the key.
func (s *flights) ask(f *flight) {
	f.err = errors.New("sign: cache: the signer's clock or StoreError ended its goroutine") // with runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("sign: cache: the signer's clock or StoreError panicked: %v", p)
		}
		s.asked(f)
	}()
	f.found = s.find(f.cacheKey)
	f.err = nil
}

// asked gives the waiters of a flight what was found, or else queues the flight.
func (s *flights) asked(f *flight) {
	if f.found != nil || f.err != nil {
		s.land(f)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.askedAt = time.Now()
	if f.waiters == 0 {
		s.remove(f)
		return
	}
	s.enqueue(f)
}

func (s *flights) enqueue(f *flight) {
	f.queued = s.queue.PushBack(f)
	s.next()
}

// leave is for a waiter that gives up, because its context ended or, if late is set, it
// has waited too long. leave removes a queued flight without waiters. It reports whether
// the caller must report the flight.
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
	at := place{keyNumber: s.activeKey().number, refresh: true}
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

// current returns the flight for k that a caller can join, or nil. It abandons a flight
// that has taken too long.
func (s *flights) current(k cacheKey) *flight {
	f := s.table[k]
	if f == nil || f.queued != nil || time.Since(f.begun) < s.patience {
		return f
	}
	s.abandon(f)
	return nil
}

// abandon removes a flight, so that no caller can join it. It goes on until the key
// answers.
func (s *flights) abandon(f *flight) {
	f.late = true
	s.fail(f)
	s.remove(f)
}

// add returns a new flight. It copies the URL, which can be part of a large buffer: a
// flight and its policy outlast the caller.
func (s *flights) add(k cacheKey) *flight {
	k.cannedURL = strings.Clone(k.cannedURL)
	f := &flight{cacheKey: k, begun: time.Now(), activeID: s.activeKey().id, done: make(chan struct{})}
	s.table[k] = f
	return f
}

func (s *flights) remove(f *flight) {
	if s.table[f.cacheKey] == f {
		delete(s.table, f.cacheKey)
	}
}

// fail counts a flight as an error, once.
func (s *flights) fail(f *flight) {
	if !f.failed {
		f.failed = true
		s.counters.errors.Add(1)
	}
}

// wake begins the flights that can use the places of a new key.
func (s *flights) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next()
}

// next begins the flights whose turn it is.
func (s *flights) next() {
	at := place{keyNumber: s.activeKey().number}
	for s.queue.Len() > 0 && s.running[at] < s.most {
		f := s.queue.Remove(s.queue.Front()).(*flight)
		s.begin(f, at)
	}
}

func (s *flights) begin(f *flight, at place) {
	f.queued, f.place, f.placed, f.begun, f.activeID = nil, at, true, time.Now(), s.activeKey().id
	s.running[at]++
	f.overdue = time.AfterFunc(s.patience, func() { s.giveUp(f) })
	go s.fly(f)
}

// fly runs the operation of a flight, whatever the key does.
func (s *flights) fly(f *flight) {
	f.err = errors.New("sign: cache: the key ended its goroutine") // with runtime.Goexit
	defer func() {
		if p := recover(); p != nil { // No caller could recover from it, so it would end the process.
			f.err = fmt.Errorf("sign: cache: the key panicked: %v", p)
		}
		s.land(f)
		if f.share != nil {
			f.share()
		}
	}()
	f.found, f.err = s.operate(f)
}

// land gives the result to the waiters, and the place to the next flight. One of the
// waiters reports the flight. Without waiters, land does.
func (s *flights) land(f *flight) {
	s.mu.Lock()
	if f.placed {
		f.overdue.Stop()
		if s.running[f.place]--; s.running[f.place] == 0 {
			delete(s.running, f.place)
		}
	}
	f.landed, f.took = true, time.Since(f.begun)
	if f.err != nil {
		s.fail(f)
	} else if f.signedBy == "" {
		f.told = true // Another flight had signed already.
	}
	s.remove(f)
	close(f.done)
	s.next()
	mine := f.waiters == 0 && f.claim()
	s.mu.Unlock()
	if mine {
		s.report(context.Background(), f)
	}
}

// giveUp abandons a flight that has not landed in time. One of the waiters reports the
// flight. Without waiters, giveUp does.
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
