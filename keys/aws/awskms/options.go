// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"crypto"
	"fmt"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// Options configure a [Key]. The zero value is ready to use.
type Options struct {
	// Public is the public key that the key in KMS must have, such as the public key that
	// you uploaded to CloudFront. Nil: any key.
	Public crypto.PublicKey
	// Timeout limits each operation of KMS, with all its retries and the time to get
	// credentials: in [New], in [Key.Sign] and in [Key.SignContext], even if the
	// context allows more. With Replicas, it limits the operation in all Regions together,
	// and each Region gets an equal share of the time that is left. Zero: 10 seconds.
	Timeout time.Duration
	// Replicas are clients of other Regions, in the order in which they are asked if a
	// Region fails. Each Region must have a replica of the key: see "Several Regions" in the
	// package comment. You should also set Observe. Nil: no replicas.
	Replicas []API
	// Observe is called for each Region that failed, when the operation has ended, and for a
	// Region that works again. Without Replicas it is never called, because New and Sign
	// return the error. ctx is the context of the caller. Several goroutines may call
	// Observe at once. Nil: if another Region takes over, the error is
	// written to slog.Default of log/slog.
	Observe func(ctx context.Context, e Event)
}

// observe returns the hook.
func (o Options) observe() func(context.Context, Event) {
	switch {
	case len(o.Replicas) == 0:
		return func(context.Context, Event) {}
	case o.Observe == nil:
		return logTakeover
	}
	return o.Observe
}

func (o Options) timeout() (time.Duration, error) {
	switch {
	case o.Timeout < 0:
		return 0, fmt.Errorf("awskms: Options.Timeout is %v: write a positive duration, such as 10 * time.Second", o.Timeout)
	case o.Timeout == 0:
		return 10 * time.Second, nil
	}
	return o.Timeout, nil
}

// public returns Public. It refuses an invalid key before New makes any request.
func (o Options) public() (crypto.PublicKey, error) {
	if o.Public == nil {
		return nil, nil
	}
	if _, err := keys.MarshalPublic(o.Public); err != nil {
		return nil, fmt.Errorf("awskms: Options.Public: %w", err)
	}
	return o.Public, nil
}
