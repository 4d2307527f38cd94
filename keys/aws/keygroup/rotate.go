// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"

	"github.com/cfsign/cfsign/keys"
)

// A Result is what [Rotator.Rotate] did.
type Result struct {
	// KeyPairID is the ID that applications sign with now. Empty: Rotate failed before it
	// knew, or in the switch.
	KeyPairID string
	// Steps are the steps that were taken. Empty: there was nothing to do, because the
	// current key is younger than Options.MinAge.
	Steps []Step
}

// mostSteps is far more than a rotation has.
const mostSteps = 100

// Rotate replaces the key pair of the store, and removes retired keys whose time has come.
// It takes minutes, because it waits until the distributions have the new key. Give ctx that
// much time. If Rotate is interrupted or fails, call it again: it goes on from there. If it
// finishes an earlier rotation, it does not begin another.
//
// If it fails, the result has the steps before the failure. It returns
//
//   - the errors of the store;
//   - [ErrNotTrusted] if not all key groups of the Rotator have the current key;
//   - an error that wraps none of these values if a key group that the Rotator does not
//     manage has the current key, too: its distributions would refuse the new one;
//   - [ErrFull] if a key group or the account has no room;
//   - [ErrConflict] if others keep changing the key group;
//   - [keys.ErrAccessDenied], [keys.ErrKeyNotFound], [keys.ErrThrottled] or
//     [keys.ErrUnavailable] if CloudFront does not do what it was asked to;
//   - [context.DeadlineExceeded] or [context.Canceled] if ctx ends.
func (r *Rotator) Rotate(ctx context.Context, store Store) (Result, error) {
	if store == nil {
		return Result{}, errNilStore
	}
	return r.run(ctx, store, &decision{mayBegin: true})
}

// Clean does what [Rotator.Rotate] does after a rotation: it marks the key that current has
// replaced as retired, and removes retired keys whose time has come. It is for rotations that
// something else drives, such as a Lambda function that Secrets Manager calls: see
// [Rotator.Register], [Rotator.Trust] and [Rotator.Wait].
//
// current is the public key that applications sign with, and next the one that they will sign
// with, or nil. It returns the errors of Rotate.
func (r *Rotator) Clean(ctx context.Context, current, next crypto.PublicKey) (Result, error) {
	return r.run(ctx, pair{current, next}, &decision{cleans: true})
}

// A pair is a store that only says what it has.
type pair struct{ current, next crypto.PublicKey }

// Current returns the current key.
func (p pair) Current(context.Context) (crypto.PublicKey, error) { return p.current, nil }

// Next returns the next key.
func (p pair) Next(context.Context) (crypto.PublicKey, error) { return p.next, nil }

// Create returns an error.
func (p pair) Create(context.Context) (crypto.PublicKey, error) { return nil, errors.ErrUnsupported }

// Switch returns an error.
func (p pair) Switch(context.Context, crypto.PublicKey, string) error {
	return errors.ErrUnsupported
}

// run takes one step after the other until nothing is left to do. Before each step it reads
// what there is.
func (r *Rotator) run(ctx context.Context, store Store, d *decision) (Result, error) {
	var result Result
	s, err := r.look(ctx, store, d)
	for err == nil && len(result.Steps) < mostSteps {
		result.KeyPairID = d.currentID(s)
		step, ok := d.step(s)
		if !ok {
			return result, nil
		}
		switch {
		case step.Action == Switch:
			result.KeyPairID = "" // if it fails, nobody knows
		case step.Action == Create && isRepeated(result.Steps, step):
			return result, errors.New("keygroup: the store has no new next pair, although it has created one: its Create must make another pair than the one that is retired")
		}
		if step, err = r.take(ctx, store, d, s, step); err != nil {
			break
		}
		if step.Action == Switch {
			result.KeyPairID = step.KeyPairID
		}
		if isRepeated(result.Steps, step) { // CloudFront's lists can be late
			err = pause(ctx, r.options.Poll)
		}
		result.Steps = append(result.Steps, step)
		r.options.Observe(ctx, step)
		if err == nil {
			s, err = r.look(ctx, store, d)
		}
	}
	if err == nil {
		err = fmt.Errorf("keygroup: %w: CloudFront does not show the changes that it accepted", keys.ErrUnavailable)
	}
	return result, err
}

func isRepeated(steps []Step, next Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool { return s.Action == next.Action && s.KeyPairID == next.KeyPairID })
}

// look reads what CloudFront and the store have, and checks that a rotation can do no harm.
func (r *Rotator) look(ctx context.Context, store Store, d *decision) (*state, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	d.options, d.givenUp = r.options, ""
	current, err := store.Current(ctx)
	if err != nil {
		return nil, err
	}
	if d.current, err = fingerprintOf(current); err != nil {
		return nil, err
	}
	if d.nextKey, err = store.Next(ctx); err != nil {
		return nil, err
	}
	if d.next, err = fingerprintOf(d.nextKey); err != nil {
		return nil, err
	}
	if d.next == d.current {
		d.next = "" // Switch was interrupted after it had switched
	}
	if r.options.InUse != nil {
		if d.inUse, err = r.options.InUse(ctx); err != nil {
			return nil, fmt.Errorf("keygroup: Options.InUse: %w", err)
		}
	}
	s, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	d.forgetRetired(s)
	return s, d.check(s)
}

// take takes a step, and returns it with what is known afterwards.
func (r *Rotator) take(ctx context.Context, store Store, d *decision, s *state, step Step) (Step, error) {
	var err error
	switch id := step.KeyPairID; step.Action {
	case Restore:
		step.Note, err = r.mark(ctx, id, mark{restored: wholeSeconds(s.now)})
	case Retire:
		d.finished(s, step)
		step.Note, err = r.mark(ctx, id, mark{retired: wholeSeconds(s.now)})
	case Remove:
		if err = r.confirm(ctx, *s.key(id)); err == nil {
			err = r.removeFromGroups(ctx, id)
		}
	case Delete:
		step.Note, err = r.deleteKey(ctx, *s.key(id))
		d.kept = append(d.kept, id)
	case Create:
		_, err = store.Create(ctx)
	case Register:
		step.KeyPairID, err = r.Register(ctx, d.nextKey, d.currentID(s))
	case Trust:
		d.hasArrived = nil // if a group has lost the key, wait again
		err = r.Trust(ctx, id, d.currentID(s))
	case Wait:
		if err = r.Wait(ctx, id); err == nil {
			d.hasArrived = append(d.hasArrived, id)
		}
	case Switch:
		if err = store.Switch(ctx, d.nextKey, id); err == nil {
			d.mayBegin = false
		}
	}
	return step, err
}
