// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/cfsign/cfsign/internal/wire"
)

// The characters that browsers and almost all clients send as they are (RFC 3986). The query
// lacks the apostrophe, because browsers write it as %27 there. The page docs/clients.md lists
// the programs that change more.
const delimiters = "!$&()*+,;=:@/"

var (
	unreservedBytes = newByteSet(wire.Unreserved)
	pathBytes       = newByteSet(wire.Unreserved + delimiters + "'")
	queryBytes      = newByteSet(wire.Unreserved + delimiters + "?")
	// What some clients send as it is, and others rewrite. In a query, even a percent sign
	// that encodes nothing.
	receivedPathBytes  = newByteSet(wire.Unreserved + delimiters + `'"[]{}|^<>` + "`")
	receivedQueryBytes = newByteSet(wire.Unreserved + delimiters + `'"[]{}|^<>?%\` + "`")
	hostBytes          = newByteSet("abcdefghijklmnopqrstuvwxyz0123456789-._*")
)

// A byteSet is a set of ASCII bytes.
type byteSet [256]bool

func newByteSet(members string) byteSet {
	var set byteSet
	for _, b := range []byte(members) {
		set[b] = true
	}
	return set
}

// span returns how many bytes at the start of s are in the set.
func (set *byteSet) span(s string) int {
	n := 0
	for n < len(s) && set[s[n]] {
		n++
	}
	return n
}

// checkBytes refuses bytes that are neither allowed nor percent-encoded. section is the
// text of a path or query, and name what the error calls it.
func checkBytes(section string, allowed *byteSet, name string) error {
	at := allowed.invalid(section)
	if at == len(section) {
		return nil
	}
	switch rest := section[at:]; rest[0] {
	case '#':
		return refuseFragment()
	case '%':
		return refuse("character", fmt.Sprintf("a %% without two hexadecimal digits in the %s (byte %d of it)", name, at+1), "write %25")
	default:
		return refuse("character", fmt.Sprintf("%s in the %s (byte %d of it)", describeByte(rest[0]), name, at+1), encodingOf(rest))
	}
}

// invalid returns the index of the first byte of section that is neither in the set nor
// percent-encoded, or the length of section.
func (set *byteSet) invalid(section string) int {
	at := set.span(section)
	for at < len(section) && wire.IsPercentEncoded(section[at:]) {
		at += len("%XX")
		at += set.span(section[at:])
	}
	return at
}

func refuseFragment() error {
	return refuse("fragment", "a fragment, which clients do not send to the server", "leave out the # and what follows, or write %23 if it is part of a name")
}

// encodingOf says what to write for the character at the start of s.
func encodingOf(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	encoded := escape(s[:size])
	if isControl(s[0]) {
		return "remove it, or write " + encoded
	}
	return "write " + encoded
}

func isControl(b byte) bool { return b < 0x20 || b == 0x7f }

// describeByte names b in words.
func describeByte(b byte) string {
	switch {
	case b == ' ':
		return "a space"
	case b == '\\':
		return "a backslash"
	case isControl(b):
		return fmt.Sprintf("the control character 0x%02X", b)
	case b >= utf8.RuneSelf:
		return "a character outside ASCII"
	}
	return "the character " + string(rune(b))
}

// escape percent-encodes every byte of s that can have a meaning in a URL.
func escape(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if unreservedBytes[s[i]] {
			b.WriteByte(s[i])
		} else {
			b.Write([]byte{'%', digits[s[i]>>4], digits[s[i]&15]})
		}
	}
	return b.String()
}
