// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// Limits in bytes.
const (
	// MaxText is the limit of all texts that are not JSON.
	MaxText = 1 << 20
	// MaxHAR is the limit of JSON, such as a HAR file.
	MaxHAR = 64 << 20
)

// white is the white space of header fields.
const white = " \t\r\n"

// decode returns text without a byte order mark. If the mark shows UTF-16, as
// PowerShell writes it, decode converts the text to UTF-8.
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

// unwrap removes quotation marks or angle brackets around text. It keeps everything
// within.
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

// keyMarks occur in keys and never in requests.
// The third is base64 of the first.
var keyMarks = []string{"-----BEGIN ", "-----BEGIN%20", "LS0tLS1CRUdJTi", "<RSAKeyValue", "PuTTY-User-Key-File", "---- BEGIN SSH2 ", "ssh-rsa AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA"}

// derPattern matches a base64 key without its PEM lines: the first bytes are an ASN.1
// sequence.
var derPattern = regexp.MustCompile(`^(?:M[A-I][A-Za-z0-9+/]{2})[A-Za-z0-9+/=\s]{60,}$`)

// isKey reports whether text is or has a key, and so is not a request.
func isKey(text string) bool {
	return derPattern.MatchString(text) || slices.ContainsFunc(keyMarks, func(mark string) bool { return strings.Contains(text, mark) }) || HasPrivateKey([]byte(text))
}

// secretJSON matches the names of members with private keys and passwords.
var secretJSON = regexp.MustCompile(`(?i)"(?:private[_-]?key|secret[_-]?access[_-]?key|secret[_-]?string|secret[_-]?key|client[_-]?secret|password|kty)"\s*:`)

// isKeyJSON is isKey for JSON that is not a HAR file.
func isKeyJSON(text string) bool { return isKey(text) || secretJSON.MatchString(text) }
