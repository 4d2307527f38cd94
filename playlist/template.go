// SPDX-License-Identifier: Apache-2.0

package playlist

import "bytes"

const (
	// placeholder stands for the values of variables, which the scanner does not
	// know. No policy names it, so it is covered only where a wildcard covers
	// other values too.
	placeholder = "918273645564738291"
	// idMarker stands for $RepresentationID$, which can have slashes.
	idMarker = '\x00'
)

var anyID = []byte(placeholder)

// appendTemplate appends template with the placeholder and the marker for its
// variables. It is false for what clients do not replace, or not in the same way.
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

// isWidth reports whether format, after its %, is that of a number with leading
// zeros: 0[width]d.
func isWidth(format []byte) bool {
	digits, ok := bytes.CutSuffix(format, []byte("d"))
	return ok && len(digits) > 0 && digits[0] == '0' && len(bytes.Trim(digits, "0123456789")) == 0
}

// appendWithID appends reference with id for its markers.
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

// isPlainID reports whether the ID of a representation is, wherever it stands in a
// path, part of one segment, and no dot segment. All these are covered alike.
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
