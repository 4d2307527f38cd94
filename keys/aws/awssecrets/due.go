// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// RefreshIfDue does what [Source.Run] does, for a process that is frozen when it has nothing
// to do, such as a function in AWS Lambda. There, a goroutine does not run between two
// invocations, so after hours the signer may have a pair that CloudFront no longer trusts.
// Call RefreshIfDue at the start of each invocation, with its context, and do not call Run.
// If it returns an error, log it and go on: the source and the signer keep the pair they have.
//
//   - If the last successful read is younger than Options.Interval, RefreshIfDue returns nil
//     at once. It takes no lock.
//   - Otherwise it reads the secret, and passes a new pair to rotate. It takes at most
//     Options.Timeout, and at most half of the time until the deadline of ctx, so the other
//     half is left for the work.
//   - If another goroutine is reading, RefreshIfDue returns nil at once, and you go on with
//     the pair that you have. If that pair was read longer than two intervals ago, it waits
//     for that read instead.
//   - If the read or rotate fails, RefreshIfDue returns the error. It returns the same error
//     at once until the next try is due: within ten seconds after the first failure, and
//     later after each further one, up to Options.Interval. So a Secrets Manager that does
//     not answer does not delay every invocation.
//
// The age of a read is its age by the wall clock, because a monotonic clock may stand still
// while the process is frozen. If the clock was set back to before the last read, the read is
// too old.
//
// RefreshIfDue calls Options.Observe as Run does: for each failed read, and each new pair
// that rotate accepted or refused. Pass the same rotate each time. To rotate several signers,
// pass one function that rotates all of them. Pass nil if you call [Source.Pair] or
// [Source.Trusted] each time.
//
// It returns the errors of [Source.Refresh], or an error that wraps the error of rotate.
func (s *Source) RefreshIfDue(ctx context.Context, rotate func(ctx context.Context, keyPairID string, key crypto.Signer) error) error {
	if err := s.check(ctx); err != nil {
		return own(err)
	}
	if s.isFresh(s.now()) {
		return nil
	}
	limited, cancel := s.withinHalf(ctx)
	defer cancel()
	for ctx.Err() == nil {
		other, err := s.due.begin(s, s.now())
		switch {
		case err != nil:
			return err
		case other == nil:
			return s.refreshNow(ctx, limited, rotate)
		case !s.isLongPast(s.now()):
			return nil
		}
		select {
		case <-other: // begin says how it went
		case <-limited.Done():
			return s.at(fmt.Errorf("%w (another goroutine is reading)", limited.Err()))
		}
	}
	return s.at(ctx.Err())
}

// A due is what a source knows about its calls of RefreshIfDue.
type due struct {
	readAt  atomic.Int64  // the wall clock at the start of the last successful read
	applied atomic.Uint64 // the generation that rotate accepted

	mu       sync.Mutex
	reading  chan struct{} // closed at the end of the current call that reads; nil: none
	failures int           // since the last success
	failedAt time.Time     // without a monotonic clock
	wait     time.Duration // after failedAt
	err      error
}

// age returns the age of the last successful read. It is negative if the clock was set back.
func (s *Source) age(now time.Time) time.Duration {
	return time.Duration(now.UnixNano() - s.due.readAt.Load())
}

// isYoung reports whether the last successful read is younger than the interval.
func (s *Source) isYoung(now time.Time) bool {
	age := s.age(now)
	return age >= 0 && age < s.options.Interval
}

// isFresh reports whether nothing is due.
func (s *Source) isFresh(now time.Time) bool {
	return s.isYoung(now) && s.state.Load().generation == s.due.applied.Load()
}

// isLongPast reports whether the pair is so old that a caller should wait for a new one. A
// process with Run never has such a pair, unless Secrets Manager fails.
func (s *Source) isLongPast(now time.Time) bool {
	age := s.age(now)
	return age < 0 || age >= 2*s.options.Interval
}

// withinHalf limits ctx to Options.Timeout, and to half of the time that it has left.
func (s *Source) withinHalf(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.options.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	return context.WithTimeout(ctx, limit)
}

// begin makes the caller the one that reads. If another one reads, begin returns its end. If
// the next try is not due yet, it returns the last error. The caller must call end if both
// are nil.
func (d *due) begin(s *Source, now time.Time) (other <-chan struct{}, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since := now.Sub(d.failedAt)
	switch {
	case d.reading != nil:
		return d.reading, nil
	case d.err != nil && since >= 0 && since < d.wait:
		return nil, fmt.Errorf("%w (this was %v ago, and the next try is due in %v)", d.err, since.Round(time.Millisecond), (d.wait - since).Round(time.Millisecond))
	}
	d.reading = make(chan struct{})
	return nil, nil
}

// end lets the next caller read: later if the result counts as a failure.
func (d *due) end(result error, counts bool, now time.Time, longest time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.reading)
	d.reading = nil
	switch {
	case !counts:
	case result == nil:
		d.failures, d.err = 0, nil
	default:
		d.failures++
		d.err, d.failedAt, d.wait = result, now.Round(0), retryAfter(d.failures, longest)
	}
}

// refreshNow reads the secret, unless another method has just read it, and passes a new pair
// to rotate. The caller has begun.
func (s *Source) refreshNow(ctx, limited context.Context, rotate func(context.Context, string, crypto.Signer) error) (err error) {
	counts := false // in a panic
	defer func() { s.due.end(err, counts, s.now(), s.options.Interval) }()
	if !s.isYoung(s.now()) {
		if err = s.refreshWithin(ctx, limited); err != nil {
			s.tell(ctx, s.state.Load(), err)
		}
	}
	if st := s.state.Load(); st.generation != s.due.applied.Load() {
		if failed := s.pass(ctx, limited, st, rotate); failed == nil {
			s.due.applied.Store(st.generation)
		} else if err == nil {
			err = failed
		}
	}
	counts = err == nil || ctx.Err() == nil // the end of the caller is no failure of the service
	return err
}
