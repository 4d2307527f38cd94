// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// contentKind is what the text of an element is.
type contentKind int

const (
	noContent contentKind = iota
	baseContent
	locationContent
)

// A content is the text of an element that has a URL. It is held back until the
// element ends, when all of it is known.
type content struct {
	kind  contentKind
	mixed bool // it is more than a URL
	held  []byte
}

const maxContent = 16 << 10

func (c *content) begin(kind contentKind, mixed bool) {
	c.kind, c.mixed, c.held = kind, mixed, c.held[:0]
}

// hold keeps a token, if it is part of such an element and not too long.
func (c *content) hold(token []byte) bool {
	if c.kind == noContent {
		return false
	}
	if c.mixed || len(c.held)+len(token) > maxContent {
		c.mixed = true
		return false
	}
	c.held = append(c.held, token...)
	return true
}

// read decodes the URL. It is known unless comments or elements are in the text,
// and writable unless it is a CDATA section.
func (c *content) read(d *decoded) (known, writable bool) {
	if c.mixed {
		return false, false
	}
	if bytes.IndexByte(c.held, '<') < 0 {
		known = d.decode(c.held)
		return known, known
	}
	section := bytes.TrimSpace(c.held)
	text, opened := bytes.CutPrefix(section, []byte(cdataOpen))
	text, closed := bytes.CutSuffix(text, []byte(cdataClose))
	if !opened || !closed || bytes.Contains(text, []byte(cdataClose)) {
		return false, false
	}
	d.set(text)
	return true, false
}

// appendContent appends the content that was held back, with the query if it is
// covered.
func (d *dash) appendContent(dst []byte) ([]byte, error) {
	known, writable := d.content.read(&d.decoded)
	kind := d.content.kind
	d.content.kind = noContent
	value := d.decoded.value
	if bytes.IndexByte(value, idMarker) >= 0 {
		known = false
	}
	granted := false
	switch kind {
	case baseContent:
		var err error
		if granted, err = d.addBases(value, known); err != nil {
			return dst, err
		}
	case locationContent: // relative to the manifest, or to its BaseURLs: clients differ
		granted = known && d.covers(d.levels.document(), value) && d.coversAt(d.levels.top(), value)
	}
	if !granted || !writable {
		return d.release(dst), nil
	}
	d.ref = append(d.ref[:0], value...)
	if kind == baseContent {
		d.rememberBase()
	} else {
		d.remember(false)
	}
	dst = append(dst, d.content.held[:d.decoded.insert]...)
	dst = d.appendQuery(dst)
	dst = append(dst, d.content.held[d.decoded.insert:]...)
	d.content.held = d.content.held[:0]
	return dst, nil
}

// rememberBase is remember for a BaseURL, to which those of the element above
// apply.
func (d *dash) rememberBase() {
	if scope := d.depth - 2; !hasScheme(d.ref) && !d.memory.add(scope, false, d.ref) {
		d.memory.overflow(scope, false)
	}
}

// addBases adds what the BaseURL value stands for to the element that it is in. It
// reports whether it is that of a file, and covered.
func (d *dash) addBases(value []byte, known bool) (granted bool, err error) {
	own, above := d.levels.open(d.depth - 1)
	if known && hasScheme(value) {
		above = &d.levels[0]
	}
	if !known || above.unknown {
		own.unknown = true
	}
	granted = known && !above.unknown
	for i := range above.bases {
		if own.unknown {
			break
		}
		granted = d.addBase(own, &above.bases[i], value) && granted
	}
	return granted && !own.unknown, d.checkDiverted(own)
}

// addBase adds what value stands for at one base.
func (d *dash) addBase(own *level, at *location, value []byte) (granted bool) {
	added := own.add()
	if added == nil {
		return false
	}
	if len(value) == 0 {
		added.set(at.url)
		return false
	}
	var ok bool
	d.buffer, ok = at.resolve(d.buffer, value)
	if !ok || !added.set(d.buffer) {
		own.bases, own.unknown = own.bases[:len(own.bases)-1], true
		return false
	}
	return !added.isDirectory() && d.coversBuffer()
}

// checkDiverted checks the bases of an element against the references before it,
// to which they apply too.
func (d *dash) checkDiverted(own *level) error {
	if d.memory.used >= own.depth || d.memory.full != 0 && d.memory.full <= own.depth {
		return refuse(ErrDiverted, "a BaseURL comes after what it applies to: put it first in its element, as the schema says")
	}
	id := d.currentID()
	for i, e := range d.memory.entries {
		if !e.deep && e.depth != own.depth {
			continue
		}
		d.judged = appendWithID(d.judged[:0], d.memory.ref(i), id)
		if !d.coversAt(own, d.judged) {
			return refuse(ErrDiverted, "a BaseURL leads a URL before it to where the policy does not reach")
		}
	}
	return nil
}
