// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"
)

// An Event is what happened while a [Source] followed its secret. It contains no part of
// the secret, so you can log it.
type Event struct {
	// KeyPairID is the ID of the pair that the source has. A failure does not change it:
	// see [Source.Pair].
	KeyPairID string
	// Err says why the secret is invalid or unreadable, or why the function of [Source.Run]
	// did not accept the pair. Nil: it accepted the pair, and signs with it from now on.
	Err error
}

// String returns the error, or says that the pair was accepted.
func (e Event) String() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return "awssecrets: the pair " + e.KeyPairID + " was accepted"
}

// Format writes String for every verb.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// LogValue returns the ID, and the error if there is one, for log/slog.
func (e Event) LogValue() slog.Value {
	attributes := []slog.Attr{slog.String("keyPairID", e.KeyPairID)}
	if e.Err != nil {
		attributes = append(attributes, slog.String("error", e.Err.Error()))
	}
	return slog.GroupValue(attributes...)
}

// firstRetry is the longest time that Run waits after a first failure. It doubles with each
// further failure, up to the interval.
const firstRetry = 10 * time.Second

// Run reads the secret from time to time until ctx ends, and returns the error of ctx. ctx
// should be the context of the process, not of its start. Run starts no goroutine, so you
// should give it one. A panic of rotate or of Options.Observe ends the process as usual.
//
// Run calls rotate with each new pair; [sign.Signer.Rotate] is such a function. It also does
// so for a pair that [Source.Refresh] found, or that the source got before Run began. If
// rotate returns nil, Run calls Options.Observe with the new ID. If rotate fails, Run calls
// Options.Observe with the error, and tries again after the next read with the newest pair
// at that time. The context of rotate ends with ctx, or after Options.Timeout. Pass a nil
// rotate if you call [Source.Pair] or [Source.Trusted] each time.
//
// The next read begins at most Options.Interval after the end of the last one. After a
// failure it begins sooner: within ten seconds after the first failure, and later after
// each further one. Run calls Options.Observe for every failure. If rotate ignores its
// context, it holds up Run.
//
// You can call Run several times at once, with several signers, but each call reads the
// secret. To avoid that, pass one function that rotates all signers. For a nil ctx, or a
// source that New did not make, Run returns the error of Refresh.
//
// [sign.Signer.Rotate]: https://pkg.go.dev/github.com/cfsign/cfsign/sign#Signer.Rotate
func (s *Source) Run(ctx context.Context, rotate func(ctx context.Context, keyPairID string, key crypto.Signer) error) error {
	if err := s.check(ctx); err != nil {
		return own(err)
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
		case <-r.seen.replaced: // by another goroutine's Refresh
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
	// applied is the generation that rotate accepted. The signer was made of generation zero,
	// or of a later one that apply passes to it again.
	applied uint64
	// failures counts the failures since the last success.
	failures int
}

// step goes on after a refresh.
func (r *run) step(ctx context.Context, err error) {
	if err != nil {
		r.failures++
		r.source.tell(ctx, r.seen, err)
		r.source.lose(ctx, err)
		r.apply(ctx)
		return
	}
	if r.apply(ctx) {
		r.failures = 0
	}
}

// apply passes the newest pair to rotate, unless rotate accepted it before. It reports
// whether nothing is left to do.
func (r *run) apply(ctx context.Context) (done bool) {
	r.seen = r.source.state.Load()
	if r.seen.generation == r.applied || ctx.Err() != nil {
		return true
	}
	limited, cancel := context.WithTimeout(ctx, r.source.options.Timeout)
	defer cancel()
	if err := r.source.pass(ctx, limited, r.seen, r.rotate); err != nil {
		r.failures++
		r.source.lose(ctx, err)
		return false
	}
	r.applied = r.seen.generation
	return true
}

// pass passes the pair of st to rotate, within limited, and tells Options.Observe the result.
func (s *Source) pass(ctx, limited context.Context, st *state, rotate func(context.Context, string, crypto.Signer) error) error {
	if rotate != nil {
		if err := rotate(limited, st.pair.id, st.pair.key); err != nil {
			err = fmt.Errorf("awssecrets: %s: the new pair was not accepted: %w", s.location, err)
			s.tell(ctx, st, err)
			return err
		}
	}
	s.observe(ctx, Event{KeyPairID: st.pair.id})
	return nil
}

// tell reports a failure, unless the reason is that the caller must end.
func (s *Source) tell(ctx context.Context, st *state, err error) {
	if ctx.Err() == nil {
		s.observe(ctx, Event{KeyPairID: st.pair.id, Err: err})
	}
}

// observe calls the hook.
func (s *Source) observe(ctx context.Context, e Event) {
	if s.options.Observe != nil {
		s.options.Observe(ctx, e)
	}
}

// lose logs an error that no method returns, if there is no hook.
func (s *Source) lose(ctx context.Context, err error) {
	if s.options.Observe == nil && ctx.Err() == nil {
		slog.ErrorContext(ctx, "awssecrets: the old key goes on", "error", err.Error())
	}
}

// wait returns the time until the next read. It is random, so that processes that started
// together do not read together for ever.
func (r *run) wait() time.Duration {
	longest := r.source.options.Interval
	if r.failures == 0 {
		return between(longest-longest/5, longest)
	}
	return retryAfter(r.failures, longest)
}

// retryAfter returns the time from a failure to the next try.
func retryAfter(failures int, longest time.Duration) time.Duration {
	retry := min(firstRetry, longest)
	for range failures - 1 {
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
