// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// Options say where the key pair ID is, what is expected of the pair, and how often it is
// read. The zero value is for a secret that has both.
type Options struct {
	// KeyPairID is the ID, where the secret has the private key alone. The pair cannot be
	// rotated then, because every public key has an ID of its own. Empty: the secret or
	// KeyPairIDFrom has it. If several of them have it they have to agree.
	KeyPairID string
	// KeyPairIDFrom is the place that has the ID: alone, or in a JSON object, which may
	// name the public key as well. Prefer one secret with both: here a rotation takes two
	// writes, and only KeyGroup or that public key can tell whether what is there between
	// them belongs together. Without either, restart what started between the two. Zero:
	// there is no such place.
	KeyPairIDFrom Location
	// KeyGroup are the public keys that CloudFront trusts, as far as they are known here,
	// those to come among them. A pair that is not in it is refused, since all
	// viewers would get a 403. Zero: no check.
	KeyGroup keys.Set
	// Interval is the longest time from the end of a read of [Source.Run] to the next one,
	// which is a bit earlier at random, so that not all processes read at once. Zero:
	// five minutes. Less than a second is refused.
	Interval time.Duration
	// Timeout is how long one refresh may take with all its requests, and how long one
	// call of Run's function. Zero: 30 seconds.
	Timeout time.Duration
	// Observe is called with what [Source.Run] cannot return: a refresh that failed, a
	// pair that its function did not take, and a new pair that it took. [New] and
	// [Source.Refresh] return their errors, but call it if AWSPREVIOUS cannot be used,
	// because they go on without it. ctx is the context of the method. It may be called by
	// several goroutines at once if Refresh or Run is, and must not call them. Nil: nobody
	// is told.
	Observe func(ctx context.Context, e Event)
}

const (
	defaultInterval  = 5 * time.Minute
	shortestInterval = time.Second
	defaultTimeout   = 30 * time.Second
)

// checked returns o with its defaults, or says what is wrong.
func (o Options) checked() (Options, error) {
	if o.Interval == 0 {
		o.Interval = defaultInterval
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Observe == nil {
		o.Observe = func(context.Context, Event) {}
	}
	switch {
	case o.Interval < shortestInterval:
		return o, refuse(ErrOptions, "Interval is %v: write one of a second or more, such as 5 * time.Minute", o.Interval)
	case o.Timeout < 0:
		return o, refuse(ErrOptions, "Timeout is %v: write a positive one, such as 30 * time.Second", o.Timeout)
	case o.KeyPairID != "" && !o.KeyPairIDFrom.isZero():
		return o, refuse(ErrOptions, "KeyPairID and KeyPairIDFrom are both set: leave one out")
	}
	if o.KeyPairID != "" {
		if err := keys.CheckID(o.KeyPairID); err != nil {
			return o, err
		}
	}
	if !o.KeyPairIDFrom.isZero() {
		if err := o.KeyPairIDFrom.check(); err != nil {
			return o, err
		}
	}
	return o, nil
}

// checkContext refuses a context that is nil.
func checkContext(ctx context.Context) error {
	if ctx == nil {
		return refuse(ErrOptions, "the context is nil: hand over one, such as context.Background()")
	}
	return nil
}
