// SPDX-License-Identifier: Apache-2.0

package readers

import "github.com/cfsign/cfsign/internal/wire"

// decodeOnce appends path to dst, with its percent-encodings decoded. It keeps invalid ones.
func decodeOnce(dst []byte, path string) []byte {
	for i := 0; i < len(path); i++ {
		b := path[i]
		if wire.IsPercentEncoded(path[i:]) {
			b = unhex(path[i+1])<<4 | unhex(path[i+2])
			i += 2
		}
		dst = append(dst, b)
	}
	return dst
}

// decodeAll appends path to dst, decoded until nothing is left to decode, with slashes for
// backslashes. The characters that make some reader cut or split earlier are still there then,
// because decoding adds such characters to a segment but takes none away.
func decodeAll(dst []byte, path string) []byte {
	start := len(dst)
	for i := range len(path) {
		dst = append(dst, path[i])
		for n := len(dst); n-start >= 3 && hasEscape(dst[n-3:]); n = len(dst) {
			dst = append(dst[:n-3], unhex(dst[n-2])<<4|unhex(dst[n-1]))
		}
	}
	for i, b := range dst[start:] {
		if b == '\\' {
			dst[start+i] = '/'
		}
	}
	return dst
}

// hasEscape reports whether a valid percent-encoding is in text.
func hasEscape(text []byte) bool {
	for i := range text {
		if wire.IsPercentEncoded(text[i:]) {
			return true
		}
	}
	return false
}

// unhex returns the value of a hexadecimal digit.
func unhex(b byte) byte {
	switch {
	case b <= '9':
		return b - '0'
	case b >= 'a':
		return b - 'a' + 10
	}
	return b - 'A' + 10
}
