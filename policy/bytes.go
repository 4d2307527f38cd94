// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bytes of RFC 3986, which every client sends as they are. The query goes
// without the apostrophe, which browsers write as %27 there.
const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	delimiters = "!$&()*+,;=:@/"
)

var (
	unreservedBytes = newByteSet(unreserved)
	pathBytes       = newByteSet(unreserved + delimiters + "'")
	queryBytes      = newByteSet(unreserved + delimiters + "?")
	hostBytes       = newByteSet("abcdefghijklmnopqrstuvwxyz0123456789-._*")
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

// checkBytes refuses bytes that are neither allowed nor percent-encoded. where
// names the section for the error.
func checkBytes(section string, allowed *byteSet, where string) error {
	for at := allowed.span(section); at < len(section); {
		rest := section[at:]
		if rest[0] == '#' {
			return refuseFragment()
		}
		if rest[0] != '%' {
			return refuse(ErrCharacter, "%s in the %s (byte %d of it): %s", describeByte(rest[0]), where, at+1, encodingOf(rest))
		}
		if !isPercentEncoded(rest) {
			return refuse(ErrCharacter, "%% without two hexadecimal digits in the %s (byte %d of it): write %%25", where, at+1)
		}
		at += len("%XX")
		at += allowed.span(section[at:])
	}
	return nil
}

func refuseFragment() error {
	return refuse(ErrFragment, "clients do not send it to the server: leave out the # and what follows, or write %%23 if it is part of a name")
}

func isPercentEncoded(s string) bool {
	return len(s) >= 3 && isHex(s[1]) && isHex(s[2])
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
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

// describeByte names b for people.
func describeByte(b byte) string {
	switch {
	case b == ' ':
		return "a space"
	case b == '\\':
		return "a backslash"
	case isControl(b):
		return fmt.Sprintf("the control character 0x%02X", b)
	case b >= 0x80:
		return "a character outside ASCII"
	}
	return "the character " + string(rune(b))
}

// escape percent-encodes every byte of s that has, or could be given, a
// meaning in a URL.
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
