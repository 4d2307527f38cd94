// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// references are the signed relative references that a later BaseURL may still apply to.
// Representations inherit the SegmentTemplate and SegmentList that come before them, and may
// have BaseURLs of their own.
type references struct {
	text []byte // all references, with markers for the ID
	list []reference
	// fullDepth is the depth of the outermost element with a reference that did not fit,
	// or 0. A BaseURL at this depth or deeper can no longer be checked.
	fullDepth int
	// sealedDepth is the depth of the innermost open element with a signed reference that
	// is not in the list. A BaseURL at this depth or above can no longer be checked. By the
	// schema, BaseURLs come first in their element.
	sealedDepth int
}

// A reference is one signed reference in the list.
type reference struct {
	depth     int  // of the element whose BaseURLs apply
	inherited bool // the BaseURLs of elements inside that element apply too
	end       int  // in the text
}

const (
	maxReferences    = 4096
	maxReferenceText = 64 << 10
)

// add remembers a reference. It returns false if the list is full.
func (r *references) add(depth int, inherited bool, text []byte) bool {
	if len(r.list) == maxReferences || len(r.text)+len(text) > maxReferenceText {
		return false
	}
	r.text = append(r.text, text...)
	r.list = append(r.list, reference{depth: depth, inherited: inherited, end: len(r.text)})
	return true
}

// overflow notes that a reference did not fit.
func (r *references) overflow(depth int, inherited bool) {
	switch {
	case !inherited:
		r.seal(depth)
	case r.fullDepth == 0 || depth < r.fullDepth:
		r.fullDepth = depth
	}
}

// seal notes that the element at depth has a signed reference that is not in the list.
func (r *references) seal(depth int) { r.sealedDepth = max(r.sealedDepth, depth) }

// tooLate reports whether a BaseURL of the element at depth may apply to a signed reference
// that is not in the list.
func (r *references) tooLate(depth int) bool {
	return r.sealedDepth >= depth || r.fullDepth != 0 && r.fullDepth <= depth
}

// at returns the text of the reference with the index i.
func (r *references) at(i int) []byte {
	begin := 0
	if i > 0 {
		begin = r.list[i-1].end
	}
	return r.text[begin:r.list[i].end]
}

// close forgets the references in the element at depth, which has ended.
func (r *references) close(depth int) {
	sealed := r.sealedDepth >= depth
	if r.fullDepth >= depth {
		r.fullDepth, sealed = 0, true
	}
	for n := len(r.list); n > 0 && r.list[n-1].depth >= depth; n-- {
		r.text = r.text[:len(r.text)-len(r.at(n-1))]
		r.list, sealed = r.list[:n-1], true
	}
	if sealed {
		r.sealedDepth = depth - 1
	}
}

// remember keeps d.reference for later BaseURLs. In a Representation none may follow. It
// returns false if the reference cannot be kept and so must not be signed.
func (d *dash) remember(inherited bool) bool {
	scope := d.scope()
	switch {
	case hasScheme(d.reference) && !hasIDMarker(d.reference):
	case d.representationDepth != 0 && scope >= d.representationDepth:
		d.signed.seal(scope)
	case d.signed.add(scope, inherited, d.reference):
	case hasIDMarker(d.reference):
		return false
	default:
		d.signed.overflow(scope, inherited)
	}
	return true
}

// rememberBase keeps a signed BaseURL. The BaseURLs of the element above apply to it.
func (d *dash) rememberBase() {
	if scope := d.depth - 2; !hasScheme(d.reference) && !d.signed.add(scope, false, d.reference) {
		d.signed.overflow(scope, false)
	}
}

// checkBases checks the bases of an element against the signed references before it that
// they apply to.
func (d *dash) checkBases(own *baseLevel) error {
	if d.signed.tooLate(own.depth) {
		return refuse(ErrDiverted, "a BaseURL comes after it: put the BaseURL first in its element, as the schema says")
	}
	id := d.currentID()
	for i, r := range d.signed.list {
		if !r.inherited && r.depth != own.depth {
			continue
		}
		d.withID = appendWithID(d.withID[:0], d.signed.at(i), id)
		if !d.coversAt(own, d.withID) {
			return refuse(ErrDiverted, "a BaseURL leads it out of the policy: put the BaseURL first, or sign a wider policy")
		}
	}
	return nil
}

// checkID checks the ID of a Representation against the templates that it inherits.
func (d *dash) checkID() error {
	if isPlainID(d.representationID) {
		return nil
	}
	for i, r := range d.signed.list {
		if text := d.signed.at(i); r.inherited && hasIDMarker(text) && !d.coversWithID(text, d.representationID) {
			return refuse(ErrDiverted, "the id of a Representation leads it out of the policy: use an id without slashes and dot segments")
		}
	}
	return nil
}

func hasIDMarker(reference []byte) bool { return bytes.IndexByte(reference, idMarker) >= 0 }
