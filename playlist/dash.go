// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// dash rewrites the manifests of ISO/IEC 23009-1. A token is a tag, a text or a comment.
type dash struct {
	credential
	xmlScanner
	escapedQuery []byte     // the query as XML writes it
	bases        baseURLs   // for the URLs that follow
	signed       references // for the BaseURLs that follow

	passThrough bool   // the rest of the document stays unchanged
	depth       int    // the number of open elements
	rootPrefix  []byte // the namespace prefix of the root element, with its colon

	// segmentsDepth is the depth of the outermost open element that describes segments, or
	// 0. BaseURLs apply to such an element, but are not inside it.
	segmentsDepth int
	// representationDepth is the depth of the open Representation, or 0.
	representationDepth int
	representationID    []byte

	held      heldText
	value     xmlValue // the value that was decoded last
	reference []byte   // the URL that is checked, with idMarker for $RepresentationID$
	withID    []byte   // the same URL, with an ID
}

const typicalURL = 512

func newDASH(c credential, l location) *dash {
	return &dash{
		credential:   c,
		escapedQuery: bytes.ReplaceAll(c.query, []byte("&"), []byte("&amp;")),
		bases:        newBaseURLs(l),
		value:        xmlValue{text: make([]byte, 0, typicalURL)},
		reference:    make([]byte, 0, typicalURL),
		withID:       make([]byte, 0, typicalURL),
	}
}

func (*dash) contentType() string { return typeDASH }

func (d *dash) end(data []byte, seen int) int {
	if d.passThrough {
		return min(len(data), maxToken)
	}
	return d.xmlScanner.end(data, seen)
}

func (d *dash) appendLast(dst, rest []byte) ([]byte, error) {
	return append(d.release(dst), rest...), nil
}

func (d *dash) appendToken(dst, token []byte) ([]byte, error) {
	if d.passThrough {
		return append(dst, token...), nil
	}
	switch kindOf(token) {
	case startToken:
		return d.appendStart(dst, token)
	case endToken:
		return d.appendEnd(dst, token)
	case doctypeToken: // a DOCTYPE can change the meaning of everything that follows
		return d.giveUp(dst, token), nil
	}
	if d.held.hold(token) {
		return dst, nil
	}
	return append(d.release(dst), token...), nil
}

// giveUp appends the token, and leaves the rest of the document unchanged.
func (d *dash) giveUp(dst, token []byte) []byte {
	d.passThrough = true
	return append(d.release(dst), token...)
}

func (d *dash) appendStart(dst, token []byte) ([]byte, error) {
	t, ok := parseTag(token)
	if !ok {
		return d.giveUp(dst, token), nil
	}
	var err error
	if d.held.kind != noText { // an element inside a URL
		d.held.mixed = true
		if dst, err = d.appendHeld(dst); err != nil {
			return dst, err
		}
	}
	prefix, name := splitName(t.name)
	if d.depth == 0 {
		d.rootPrefix = append(d.rootPrefix, prefix...)
		if string(name) != "MPD" {
			return d.giveUp(dst, token), nil
		}
	}
	d.depth++
	if dst, err = d.appendElement(dst, t, name, bytes.Equal(prefix, d.rootPrefix)); err != nil || !t.empty {
		return dst, err
	}
	return d.leave(dst)
}

// appendElement appends the start tag t. An element with another prefix than the root is not
// known, but some clients ignore the prefix, so its BaseURL makes the location unknown.
func (d *dash) appendElement(dst []byte, t tag, name []byte, known bool) ([]byte, error) {
	if known || string(name) == "BaseURL" {
		if err := d.enter(t, name, known); err != nil {
			return append(dst, t.token...), err
		}
	}
	if known {
		return d.appendAttributes(dst, t, name)
	}
	return append(dst, t.token...), nil
}

// enter notes the kind of the element that starts with t.
func (d *dash) enter(t tag, name []byte, known bool) error {
	switch string(name) {
	case "Representation":
		if d.representationDepth == 0 { // a Representation cannot contain another
			d.representationDepth = d.depth
			d.readID(t)
			return d.checkID()
		}
	case "SegmentBase", "SegmentList", "SegmentTemplate":
		if d.segmentsDepth == 0 {
			d.segmentsDepth = d.depth
		}
	case "BaseURL":
		d.held.begin(baseURLText, !known)
	case "Location", "PatchLocation":
		d.held.begin(locationText, false)
	}
	return nil
}

func (d *dash) appendEnd(dst, token []byte) ([]byte, error) {
	dst, err := d.leave(dst)
	if err == nil && d.depth < 0 {
		return d.giveUp(dst, token), nil
	}
	return append(dst, token...), err
}

// leave ends the innermost element.
func (d *dash) leave(dst []byte) ([]byte, error) {
	if d.held.kind != noText {
		var err error
		if dst, err = d.appendHeld(dst); err != nil {
			return dst, err
		}
	}
	d.bases.close(d.depth)
	d.signed.close(d.depth)
	if d.segmentsDepth == d.depth {
		d.segmentsDepth = 0
	}
	if d.representationDepth == d.depth {
		d.representationDepth = 0
	}
	d.depth--
	d.passThrough = d.depth <= 0 // only comments can follow the root element
	return dst, nil
}

// scope returns the depth of the element whose BaseURLs apply to the attributes of the
// innermost element.
func (d *dash) scope() int {
	if d.segmentsDepth != 0 {
		return d.segmentsDepth - 1
	}
	return d.depth - 1
}
