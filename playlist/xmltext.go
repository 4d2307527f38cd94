// SPDX-License-Identifier: Apache-2.0

package playlist

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// A decoded is the value of an attribute or a text, without the blanks around it.
type decoded struct {
	value []byte
	// insert is where in what was decoded a query goes: after the value, or
	// before its fragment.
	insert int
}

// decode reads raw, with the references of XML in it. It is false if there is one
// that only the document type explains.
func (d *decoded) decode(raw []byte) bool {
	if bytes.IndexByte(raw, '&') < 0 {
		d.set(raw)
		return true
	}
	d.value, d.insert = d.value[:0], 0
	fragment := false
	for i := 0; i < len(raw); {
		r, n := rune(raw[i]), 1
		if raw[i] == '&' {
			if r, n = reference(raw[i:]); n == 0 {
				return false
			}
			d.value = utf8.AppendRune(d.value, r)
		} else {
			d.value = append(d.value, raw[i])
		}
		fragment = fragment || r == '#'
		blank := r < utf8.RuneSelf && isBlank(byte(r))
		i += n
		if !fragment && !blank {
			d.insert = i
		}
	}
	d.value = trimRight(append(d.value[:0], trimLeft(d.value)...))
	return true
}

// set is decode for a text without references.
func (d *decoded) set(raw []byte) {
	end := len(raw)
	if i := bytes.IndexByte(raw, '#'); i >= 0 {
		end = i
	}
	d.insert = len(trimRight(raw[:end]))
	d.value = append(d.value[:0], trimLeft(trimRight(raw))...)
}

func trimLeft(text []byte) []byte {
	for len(text) > 0 && isBlank(text[0]) {
		text = text[1:]
	}
	return text
}

func trimRight(text []byte) []byte {
	for len(text) > 0 && isBlank(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	return text
}

// reference returns the character for which the reference at the start of text
// stands, and the length of the reference, or 0.
func reference(text []byte) (rune, int) {
	const longest = len("&#x10FFFF;")
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := string(text[1:end]); {
	case name == "amp":
		return '&', end + 1
	case name == "lt":
		return '<', end + 1
	case name == "gt":
		return '>', end + 1
	case name == "quot":
		return '"', end + 1
	case name == "apos":
		return '\'', end + 1
	case len(name) > 2 && name[:2] == "#x":
		return character(name[2:], 16, end+1)
	case len(name) > 1 && name[0] == '#':
		return character(name[1:], 10, end+1)
	}
	return 0, 0
}

func character(digits string, base, length int) (rune, int) {
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return 0, 0
	}
	return rune(n), length
}
