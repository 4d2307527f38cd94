// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// textKind says which element a text is the URL of.
type textKind int

const (
	noText textKind = iota
	baseURLText
	locationText
)

// A heldText is the text of an element that contains a URL. It is held back until the
// element ends, because the query can be added only when the whole URL is known.
type heldText struct {
	kind   textKind
	mixed  bool // it is more than a URL
	tokens []byte
}

const maxHeldText = 16 << 10

func (h *heldText) begin(kind textKind, mixed bool) {
	h.kind, h.mixed, h.tokens = kind, mixed, h.tokens[:0]
}

// hold keeps a token. It returns false if the token is not part of a URL, or if the text is
// too long.
func (h *heldText) hold(token []byte) bool {
	if h.kind == noText {
		return false
	}
	if h.mixed || len(h.tokens)+len(token) > maxHeldText {
		h.mixed = true
		return false
	}
	h.tokens = append(h.tokens, token...)
	return true
}

// decode decodes the URL. The URL is known unless the text has comments or elements. It is
// writable unless it is a CDATA section.
func (h *heldText) decode(v *xmlValue) (known, writable bool) {
	if h.mixed {
		return false, false
	}
	if bytes.IndexByte(h.tokens, '<') < 0 {
		known = v.decode(h.tokens)
		return known, known
	}
	section := bytes.TrimSpace(h.tokens)
	text, opened := bytes.CutPrefix(section, []byte(cdataOpen))
	text, closed := bytes.CutSuffix(text, []byte(cdataClose))
	if !opened || !closed || bytes.Contains(text, []byte(cdataClose)) {
		return false, false
	}
	v.set(text)
	return true, false
}

// release appends the text that was held back, unchanged.
func (d *dash) release(dst []byte) []byte {
	dst = append(dst, d.held.tokens...)
	d.held.tokens = d.held.tokens[:0]
	return dst
}

// appendHeld appends the text that was held back, with the query if the policy covers it.
func (d *dash) appendHeld(dst []byte) ([]byte, error) {
	kind := d.held.kind
	d.held.kind = noText
	known, writable := d.held.decode(&d.value)
	if hasIDMarker(d.value.text) {
		known = false
	}
	signed, err := d.signsText(kind, d.value.text, known)
	if err != nil {
		return dst, err
	}
	if !signed || !writable {
		return d.release(dst), nil
	}
	d.reference = append(d.reference[:0], d.value.text...)
	if kind == baseURLText {
		d.rememberBase()
	} else {
		d.remember(false)
	}
	dst = append(dst, d.held.tokens[:d.value.insertAt]...)
	dst = d.appendQuery(dst)
	dst = append(dst, d.held.tokens[d.value.insertAt:]...)
	d.held.tokens = d.held.tokens[:0]
	return dst, nil
}

// signsText reports whether the URL of an element gets the query. Some clients resolve a
// Location at the URL of the manifest, others at its BaseURLs.
func (d *dash) signsText(kind textKind, url []byte, known bool) (bool, error) {
	if kind == baseURLText {
		return d.addBases(url, known)
	}
	return known && d.covers(d.bases.document(), url) && d.coversAt(d.bases.top(), url), nil
}
