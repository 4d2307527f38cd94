// SPDX-License-Identifier: Apache-2.0

package refusals

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
)

// A bounded map keeps the values of a limited number of keys: the keys with the smallest hashes.
// So a key that is kept at the end was never dropped, and its value is complete, in whichever order
// the keys came.
type bounded[V any] struct {
	limit  int
	first  func(key string) bool // keys that are kept before all others
	values map[string]*V
	most   uint64 // the largest hash that can still be kept, if something was dropped
	full   bool   // something was dropped
}

func newBounded[V any](limit int, first func(string) bool) *bounded[V] {
	return &bounded[V]{limit: limit, first: first, values: map[string]*V{}}
}

// hash returns the place of a key among the others.
func (b *bounded[V]) hash(key string) uint64 {
	if b.first != nil && b.first(key) {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return max(h.Sum64(), 1)
}

// get returns the value of a key, or nil if the key is not kept.
func (b *bounded[V]) get(key string) *V {
	if v := b.values[key]; v != nil {
		return v
	}
	if b.full && b.hash(key) > b.most {
		return nil
	}
	if len(b.values) >= 2*b.limit { // seldom, so that it costs little for each key
		b.prune()
		if b.hash(key) > b.most {
			return nil
		}
	}
	v := new(V)
	b.values[key] = v
	return v
}

// prune drops the keys with the largest hashes.
func (b *bounded[V]) prune() {
	if len(b.values) <= b.limit {
		return
	}
	keys := slices.SortedFunc(maps.Keys(b.values), func(x, y string) int { return cmp.Or(cmp.Compare(b.hash(x), b.hash(y)), cmp.Compare(x, y)) })
	b.most, b.full = b.hash(keys[b.limit-1]), true
	for _, key := range keys[b.limit:] {
		delete(b.values, key)
	}
}

// merge adds the values of another map.
func (b *bounded[V]) merge(other *bounded[V], add func(to, from *V)) {
	for key, from := range other.values {
		to := b.values[key]
		if to == nil {
			to = new(V)
			b.values[key] = to
		}
		add(to, from)
	}
	if other.full && (!b.full || other.most < b.most) {
		b.most, b.full = other.most, true
	}
	if b.full {
		maps.DeleteFunc(b.values, func(key string, _ *V) bool { return b.hash(key) > b.most })
	}
	b.prune()
}
