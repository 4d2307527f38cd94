// SPDX-License-Identifier: Apache-2.0

package keygroup

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A decision decides on the next step, from what CloudFront and the store have. It makes no
// requests, so a plan and a rotation cannot differ.
type decision struct {
	options Options
	// current and next are the pairs of the store. Empty: there is none.
	current, next fingerprint
	nextKey       crypto.PublicKey
	// givenUp is the key that the store has as the next one, although it is retired.
	givenUp fingerprint
	// inUse are the IDs of keys that must stay trusted.
	inUse []string
	// cleans means that there is no rotation, only the cleaning up after one.
	cleans bool
	// mayBegin allows a new rotation. It is false after one is finished.
	mayBegin bool
	// hasArrived are the IDs of keys that all distributions have.
	hasArrived []string
	// kept are the IDs of public keys that were deleted, or that cannot be.
	kept []string
}

// step returns the next step, or false if nothing is left to do.
func (d *decision) step(s *state) (Step, bool) {
	for _, decide := range []func(*state) (Step, bool){d.goBack, d.restore, d.retire, d.remove} {
		if step, ok := decide(s); ok {
			return step, true
		}
	}
	if d.cleans {
		return Step{}, false
	}
	return d.advance(s)
}

// goBack finds a next key that was the current one already, because the key that it replaced is
// retired or gone. Somebody went back from it. The store can still have it as the next one, and
// switching to it again would undo that.
func (d *decision) goBack(s *state) (Step, bool) {
	for _, next := range s.like(d.next) {
		if next.mark.replaces == "" {
			continue
		}
		if before := s.key(next.mark.replaces); before == nil || before.mark.isRetired() {
			return d.retireStep(s, next.id), true
		}
	}
	return Step{}, false
}

// restore finds a mark on a key that signs. Somebody went back to it.
func (d *decision) restore(s *state) (Step, bool) {
	for _, k := range s.like(d.current) {
		if k.mark.isRetired() {
			return Step{Action: Restore, KeyPairID: k.id}, true
		}
	}
	return Step{}, false
}

// forgetRetired forgets a next key that is marked as retired: it was given up. While the store
// has it, its public key must stay at CloudFront, or the key would pass for a new one.
func (d *decision) forgetRetired(s *state) {
	for _, k := range s.like(d.next) {
		if k.mark.isRetired() {
			d.next, d.nextKey, d.givenUp = "", nil, d.next
			return
		}
	}
}

// retire finds a key without a mark that no longer signs.
func (d *decision) retire(s *state) (Step, bool) {
	for _, k := range s.keys {
		if !d.isOurs(k) && !k.mark.isRetired() && d.isSuperseded(s, k) {
			return d.retireStep(s, k.id), true
		}
	}
	return Step{}, false
}

func (d *decision) retireStep(s *state, id string) Step {
	step := Step{Action: Retire, KeyPairID: id}
	if d.options.KeepRetired > 0 {
		step.Until = wholeSeconds(s.now).Add(d.options.KeepRetired)
	}
	return step
}

// wholeSeconds returns the time of a mark that is written now: not earlier than now.
func wholeSeconds(now time.Time) time.Time {
	return now.Add(time.Second - 1).UTC().Truncate(time.Second)
}

// isOurs reports whether k is a pair of the store.
func (d *decision) isOurs(k publicKey) bool {
	return k.print != "" && (k.print == d.current || k.print == d.next)
}

// isSuperseded reports whether the current key has replaced k, or whether k was to replace
// the current key or the one before it, in a rotation that was given up. The marks of a
// Rotator with another name are none of this one's business.
func (d *decision) isSuperseded(s *state, k publicKey) bool {
	if k.mark != (mark{}) && k.mark.name != d.options.Name {
		return false
	}
	for _, current := range s.like(d.current) {
		before := current.mark.replaces
		if before != "" && s.is(k, before) || k.mark.replaces != "" && (s.is(*current, k.mark.replaces) || k.mark.replaces == before) {
			return true
		}
	}
	return false
}

// is reports whether k has the ID, or is the same key under another ID.
func (s *state) is(k publicKey, id string) bool {
	if k.id == id {
		return true
	}
	other := s.key(id)
	return other != nil && k.print != "" && k.print == other.print
}

// remove finds a retired key that nothing needs.
func (d *decision) remove(s *state) (Step, bool) {
	for _, k := range s.keys {
		if !d.isRemovable(s, k) {
			continue
		}
		others := s.others(k.id)
		switch {
		case s.mine(k.id) > 0:
			return Step{Action: Remove, KeyPairID: k.id, Note: d.whyNotDeleted(k, others)}, true
		case k.isMade() && len(others) == 0 && k.print != d.givenUp && !slices.Contains(d.kept, k.id):
			return Step{Action: Delete, KeyPairID: k.id}, true
		}
	}
	return Step{}, false
}

// whyNotDeleted says why a public key stays at CloudFront after it is removed from the
// Rotator's groups.
func (d *decision) whyNotDeleted(k publicKey, others []string) string {
	switch {
	case len(others) > 0:
		return groupList(others) + " still has it"
	case !k.isMade():
		return "delete the public key where you created it"
	case k.print == d.givenUp:
		return "its public key stays while the store has it as its next key"
	}
	return ""
}

// isRemovable reports whether k is retired, and nothing needs it. Without a current key, all
// keys stay: something is wrong, or nothing has begun.
func (d *decision) isRemovable(s *state, k publicKey) bool {
	keep := d.options.KeepRetired
	return keep > 0 && d.current != "" && k.mark.isRetired() && k.mark.name == d.options.Name && !d.isOurs(k) && !s.now.Before(k.mark.retired.Add(keep)) && !slices.Contains(d.inUse, k.id)
}

// advance finds the next step of a rotation that has begun, or begins one.
func (d *decision) advance(s *state) (Step, bool) {
	if d.next == "" {
		return Step{Action: Create}, d.mayBegin && !d.isYoung(s)
	}
	next := s.best(d.next)
	if next == nil {
		return Step{Action: Register}, true
	}
	switch {
	case !s.isTrusted(next.id), next.mark != mark{replaces: d.currentID(s)}.named(d.options.Name):
		return Step{Action: Trust, KeyPairID: next.id}, true
	case !slices.Contains(d.hasArrived, next.id):
		return Step{Action: Wait, KeyPairID: next.id}, true
	}
	return Step{Action: Switch, KeyPairID: next.id}, true
}

// isYoung reports whether the current key is younger than a rotation wants. If somebody went
// back to a key, it is as young as that.
func (d *decision) isYoung(s *state) bool {
	for _, k := range s.like(d.current) {
		since := k.created
		if k.mark.restored.After(since) {
			since = k.mark.restored
		}
		if d.options.MinAge > 0 && s.now.Sub(since) < d.options.MinAge {
			return true
		}
	}
	return false
}

// currentID returns the ID of the current key, or "" if there is none.
func (d *decision) currentID(s *state) string {
	if k := s.best(d.current); k != nil && s.isTrusted(k.id) {
		return k.id
	}
	return ""
}

// check refuses a state in which a rotation would do harm.
func (d *decision) check(s *state) error {
	if d.current == "" {
		return nil
	}
	if id := d.currentID(s); id == "" {
		return fmt.Errorf("keygroup: %w by %s: name the key group of your distribution, or add the public key to it first", ErrNotTrusted, groupList(s.without(d.current)))
	}
	for _, k := range s.like(d.current) {
		if others := s.others(k.id); len(others) > 0 {
			return fmt.Errorf("keygroup: the key that signs now, %s, is also in %s, whose distributions would refuse the new key: name that key group, too", k.id, groupList(others))
		}
	}
	return nil
}

func groupList(groups []string) string {
	if len(groups) == 1 {
		return "the key group " + groups[0]
	}
	return "the key groups " + strings.Join(groups, " and ")
}
