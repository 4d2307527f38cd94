// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// Options configure a [Source]. The zero value is for a secret with the key pair ID and the
// private key.
type Options struct {
	// KeyPairID is the ID for a secret with the private key alone. You cannot rotate such a
	// pair, because a new key has a new ID. If the secret or KeyPairIDFrom has an ID too,
	// it must be the same. Empty: the ID is in the secret or in KeyPairIDFrom.
	KeyPairID string
	// KeyPairIDFrom is a second place with the ID: alone, or in a JSON object, which may
	// have the public key as well. You should prefer one secret with both. With two
	// places, a rotation takes two writes. Between the writes, the ID and the key do not
	// belong together, and only KeyGroup or that public key shows it. Without either,
	// restart all processes that started between the writes. Zero: no second place.
	KeyPairIDFrom Location
	// KeyGroup is the set of public keys that CloudFront trusts, with the keys of coming
	// rotations. The source refuses a pair that is not in it, because all viewers would get
	// a 403. Zero: no check.
	KeyGroup keys.Set
	// Interval is the longest time from the end of one read of [Source.Run] to the next. The
	// next read is a bit earlier, at random, so that not all processes read at once. It is
	// also the age from which [Source.RefreshIfDue] reads again. It must be at least a
	// second. Zero: five minutes.
	Interval time.Duration
	// Timeout limits one refresh with all its requests, one call of the function of Run, and
	// one call of RefreshIfDue. Zero: 30 seconds.
	Timeout time.Duration
	// Observe is called for what [Source.Run] cannot return: a refresh that failed, and a
	// new pair that its function accepted or refused. [Source.RefreshIfDue] calls it for the
	// same. [New] and [Source.Refresh] return their errors, but call Observe if they cannot
	// use AWSPREVIOUS and continue without it. ctx is the context of the method. Observe must
	// not call Refresh, RefreshIfDue or Run. If several goroutines use the source, they may
	// call Observe at once. Nil: errors that no method returns are written to
	// slog.Default of log/slog.
	Observe func(ctx context.Context, e Event)
}

const (
	defaultInterval  = 5 * time.Minute
	shortestInterval = time.Second
	defaultTimeout   = 30 * time.Second
)

// checked returns o with its defaults, or an error.
func (o Options) checked() (Options, error) {
	if o.Interval == 0 {
		o.Interval = defaultInterval
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	switch {
	case o.Interval < shortestInterval:
		return o, fmt.Errorf("Options.Interval is %v: write a second or more, such as 5 * time.Minute", o.Interval)
	case o.Timeout < 0:
		return o, fmt.Errorf("Options.Timeout is %v: write a positive duration, such as 30 * time.Second", o.Timeout)
	case o.KeyPairID != "" && !o.KeyPairIDFrom.isZero():
		return o, errors.New("Options.KeyPairID and Options.KeyPairIDFrom are both set: leave one out")
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
