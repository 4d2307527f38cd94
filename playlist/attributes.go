// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

// An attribute is one of an attribute list (RFC 8216, section 4.2).
type attribute struct {
	name       []byte
	start, end int // of the value in the list, without its quotes
	quoted     bool
}

// nextAttribute returns the first attribute of list and the rest after its comma.
// It takes blanks around attributes, as clients do. It is false for what clients
// read in different ways: quotes in the middle of a value, or none at its end.
func nextAttribute(list []byte) (a attribute, rest []byte, ok bool) {
	equals := bytes.IndexByte(list, '=')
	if equals < 0 {
		return attribute{}, nil, len(bytes.Trim(list, " \t")) == 0
	}
	a.name = bytes.Trim(list[:equals], " \t")
	a.start = equals + 1
	if len(a.name) == 0 || bytes.ContainsAny(a.name, "\",\r") {
		return attribute{}, nil, false
	}
	if a.start < len(list) && list[a.start] == '"' {
		return quotedAttribute(a, list)
	}
	value, rest, _ := bytes.Cut(list[a.start:], []byte(","))
	a.end = a.start + len(value)
	return a, rest, bytes.IndexByte(value, '"') < 0
}

func quotedAttribute(a attribute, list []byte) (attribute, []byte, bool) {
	a.start++
	quote := bytes.IndexByte(list[a.start:], '"')
	if quote < 0 {
		return attribute{}, nil, false
	}
	a.end, a.quoted = a.start+quote, true
	after, rest, _ := bytes.Cut(list[a.end+1:], []byte(","))
	return a, rest, len(bytes.Trim(after, " \t")) == 0
}

// wellFormed reports whether all of list are attributes.
func wellFormed(list []byte) bool {
	for len(list) > 0 {
		var ok bool
		if _, list, ok = nextAttribute(list); !ok {
			return false
		}
	}
	return true
}
