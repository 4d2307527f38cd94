// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// HasPrivateKey reports whether a private key, or a part of one, is anywhere in a text or in the
// content of a file: as PEM, DER, base64 or hexadecimal of them, a JSON Web Key, XML of .NET, or
// a file of OpenSSH, PuTTY, PKCS#12 or Java. The text can be UTF-16, and it can be escaped as in
// JSON, HTML, URLs and mails.
//
// It is made for programs that must forget private keys, so it also reports some texts without
// one, such as "my PRIVATE KEY". It never reports a key that shows no more than its public part.
// It needs time in proportion to the text. In texts with more than 1 MiB, such as HAR files, it
// does not undo escapes.
func HasPrivateKey(text []byte) bool {
	const encodings = 2 // base64 of base64
	return hasPrivateKey(text, encodings)
}

func hasPrivateKey(text []byte, encodings int) bool {
	if isPrivateDER(text) {
		return true
	}
	ascii := string(bytes.ReplaceAll(text, []byte{0}, nil)) // of UTF-16, too
	for _, plain := range unescaped(ascii) {
		if hasPrivateLabel(plain) || hasPrivateJWK(plain) || hasPrivateXML(plain) || slices.ContainsFunc(privateMarks, func(mark string) bool { return strings.Contains(plain, mark) }) {
			return true
		}
		if encodings == 0 {
			continue
		}
		for content := range decodings(plain) {
			if hasPrivateKey(content, encodings-1) {
				return true
			}
		}
	}
	return false
}

// privateMarks occur in private keys only: in files of PuTTY and in what openssl prints.
var privateMarks = []string{"PuTTY-User-Key-File", "Private-Lines:", "Private-Key: (", "privateExponent:", "\npriv:\n"}

// labelEnd matches what follows the word "private" in the label of a key, however it is escaped. A
// slash is a part of a path, such as /private/keynote.mp4.
var labelEnd = regexp.MustCompile(`^(?:[^\pL\pN/]|%20|u0020){0,8}(?:(KEY)|(?i:key))(?:[^A-Za-z0-9]|$)`)

// hasPrivateLabel reports whether the label of a private key is in a text. In lower case, it must
// follow the word "begin".
func hasPrivateLabel(text string) bool {
	const word = "private"
	const longest = 40 // bytes, of the rest of a label
	for at := 0; ; at++ {
		next := strings.IndexAny(text[at:], "Pp")
		if next < 0 || len(text)-at-next < len(word) {
			return false
		}
		at += next
		if !strings.EqualFold(text[at:at+len(word)], word) {
			continue
		}
		after := text[at+len(word):]
		m := labelEnd.FindStringSubmatch(after[:min(len(after), longest)])
		if m == nil {
			continue
		}
		isUpper := text[at:at+len(word)] == "PRIVATE" && m[1] != ""
		if isUpper || strings.Contains(strings.ToUpper(text[max(0, at-longest):at]), "BEGIN") {
			return true
		}
	}
}

// largestKey is more bytes than a key has in JSON or XML.
const largestKey = 8 << 10

// privateMember matches a private member of a JSON Web Key, also in a text within JSON.
var privateMember = regexp.MustCompile(`(?:^|[{,\s])\\*["']?(?:d|k|p|q)\\*["']?\s*:\s*\\*["'][A-Za-z0-9_+/-]{4,}`)

// hasPrivateJWK reports whether a JSON Web Key with a private member is in a text.
func hasPrivateJWK(text string) bool {
	for before, after := range around(text, "kty") {
		before = before[strings.LastIndexByte(before, '{')+1:]
		after, _, _ = strings.Cut(after, "}")
		if privateMember.MatchString(before) || privateMember.MatchString(after) {
			return true
		}
	}
	return false
}

// hasPrivateXML reports whether an RSA key in the XML of .NET, with a private element, is in a text.
func hasPrivateXML(text string) bool {
	for _, name := range []string{"RSAKeyValue", "RSAParameters"} {
		for _, after := range around(text, name) {
			if strings.Contains(after, "<D>") || strings.Contains(after, "<P>") || strings.Contains(after, "<InverseQ>") {
				return true
			}
		}
	}
	return false
}

// around returns what is before and after each place of a name in a text, up to the size of a key or
// the next place.
func around(text, name string) iter.Seq2[string, string] {
	return func(yield func(before, after string) bool) {
		before, rest, found := strings.Cut(text, name)
		for found {
			var after string
			after, rest, found = strings.Cut(rest, name)
			if !yield(before[max(0, len(before)-largestKey):], after[:min(len(after), largestKey)]) {
				return
			}
			before = after
		}
	}
}

// Parts of private keys in DER that are in no other DER.
var privateDER = [][]byte{
	[]byte("\x02\x03\x01\x00\x01\x02\x82"),         // RSA: the public exponent before another number
	[]byte("\x02\x03\x01\x00\x01\x02\x81"),         // the same, for a short key
	[]byte("\x2a\x86\x48\x86\xf7\x0d\x01\x05"),     // PKCS#5: encrypted with a passphrase
	[]byte("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01"), // PKCS#12: the same
	[]byte("openssh-key-v1\x00"),
}

// isPrivateDER reports whether a private key in binary form is in data. Bytes that are not ASCII
// can be lost, as in a file that was read as text.
func isPrivateDER(data []byte) bool {
	if bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")) || bytes.HasPrefix(data, []byte("\xce\xce\xce\xce")) { // of Java
		return true
	}
	if slices.ContainsFunc(privateDER, func(part []byte) bool { return bytes.Contains(data, part) }) {
		return true
	}
	const longest = 24 // bytes that are compared
	for version := []byte("\x02\x01"); ; {
		_, after, found := bytes.Cut(data, version)
		if !found {
			return false
		}
		if isPrivateVersion(after[:min(len(after), longest)]) {
			return true
		}
		data = after
	}
}

// isPrivateVersion reports whether what follows the tag and the length of a version in DER is a
// private key's.
func isPrivateVersion(after []byte) bool {
	if len(after) < 5 {
		return false
	}
	switch after[0] {
	case 0: // PKCS#8: an algorithm; PKCS#1: a long number
		return after[1] == 0x30 && after[3] == 0x06 || after[1] == 0x02 && (after[2] == 0x81 || after[2] == 0x82 || after[2] == 0xef)
	case 1: // SEC1: the key, of P-256, P-384 or P-521
		return after[1] == 0x04 && (after[2] == 0x20 || after[2] == 0x30 || after[2] == 0x42)
	case 3: // PKCS#12: a content
		return after[1] == 0x30 && bytes.Contains(after, []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"))
	}
	return false
}
