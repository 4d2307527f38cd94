// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// attributeKind says what an attribute of a manifest contains.
type attributeKind int

const (
	otherAttribute attributeKind = iota
	urlAttribute
	templateAttribute
	linkAttribute // the URL of another document, which replaces the element
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

// appendAttributes appends a start tag, with the query in its URLs.
func (d *dash) appendAttributes(dst []byte, t tag, element []byte) ([]byte, error) {
	copied := 0
	for {
		a, more, _ := t.next()
		if !more {
			return append(dst, t.token[copied:]...), nil
		}
		kind := attributeKindOf(element, a.name)
		if kind == otherAttribute || !d.signsAttribute(kind, t.token[a.start:a.end]) {
			continue
		}
		insertAt := a.start + d.value.insertAt
		dst = append(dst, t.token[copied:insertAt]...)
		dst = d.appendQuery(dst)
		copied = insertAt
	}
}

// appendQuery appends the query, as XML writes it, to the value that was decoded last.
func (d *dash) appendQuery(dst []byte) []byte {
	value, _, _ := bytes.Cut(d.value.text, []byte("#"))
	if separator(value) == '?' {
		dst = append(dst, '?')
	} else {
		dst = append(dst, "&amp;"...)
	}
	return append(dst, d.escapedQuery...)
}

// signsAttribute reports whether the value of an attribute gets the query. If so, it
// remembers the value.
func (d *dash) signsAttribute(kind attributeKind, raw []byte) bool {
	if !d.value.decode(raw) {
		return false
	}
	d.reference = append(d.reference[:0], d.value.text...)
	if kind == templateAttribute {
		var ok bool
		if d.reference, ok = appendTemplate(d.reference[:0], d.value.text); !ok {
			return false
		}
	} else if hasIDMarker(d.reference) {
		return false
	}
	if !d.coversWithID(d.reference, d.currentID()) || kind == linkAttribute && !d.covers(d.bases.document(), d.reference) {
		return false
	}
	return d.remember(kind != linkAttribute || d.segmentsDepth != 0)
}

// coversWithID reports whether the policy covers ref at all bases, with id in place of its
// markers.
func (d *dash) coversWithID(ref, id []byte) bool {
	if hasIDMarker(ref) {
		d.withID = appendWithID(d.withID[:0], ref, id)
		ref = d.withID
	}
	return d.coversAt(d.bases.top(), ref)
}

// currentID returns the ID of the open Representation, or a placeholder outside of one.
func (d *dash) currentID() []byte {
	if d.representationDepth == 0 {
		return anyID
	}
	return d.representationID
}

// readID reads the ID of a Representation.
func (d *dash) readID(t tag) {
	d.representationID = d.representationID[:0]
	for {
		a, more, _ := t.next()
		if !more {
			return
		}
		if string(a.name) == "id" && d.value.decode(t.token[a.start:a.end]) {
			d.representationID = append(d.representationID[:0], d.value.text...)
		}
	}
}

const (
	// placeholder stands for the values of variables, which are not known. No policy has
	// this text, so a policy covers it only with a wildcard, which covers other values too.
	placeholder = "918273645564738291"
	// idMarker stands for $RepresentationID$. Its value can have slashes.
	idMarker = '\x00'
)

var anyID = []byte(placeholder)

// appendTemplate appends template, with the placeholder and the marker for its variables. It
// returns false if clients do not replace a variable, or replace it in different ways.
//
// Source: ISO/IEC 23009-1, "Template-based segment URL construction".
func appendTemplate(dst, template []byte) ([]byte, bool) {
	for {
		literal, rest, more := bytes.Cut(template, []byte("$"))
		dst = append(dst, literal...)
		if !more {
			return dst, true
		}
		variable, rest, ok := bytes.Cut(rest, []byte("$"))
		if !ok {
			return dst, false
		}
		switch name, format, _ := bytes.Cut(variable, []byte("%")); string(name) {
		case "":
			dst = append(dst, '$')
			ok = len(variable) == 0
		case "RepresentationID":
			dst = append(dst, idMarker)
			ok = len(variable) == len(name)
		case "Number", "Time", "Bandwidth", "SubNumber":
			dst = append(dst, placeholder...)
			ok = len(variable) == len(name) || isWidth(format)
		default:
			ok = false
		}
		if !ok {
			return dst, false
		}
		template = rest
	}
}

// isWidth reports whether the format after a % is a number with leading zeros: 0[width]d.
func isWidth(format []byte) bool {
	digits, ok := bytes.CutSuffix(format, []byte("d"))
	return ok && len(digits) > 0 && digits[0] == '0' && len(bytes.Trim(digits, "0123456789")) == 0
}

// appendWithID appends reference, with id in place of its markers.
func appendWithID(dst, reference, id []byte) []byte {
	for {
		literal, rest, more := bytes.Cut(reference, []byte{idMarker})
		dst = append(dst, literal...)
		if !more {
			return dst
		}
		dst = append(dst, id...)
		reference = rest
	}
}

// isPlainID reports whether the ID of a Representation is always a part of one path segment
// and never a dot segment. A policy covers all such IDs or none.
func isPlainID(id []byte) bool {
	letters := false
	for _, c := range id {
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && c != '-' && c != '_' && c != '.' {
			return false
		}
		letters = letters || alphanumeric
	}
	return letters
}
