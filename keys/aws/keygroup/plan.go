// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"context"
	"slices"
)

// Plan returns the steps that [Rotator.Rotate] would take now, without taking any. It reads
// CloudFront and the store, and changes neither. IDs that CloudFront has not given yet are
// empty. It returns the errors that Rotate would return before the first step.
func (r *Rotator) Plan(ctx context.Context, store Store) ([]Step, error) {
	if store == nil {
		return nil, errNilStore
	}
	d := &decision{mayBegin: true}
	s, err := r.look(ctx, store, d)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for len(steps) < mostSteps {
		step, ok := d.step(s)
		if !ok {
			break
		}
		steps = append(steps, step)
		d.imagine(s, step)
	}
	return steps, nil
}

// imagine changes the state as the step would.
func (d *decision) imagine(s *state, step Step) {
	k := s.key(step.KeyPairID)
	switch step.Action {
	case Restore:
		k.mark = mark{restored: wholeSeconds(s.now)}.named(d.options.Name)
	case Retire:
		k.mark = mark{retired: wholeSeconds(s.now)}.named(d.options.Name)
		d.finished(s, step)
		d.forgetRetired(s)
	case Remove:
		for _, group := range s.groups {
			s.trusted[group] = slices.DeleteFunc(slices.Clone(s.trusted[group]), func(id string) bool { return id == step.KeyPairID })
		}
	case Delete:
		s.keys = slices.DeleteFunc(s.keys, func(k publicKey) bool { return k.id == step.KeyPairID })
	case Create:
		d.next = unknown
	case Register:
		s.keys = append(s.keys, publicKey{print: d.next, mark: mark{replaces: d.currentID(s)}.named(d.options.Name), created: s.now})
	case Trust:
		k.mark = mark{replaces: d.currentID(s)}.named(d.options.Name)
		for _, group := range s.groups {
			if !slices.Contains(s.trusted[group], step.KeyPairID) {
				s.trusted[group] = append(slices.Clone(s.trusted[group]), step.KeyPairID)
			}
		}
	case Wait:
		d.hasArrived = append(d.hasArrived, step.KeyPairID)
	case Switch:
		d.current, d.next, d.mayBegin = d.next, "", false
	}
}

// finished forbids another rotation after the step that finishes one: the retirement of the
// key that the current one has replaced.
func (d *decision) finished(s *state, step Step) {
	for _, current := range s.like(d.current) {
		if before := current.mark.replaces; before != "" {
			if k := s.key(step.KeyPairID); k != nil && s.is(*k, before) {
				d.mayBegin = false
			}
		}
	}
}
