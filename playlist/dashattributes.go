// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// attributeKind is what an attribute of a manifest holds.
type attributeKind int

const (
	otherAttribute attributeKind = iota
	urlAttribute
	templateAttribute
	linkAttribute // to another document, which replaces the element
)

func attributeKindOf(element, attribute []byte) attributeKind {
	switch string(element) {
	case "SegmentTemplate":
		switch string(attribute) {
		case "media", "index", "initialization", "bitstreamSwitching":
			return templateAttribute
		}
	case "SegmentURL":
		switch string(attribute) {
		case "media", "index":
			return urlAttribute
		}
	case "Initialization", "RepresentationIndex", "BitstreamSwitching":
		if string(attribute) == "sourceURL" {
			return urlAttribute
		}
	case "Period", "AdaptationSet", "SegmentList", "EventStream", "InitializationSet":
		if prefix, local := splitName(attribute); len(prefix) > 0 && string(local) == "href" {
			return linkAttribute
		}
	}
	return otherAttribute
}

// appendAttributes appends a start tag with the query in its URLs.
func (d *dash) appendAttributes(dst []byte, t tag, element []byte) ([]byte, error) {
	copied := 0
	for {
		a, more, _ := t.next()
		if !more {
			return append(dst, t.token[copied:]...), nil
		}
		kind := attributeKindOf(element, a.name)
		if kind == otherAttribute || !d.grants(kind, t.token[a.start:a.end]) {
			continue
		}
		insert := a.start + d.decoded.insert
		dst = append(dst, t.token[copied:insert]...)
		dst = d.appendQuery(dst)
		copied = insert
	}
}

// appendQuery appends the query to the value that was decoded last, as XML has it.
func (d *dash) appendQuery(dst []byte) []byte {
	value, _, _ := bytes.Cut(d.decoded.value, []byte("#"))
	if separator(value) == '?' {
		dst = append(dst, '?')
	} else {
		dst = append(dst, "&amp;"...)
	}
	return append(dst, d.escaped...)
}

// grants reports whether the value of an attribute gets the query, and remembers
// that.
func (d *dash) grants(kind attributeKind, raw []byte) bool {
	if !d.decoded.decode(raw) {
		return false
	}
	d.ref = append(d.ref[:0], d.decoded.value...)
	if kind == templateAttribute {
		var ok bool
		if d.ref, ok = appendTemplate(d.ref[:0], d.decoded.value); !ok {
			return false
		}
	} else if bytes.IndexByte(d.ref, idMarker) >= 0 {
		return false
	}
	if !d.coversWithID(d.ref, d.currentID()) || kind == linkAttribute && !d.covers(d.levels.document(), d.ref) {
		return false
	}
	return d.remember(kind != linkAttribute || d.segments != 0)
}

// coversWithID reports whether the policy covers ref at all bases, with id for its
// markers.
func (d *dash) coversWithID(ref, id []byte) bool {
	if bytes.IndexByte(ref, idMarker) >= 0 {
		d.judged = appendWithID(d.judged[:0], ref, id)
		ref = d.judged
	}
	return d.coversAt(d.levels.top(), ref)
}

// currentID returns the ID of the representation, or what stands for it before
// there is one.
func (d *dash) currentID() []byte {
	if d.representation == 0 {
		return anyID
	}
	return d.id
}

func (d *dash) coversAt(l *level, ref []byte) bool {
	if hasScheme(ref) {
		return d.covers(d.levels.document(), ref)
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

// remember keeps d.ref for the BaseURLs that follow. In a representation none may.
// It is false if that cannot be done.
func (d *dash) remember(deep bool) bool {
	scope := d.scope()
	switch {
	case hasScheme(d.ref) && bytes.IndexByte(d.ref, idMarker) < 0:
	case d.representation != 0 && scope >= d.representation:
		d.memory.used = max(d.memory.used, scope)
	case d.memory.add(scope, deep, d.ref):
	case bytes.IndexByte(d.ref, idMarker) >= 0:
		return false
	default:
		d.memory.overflow(scope, deep)
	}
	return true
}

// setID reads the ID of a representation, and checks whether it leads the templates
// that it inherits elsewhere.
func (d *dash) setID(t tag) error {
	d.id = d.id[:0]
	for {
		a, more, _ := t.next()
		if !more {
			break
		}
		if string(a.name) == "id" && d.decoded.decode(t.token[a.start:a.end]) {
			d.id = append(d.id[:0], d.decoded.value...)
		}
	}
	if isPlainID(d.id) {
		return nil
	}
	for i, e := range d.memory.entries {
		ref := d.memory.ref(i)
		if e.deep && bytes.IndexByte(ref, idMarker) >= 0 && !d.coversWithID(ref, d.id) {
			return refuse(ErrDiverted, "the id of a Representation is part of a URL that the policy does not cover")
		}
	}
	return nil
}
