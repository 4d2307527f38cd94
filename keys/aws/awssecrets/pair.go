// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"crypto"

	"github.com/cfsign/cfsign/keys"
)

// A pair is a key pair ID and its private key.
type pair struct {
	id     string
	key    crypto.Signer
	public crypto.PublicKey
	named  bool // the document with the ID had the public key, too
}

// hasKey reports whether public is the public key of p.
func (p pair) hasKey(public crypto.PublicKey) bool {
	return p.public.(interface{ Equal(crypto.PublicKey) bool }).Equal(public)
}

// is reports whether both are the same pair.
func (p pair) is(other pair) bool { return p.id == other.id && p.hasKey(other.public) }

// A reading is the contents of the two places at one time. Without a second place, id is
// zero.
type reading struct {
	key, id version
}

// marks are the marks of a reading.
type marks struct{ key, id mark }

func (r reading) marks() marks { return marks{r.key.mark(), r.id.mark()} }

// A state is what a source has. It is immutable.
type state struct {
	pair     pair
	previous *pair // or nil
	trusted  keys.Set
	marks    marks // of the reading with the pair
	// generation counts the pairs, from zero. Going back to an earlier pair counts, too.
	generation uint64
	// incomplete means that the next refresh must read the previous pair again.
	incomplete bool
	// doubted means that AWSPREVIOUS had the same key or the same ID when the process
	// started. The pair may be half a rotation, so it is no evidence against the next one.
	doubted bool
	// replaced is closed when another state takes the place of this one.
	replaced chan struct{}
}

// pairs returns the pairs whose IDs are known to belong to their keys. It leaves out a
// previous pair with the key of the current one: one of their IDs was a mistake that has
// been corrected, and may still get the key it was meant for.
func (s *state) pairs() []pair {
	if s.previous == nil || s.pair.hasKey(s.previous.public) {
		return []pair{s.pair}
	}
	return []pair{s.pair, *s.previous}
}

// hasKeyTwice reports whether both pairs have the same key under two IDs.
func (s *state) hasKeyTwice() bool {
	return s.previous != nil && s.pair.hasKey(s.previous.public) && s.pair.id != s.previous.id
}

// after returns the state with p after last. At first, last is nil. If p is the pair of
// last, last's pair stays.
func after(last *state, p pair, m marks) *state {
	next := &state{pair: p, marks: m, replaced: make(chan struct{})}
	switch {
	case last == nil:
	case last.pair.is(p):
		next.pair, next.generation = last.pair, last.generation
		next.previous, next.doubted = last.previous, last.doubted
	default:
		next.generation = last.generation + 1
		next.previous = &last.pair
	}
	return next
}

// trust sets the public keys of both pairs.
func (s *state) trust() error {
	public := map[string]crypto.PublicKey{}
	if s.previous != nil {
		public[s.previous.id] = s.previous.public
	}
	public[s.pair.id] = s.pair.public
	set, err := keys.NewSet(public)
	s.trusted = set
	return err
}

// pairOf returns the pair in a reading. It checks everything that the reading itself says
// about what belongs together. The pair may have no ID yet.
func (s *Source) pairOf(r reading) (pair, error) {
	if r.key.plain {
		return pair{}, s.at(refuse(keys.ErrUnsupportedKey, "the parameter is not encrypted: put a new key into it, as a SecureString"))
	}
	d, err := parseKey(r.key.value)
	if err != nil {
		return pair{}, s.at(err)
	}
	p := pair{id: d.keyPairID, key: d.private, public: d.private.Public(), named: d.public != nil && d.keyPairID != ""}
	if d.public != nil && !p.hasKey(d.public) {
		return pair{}, s.at(errOtherPublic)
	}
	if s.options.KeyPairIDFrom.isZero() {
		return p, nil
	}
	return s.withID(p, r.id)
}

// withID returns p with the ID from the second place.
func (s *Source) withID(p pair, v version) (pair, error) {
	from := s.options.KeyPairIDFrom
	d, err := parseID(v.value)
	switch {
	case err != nil:
		return pair{}, errorAt(from, err)
	case p.id != "" && p.id != d.keyPairID:
		return pair{}, s.at(refuse(keys.ErrMismatch, "it has another key pair ID than %s", from))
	case d.public != nil && !p.hasKey(d.public):
		return pair{}, s.at(refuse(keys.ErrMismatch, "its private key does not belong to the public key in %s", from))
	}
	p.id, p.named = d.keyPairID, p.named || d.public != nil
	return p, nil
}

// withFixedID returns p with the ID from the options.
func (s *Source) withFixedID(p pair) (pair, error) {
	fixed := s.options.KeyPairID
	switch {
	case p.id == "" && fixed == "":
		return pair{}, s.at(refuse(keys.ErrKeyPairID, "the secret has none: put it next to the key, as JSON with keyPairId and privateKey, or set Options.KeyPairID"))
	case p.id != "" && fixed != "" && p.id != fixed:
		return pair{}, s.at(refuse(keys.ErrMismatch, "it has another key pair ID than Options.KeyPairID, which is %s", fixed))
	case p.id == "":
		p.id = fixed
	}
	return p, nil
}

// admit refuses a pair that contradicts the key group or, without one, the pairs of last.
// At first, last is nil. Its errors do not name an ID that it refuses, because that may be
// something else in the wrong place.
func (s *Source) admit(p pair, last *state) error {
	if group := s.options.KeyGroup; len(group.IDs()) > 0 {
		public, ok := group.Lookup(p.id)
		switch {
		case !ok:
			return s.at(refuse(keys.ErrMismatch, "its key pair ID is not in Options.KeyGroup, which has %v", group.IDs()))
		case !p.hasKey(public):
			return s.at(refuse(keys.ErrMismatch, "its private key does not belong to the public key that Options.KeyGroup has as %s", p.id))
		}
		return nil
	}
	if last == nil || last.doubted {
		return nil
	}
	for _, known := range last.pairs() {
		if known.id == p.id && !known.hasKey(p.public) {
			return s.at(refuse(keys.ErrMismatch, "%s came with another private key before, and a new key has a new ID: write both (if the one before was wrong, restart, or set Options.KeyGroup)", p.id))
		}
	}
	from := s.options.KeyPairIDFrom
	if named := p.named && !from.isZero(); !named && last.pair.id != p.id && last.pair.hasKey(p.public) {
		if from.isZero() {
			from = s.location
		}
		return s.at(refuse(keys.ErrMismatch, "the ID in %s has changed, but the private key has not: write both (if that is right, restart, or set Options.KeyGroup)", from))
	}
	return nil
}
