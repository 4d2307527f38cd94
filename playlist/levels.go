// SPDX-License-Identifier: Apache-2.0

package playlist

// A level is an element with BaseURLs of its own, and what they stand for.
type level struct {
	depth   int // that of the element; 0 is the document
	unknown bool
	bases   []location
}

// maxBases is how many URLs a reference is compared with. The alternatives of
// nested elements multiply.
const maxBases = 64

// levels are the open elements with BaseURLs, the document first. Their memory is
// used again.
type levels []level

func newLevels(document location) levels {
	return levels{{bases: []location{document}}}
}

// top returns the level whose BaseURLs apply where the scanner is.
func (s levels) top() *level { return &s[len(s)-1] }

func (s levels) document() *location { return &s[0].bases[0] }

// open returns the level for the element at depth, and the one above it.
func (s *levels) open(depth int) (own, above *level) {
	if s.top().depth < depth {
		n := len(*s)
		if n < cap(*s) {
			*s = (*s)[:n+1]
		} else {
			*s = append(*s, level{})
		}
		l := s.top()
		l.depth, l.unknown, l.bases = depth, false, l.bases[:0]
	}
	n := len(*s)
	return &(*s)[n-1], &(*s)[n-2]
}

// close ends the elements at depth and below.
func (s *levels) close(depth int) {
	for s.top().depth >= depth && len(*s) > 1 {
		*s = (*s)[:len(*s)-1]
	}
}

// add returns a base to be set, or nil if there are too many.
func (l *level) add() *location {
	n := len(l.bases)
	switch {
	case n == maxBases:
		l.unknown = true
		return nil
	case n < cap(l.bases):
		l.bases = l.bases[:n+1]
	default:
		l.bases = append(l.bases, location{})
	}
	return &l.bases[n]
}
