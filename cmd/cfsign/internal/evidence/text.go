// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

const (
	maxText = 1 << 20
	maxHAR  = 64 << 20
)

// decode returns text without the mark of its encoding, and in UTF-8 where it has
// the mark of UTF-16, in which PowerShell writes files.
func decode(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte{0xEF, 0xBB, 0xBF}):
		return string(text[3:])
	case bytes.HasPrefix(text, []byte{0xFF, 0xFE}):
		return fromUTF16(text[2:], binary.LittleEndian)
	case bytes.HasPrefix(text, []byte{0xFE, 0xFF}):
		return fromUTF16(text[2:], binary.BigEndian)
	}
	return string(text)
}

func fromUTF16(text []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = order.Uint16(text[2*i:])
	}
	return string(utf16.Decode(units))
}

// unwrap returns text without what people put around it. What is within is left as
// it is.
func unwrap(text string) string {
	if len(text) < 2 {
		return text
	}
	inner, first, last := text[1:len(text)-1], text[0], text[len(text)-1]
	quoted := first == last && strings.IndexByte("\"'`", first) >= 0 && strings.IndexByte(inner, first) < 0
	angled := first == '<' && last == '>' && hasScheme(inner)
	if quoted || angled {
		return inner
	}
	return text
}
