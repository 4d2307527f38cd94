// SPDX-License-Identifier: Apache-2.0

package awskms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cfsign/cfsign/keys"
)

// An attempt is one operation that is done in one Region after another.
type attempt struct {
	key       *key
	operation string
	do        func(*call) error

	caller context.Context
	ctx    context.Context // with the timeout for all Regions
	asked  []*region
	events []Event
}

// try does an operation in one Region after another, until one has done it. It returns that
// Region, or the errors of all.
func (k *key) try(ctx context.Context, operation string, do func(*call) error) (*region, error) {
	limited, end := context.WithTimeout(ctx, k.timeout)
	defer end()
	a := &attempt{key: k, operation: operation, do: do, caller: ctx, ctx: limited}
	r, err := a.run()
	for _, e := range a.events {
		if r != nil && e.Err != nil {
			e.TookOver = r.label
		}
		k.observe(ctx, e)
	}
	return r, err
}

func (a *attempt) run() (*region, error) {
	var failed error
	for range a.key.regions {
		r, isProbe := a.key.next(a.asked)
		a.asked = append(a.asked, r)
		err := a.ask(r, isProbe)
		switch {
		case err == nil:
			return r, nil
		case a.caller.Err() != nil:
			return nil, ended(err, failed)
		}
		a.events = append(a.events, Event{Operation: a.operation, Region: r.label, Err: err})
		failed = both(failed, err)
		if a.isFinal(err) {
			break
		}
	}
	return nil, failed
}

// isFinal reports whether the other Regions must not be asked. A wrong key at the start is a
// wrong setting, and the start of a program is the best time to show it. A wrong signature
// later is not final: a signature of another Region is returned only if it verifies with the
// public key, so asking costs no safety.
func (a *attempt) isFinal(err error) bool {
	return a.operation == getPublicKey && (errors.Is(err, keys.ErrMismatch) || errors.Is(err, keys.ErrUnsupportedKey))
}

// ask does the operation in one Region, and remembers how it went.
func (a *attempt) ask(r *region, isProbe bool) (err error) {
	if isProbe {
		defer a.key.endProbe(r) // even in a panic
	}
	c := a.call(r)
	defer c.end()
	if end := c.ctx.Err(); end != nil {
		err = c.failed(end)
	} else {
		err = a.do(c)
	}
	if a.caller.Err() == nil && a.key.learn(r, err) {
		a.events = append(a.events, Event{Operation: a.operation, Region: r.label})
	}
	return err
}

// call begins the operation in one Region. It leaves the Regions that were not asked an
// equal share of the time.
func (a *attempt) call(r *region) *call {
	c := &call{operation: a.operation, region: r, timeout: a.key.timeout, caller: a.caller}
	left := len(a.key.regions) - len(a.asked) + 1
	if deadline, _ := a.ctx.Deadline(); left > 1 || len(a.asked) > 1 {
		c.timeout = max(0, time.Until(deadline)) / time.Duration(left)
	}
	if left == 1 {
		c.ctx, c.end = context.WithCancel(a.ctx)
	} else {
		c.ctx, c.end = context.WithTimeout(a.ctx, c.timeout)
	}
	return c
}

// next returns the Region to ask after others were asked, and whether it is a probe: the one
// operation at a time that tries a failing Region again in its turn. The caller must end a
// probe. Failing Regions that are not due come last.
func (k *key) next(asked []*region) (r *region, isProbe bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	for _, candidate := range k.regions {
		switch {
		case slices.Contains(asked, candidate):
		case candidate.isDue(now):
			candidate.isProbed = candidate.isFailing
			return candidate, candidate.isFailing
		case r == nil:
			r = candidate
		}
	}
	return r, false
}

func (k *key) endProbe(r *region) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.isProbed = false
}

// learn remembers whether an operation of a Region failed. It reports whether the Region
// works again.
func (k *key) learn(r *region, err error) (again bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	again = r.isFailing && err == nil
	if r.isFailing = err != nil; r.isFailing {
		r.failedAt = time.Now().Round(0)
	}
	return again
}

// both returns the errors of several Regions as one.
func both(before, err error) error {
	if before == nil {
		return err
	}
	return fmt.Errorf("%w; %w", before, err)
}

// ended returns the error for a context that ended after other Regions had failed. Only the
// context is a reason for it.
func ended(err, before error) error {
	if before == nil {
		return err
	}
	return fmt.Errorf("%w (before, another Region failed: %v)", err, before)
}
