// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto"
	"fmt"
	"math/rand/v2"
	"time"
)

// firstRetry is how long Run waits after a first failure, at most; after each further one
// it is twice as long, up to the interval.
const firstRetry = 10 * time.Second

// Run reads the secret from time to time until ctx ends, which should be that of the
// process and not of its start, and returns the error of ctx. It
// starts no goroutine: give it one, in which a panic of rotate or of Options.Observe
// ends the process as usual.
//
// It calls rotate with each new pair, as [sign.Signer.Rotate] takes it, also if [Source.Refresh]
// found it or if that was before Run began, and Options.Observe is told that it was taken.
// If rotate fails, Options.Observe is told why, and it is called again after the next read
// with what is the newest pair then. Its context ends with ctx, and after Options.Timeout. A nil rotate is for those who call
// [Source.Pair] or [Source.Trusted] each time.
//
// The next read is at most Options.Interval after the last one has ended; after a failure
// it is sooner, from about ten seconds on. Options.Observe is told of every failure. A
// function that ignores its context holds up all of it.
//
// Several calls at once, with signers of their own, are fine, but each reads the secret;
// one function for all signers saves that. For a source that was not made by New, or a nil
// ctx, it returns [ErrOptions].
//
// [sign.Signer.Rotate]: https://pkg.go.dev/github.com/cfsign/cfsign/sign#Signer.Rotate
func (s *Source) Run(ctx context.Context, rotate func(ctx context.Context, keyPairID string, key crypto.Signer) error) error {
	if err := s.check(ctx); err != nil {
		return own(err)
	}
	if rotate == nil {
		rotate = func(context.Context, string, crypto.Signer) error { return nil }
	}
	r := &run{source: s, rotate: rotate}
	r.apply(ctx)
	for {
		timer := time.NewTimer(r.wait())
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
			r.step(ctx, s.Refresh(ctx))
		case <-r.seen.replaced: // by somebody else's Refresh
			timer.Stop()
			r.step(ctx, nil)
		}
	}
}

// A run is one call of Run.
type run struct {
	source *Source
	rotate func(context.Context, string, crypto.Signer) error
	// seen is the latest state that apply looked at.
	seen *state
	// applied is the generation that rotate has taken. A signer was made of the first one, or
	// of one that apply gives it once more.
	applied uint64
	// failures are those since all went well.
	failures int
}

// step goes on after a refresh.
func (r *run) step(ctx context.Context, err error) {
	if err != nil {
		r.failures++
		r.tell(ctx, err)
		r.apply(ctx)
		return
	}
	if r.apply(ctx) {
		r.failures = 0
	}
}

// apply hands on the newest pair, unless it was taken already. It reports whether nothing
// is left to do.
func (r *run) apply(ctx context.Context) (done bool) {
	r.seen = r.source.state.Load()
	if r.seen.generation == r.applied || ctx.Err() != nil {
		return true
	}
	limited, cancel := context.WithTimeout(ctx, r.source.options.Timeout)
	defer cancel()
	if err := r.rotate(limited, r.seen.pair.id, r.seen.pair.key); err != nil {
		r.failures++
		r.tell(ctx, fmt.Errorf("awssecrets: %s: the new pair was not taken: %w", r.source.location, err))
		return false
	}
	r.applied = r.seen.generation
	r.source.options.Observe(ctx, Event{KeyPairID: r.seen.pair.id})
	return true
}

// tell reports a failure, unless it is that Run is to end.
func (r *run) tell(ctx context.Context, err error) {
	if ctx.Err() == nil {
		r.source.options.Observe(ctx, Event{KeyPairID: r.seen.pair.id, Err: err})
	}
}

// wait returns how long it is until the next read: at random, so that those who began at
// once do not go on together.
func (r *run) wait() time.Duration {
	longest := r.source.options.Interval
	if r.failures == 0 {
		return between(longest-longest/5, longest)
	}
	retry := min(firstRetry, longest)
	for range r.failures - 1 {
		if retry >= longest-retry {
			retry = longest
			break
		}
		retry *= 2
	}
	return between(retry/2, retry)
}

// between returns a random duration from shortest to longest.
func between(shortest, longest time.Duration) time.Duration {
	return shortest + rand.N(longest-shortest+1)
}
