// SPDX-License-Identifier: Apache-2.0

package playlist

// baseURLs are the open elements with BaseURLs, the document first. Closed elements keep
// their memory for the next ones.
type baseURLs []baseLevel

// A baseLevel is an element with BaseURLs of its own, and the locations they stand for.
type baseLevel struct {
	depth   int  // of the element; 0 is the document
	unknown bool // at least one location is not known
	bases   []location
}

// maxBases is the largest number of locations that a reference is checked at. The
// alternatives of nested elements multiply.
const maxBases = 64

func newBaseURLs(document location) baseURLs {
	return baseURLs{{bases: []location{document}}}
}

// top returns the level with the BaseURLs that apply at the current token.
func (b baseURLs) top() *baseLevel { return &b[len(b)-1] }

func (b baseURLs) document() *location { return &b[0].bases[0] }

// open returns the level of the element at depth, and the level above it.
func (b *baseURLs) open(depth int) (own, above *baseLevel) {
	if b.top().depth < depth {
		n := len(*b)
		if n < cap(*b) {
			*b = (*b)[:n+1]
		} else {
			*b = append(*b, baseLevel{})
		}
		l := b.top()
		l.depth, l.unknown, l.bases = depth, false, l.bases[:0]
	}
	n := len(*b)
	return &(*b)[n-1], &(*b)[n-2]
}

// close ends the elements at depth and deeper.
func (b *baseURLs) close(depth int) {
	for b.top().depth >= depth && len(*b) > 1 {
		*b = (*b)[:len(*b)-1]
	}
}

// add returns a location for the caller to set, or nil if there are too many.
func (l *baseLevel) add() *location {
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

// coversAt reports whether the policy covers ref at all bases of l.
func (d *dash) coversAt(l *baseLevel, ref []byte) bool {
	if hasScheme(ref) {
		return d.covers(d.bases.document(), ref)
	}
	if l.unknown || len(l.bases) == 0 {
		return false
	}
	for i := range l.bases {
		if !d.covers(&l.bases[i], ref) {
			return false
		}
	}
	return true
}

// addBases adds the locations of a BaseURL to its element. It reports whether the BaseURL
// gets the query: it names a file, and the policy covers it.
func (d *dash) addBases(value []byte, known bool) (signed bool, err error) {
	own, above := d.bases.open(d.depth - 1)
	if known && hasScheme(value) {
		above = &d.bases[0]
	}
	if !known || above.unknown {
		own.unknown = true
	}
	signed = known && !above.unknown
	for i := range above.bases {
		if own.unknown {
			break
		}
		signed = d.addBase(own, &above.bases[i], value) && signed
	}
	return signed && !own.unknown, d.checkBases(own)
}

// addBase adds the location of a BaseURL at one base.
func (d *dash) addBase(own *baseLevel, base *location, value []byte) (signed bool) {
	added := own.add()
	if added == nil {
		return false
	}
	if len(value) == 0 {
		added.set(base.url)
		return false
	}
	var ok bool
	d.buffer, ok = base.resolve(d.buffer, value)
	if !ok || !added.set(d.buffer) {
		own.bases, own.unknown = own.bases[:len(own.bases)-1], true
		return false
	}
	return !added.isDirectory() && d.coversBuffer()
}
