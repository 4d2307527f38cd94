// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// dash rewrites manifests of ISO/IEC 23009-1.
type dash struct {
	credential
	xmlScanner
	escaped []byte // the query as XML has it
	levels  levels
	memory  memory

	foreign bool // no manifest, or none any more
	depth   int
	prefix  []byte // of the root element, with its colon
	// segments is the depth of the outermost open element that describes
	// segments. BaseURLs apply to it, but are not in it.
	segments       int
	representation int // its depth
	id             []byte

	content content
	decoded decoded
	ref     []byte // what is judged, with markers
	judged  []byte // the same without
}

const typicalURL = 512

func newDASH(c credential, l location) *dash {
	return &dash{
		credential: c,
		escaped:    bytes.ReplaceAll(c.query, []byte("&"), []byte("&amp;")),
		levels:     newLevels(l),
		decoded:    decoded{value: make([]byte, 0, typicalURL)},
		ref:        make([]byte, 0, typicalURL),
		judged:     make([]byte, 0, typicalURL),
	}
}

func (*dash) contentType() string { return typeDASH }

func (d *dash) end(data []byte, seen int) int {
	if d.foreign {
		return min(len(data), maxToken)
	}
	return d.xmlScanner.end(data, seen)
}

func (d *dash) appendLast(dst, rest []byte) ([]byte, error) {
	return append(d.release(dst), rest...), nil
}

func (d *dash) appendToken(dst, token []byte) ([]byte, error) {
	if d.foreign {
		return append(dst, token...), nil
	}
	switch kindOf(token) {
	case startToken:
		return d.appendStart(dst, token)
	case endToken:
		return d.appendEnd(dst, token)
	case doctypeToken: // it can define what the document means
		return d.giveUp(dst, token), nil
	}
	if d.content.hold(token) {
		return dst, nil
	}
	return append(d.release(dst), token...), nil
}

// giveUp lets the rest of the document through.
func (d *dash) giveUp(dst, token []byte) []byte {
	d.foreign = true
	return append(d.release(dst), token...)
}

// release appends the content that was held back.
func (d *dash) release(dst []byte) []byte {
	dst = append(dst, d.content.held...)
	d.content.held = d.content.held[:0]
	return dst
}

func (d *dash) appendStart(dst, token []byte) ([]byte, error) {
	t, ok := parseTag(token)
	if !ok {
		return d.giveUp(dst, token), nil
	}
	var err error
	if d.content.kind != noContent { // an element in it
		d.content.mixed = true
		if dst, err = d.appendContent(dst); err != nil {
			return dst, err
		}
	}
	prefix, name := splitName(t.name)
	if d.depth == 0 {
		d.prefix = append(d.prefix, prefix...)
		if string(name) != "MPD" {
			return d.giveUp(dst, token), nil
		}
	}
	d.depth++
	if known := bytes.Equal(prefix, d.prefix); known || string(name) == "BaseURL" {
		if err = d.enter(t, name, known); err == nil && known {
			dst, err = d.appendAttributes(dst, t, name)
		} else {
			dst = append(dst, token...)
		}
	} else {
		dst = append(dst, token...)
	}
	if err != nil || !t.empty {
		return dst, err
	}
	return d.leave(dst)
}

// enter notes what the element that begins with t is.
func (d *dash) enter(t tag, name []byte, known bool) error {
	switch string(name) {
	case "Representation":
		if d.representation == 0 { // there are none in others
			d.representation = d.depth
			return d.setID(t)
		}
	case "SegmentBase", "SegmentList", "SegmentTemplate":
		if d.segments == 0 {
			d.segments = d.depth
		}
	case "BaseURL":
		d.content.begin(baseContent, !known) // in another namespace: who knows who reads it
	case "Location", "PatchLocation":
		d.content.begin(locationContent, false)
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
	if d.content.kind != noContent {
		var err error
		if dst, err = d.appendContent(dst); err != nil {
			return dst, err
		}
	}
	d.levels.close(d.depth)
	d.memory.close(d.depth)
	if d.segments == d.depth {
		d.segments = 0
	}
	if d.representation == d.depth {
		d.representation = 0
	}
	d.depth--
	d.foreign = d.depth <= 0 // only comments can follow the root
	return dst, nil
}

// scope returns the depth of the element whose BaseURLs apply to the attributes
// of the innermost element.
func (d *dash) scope() int {
	if d.segments != 0 {
		return d.segments - 1
	}
	return d.depth - 1
}
