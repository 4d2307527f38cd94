// SPDX-License-Identifier: Apache-2.0

package refusals

import "math/bits"

// Precision of a spread: 2^precision steps for each power of two, so a value is exact up to 64 and
// then within 1.6 %.
const (
	precision = 6
	steps     = 1 << precision
)

// A spread counts durations in seconds, in limited memory.
type spread struct {
	counts [steps * 36]uint32
	n      int64
	most   int64
}

// add counts a duration, which is not negative.
func (s *spread) add(seconds int64) {
	seconds = max(seconds, 0)
	s.counts[min(bucket(seconds), len(s.counts)-1)]++
	s.n++
	s.most = max(s.most, seconds)
}

// bucket returns the place of a duration.
func bucket(seconds int64) int {
	if seconds < 2*steps {
		return int(seconds)
	}
	shift := bits.Len64(uint64(seconds)) - precision - 1
	return shift*steps + int(seconds>>shift)
}

// longest returns the longest duration in a place.
func longest(bucket int) int64 {
	if bucket < 2*steps {
		return int64(bucket)
	}
	shift := bucket/steps - 1
	return (int64(bucket-shift*steps)+1)<<shift - 1
}

// upTo returns the duration that a share of the values does not exceed.
func (s *spread) upTo(share float64) int64 {
	target, sum := int64(share*float64(s.n)+0.5), int64(0)
	for place, count := range s.counts {
		if sum += int64(count); sum >= max(target, 1) {
			return min(longest(place), s.most)
		}
	}
	return s.most
}

// merge adds the values of another spread.
func (s *spread) merge(other *spread) {
	for i, count := range other.counts {
		s.counts[i] += count
	}
	s.n += other.n
	s.most = max(s.most, other.most)
}
