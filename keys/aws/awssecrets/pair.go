// SPDX-License-Identifier: Apache-2.0

package awssecrets

import (
	"crypto"
	"fmt"

	"github.com/cfsign/cfsign/keys"
)

// A pair is an ID with its key.
type pair struct {
	id     string
	key    crypto.Signer
	public crypto.PublicKey
	named  bool // whether what named the ID named the public key
}

// hasKey reports whether the public key is that of p.
func (p pair) hasKey(public crypto.PublicKey) bool {
	return p.public.(interface{ Equal(crypto.PublicKey) bool }).Equal(public)
}

// is reports whether both are the same pair.
func (p pair) is(other pair) bool { return p.id == other.id && p.hasKey(other.public) }

// A reading is what was in the two places at one time. There may be no second one.
type reading struct {
	key, id version
}

// marks are those of the two versions.
type marks struct{ key, id mark }

func (r reading) marks() marks { return marks{r.key.mark(), r.id.mark()} }

// pairOf returns the pair in a reading, if it says in itself what belongs together. The
// ID may be missing.
func (s *Source) pairOf(r reading) (pair, error) {
	if r.key.plain {
		return pair{}, s.at(refuse(ErrLayout, "the parameter is not encrypted: put it anew as a SecureString, with another key"))
	}
	d, err := parseKey(r.key.value)
	if err != nil {
		return pair{}, s.at(err)
	}
	p := pair{id: d.keyPairID, key: d.private, public: d.private.Public(), named: d.public != nil && d.keyPairID != ""}
	if d.public != nil && !p.hasKey(d.public) {
		return pair{}, s.at(refuse(keys.ErrMismatch, "it has another public key than that of its private key"))
	}
	if s.options.KeyPairIDFrom.isZero() {
		return p, nil
	}
	return s.withID(p, r.id)
}

// withID returns p with the ID of the second place.
func (s *Source) withID(p pair, v version) (pair, error) {
	from := s.options.KeyPairIDFrom
	d, err := parseID(v.value)
	switch {
	case err != nil:
		return pair{}, errorAt(from, err)
	case p.id != "" && p.id != d.keyPairID:
		return pair{}, s.at(refuse(keys.ErrMismatch, "it has another key pair ID than %s", from))
	case d.public != nil && !p.hasKey(d.public):
		return pair{}, s.at(refuse(keys.ErrMismatch, "its private key does not belong to the public key that is in %s", from))
	}
	p.id, p.named = d.keyPairID, p.named || d.public != nil
	return p, nil
}

// withFixedID returns p with the ID of the options.
func (s *Source) withFixedID(p pair) (pair, error) {
	fixed := s.options.KeyPairID
	switch {
	case p.id == "" && fixed == "":
		return pair{}, s.at(refuse(keys.ErrKeyPairID, "it has none: keep it beside the key, as JSON with keyPairId and privateKey, or name it in Options"))
	case p.id != "" && fixed != "" && p.id != fixed:
		return pair{}, s.at(refuse(keys.ErrMismatch, "it has another key pair ID than Options.KeyPairID, which is %s", fixed))
	case p.id == "":
		p.id = fixed
	}
	return p, nil
}

// admit refuses a pair that contradicts what is known: the key group, or else the pairs
// of last, which is nil at first. It names no ID that was refused, because it may be
// something else that was put in its place.
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

// at says to which place an error belongs. It keeps a nil one.
func (s *Source) at(err error) error { return errorAt(s.location, err) }

func errorAt(l Location, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("awssecrets: %s: %w", l, err)
}
