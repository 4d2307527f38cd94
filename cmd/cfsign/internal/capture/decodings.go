// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"iter"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decodings returns what can be base64 or hexadecimal in a text, decoded. Words before it can be
// characters of base64, so each run is decoded from each of its first four characters.
func decodings(text string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for run := range runs(text, base64Digit) {
			for start := range 4 {
				decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)-start))
				n, _ := base64.RawStdEncoding.Decode(decoded, run[start:])
				if !yield(decoded[:n]) {
					return
				}
			}
		}
		for run := range runs(text, hexDigit) {
			for start := range 2 {
				decoded := make([]byte, hex.DecodedLen(len(run)-start))
				n, _ := hex.Decode(decoded, run[start:])
				if !yield(decoded[:n]) {
					return
				}
			}
		}
	}
}

// Digits of encodings. Zero ends a run, and space is skipped.
var base64Digit, hexDigit = func() (standard, hexadecimal [256]byte) {
	for _, digit := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		standard[digit] = digit
	}
	standard['-'], standard['_'] = '+', '/'
	for _, digit := range []byte("0123456789ABCDEFabcdef") {
		hexadecimal[digit] = digit
	}
	hexadecimal[':'] = ' '
	for _, space := range []byte(" \t\r\n") {
		standard[space], hexadecimal[space] = ' ', ' '
	}
	return standard, hexadecimal
}()

// runs returns the runs of digits in a text, without white space, if they can have a key.
func runs(text string, digits [256]byte) iter.Seq[[]byte] {
	const shortest, longest = 40, 64 << 10 // far more than a key has
	return func(yield func([]byte) bool) {
		var run []byte
		for i := range len(text) {
			switch digit := digits[text[i]]; {
			case digit == ' ':
			case digit != 0 && len(run) < longest:
				run = append(run, digit)
			case digit == 0:
				if len(run) >= shortest && !yield(run) {
					return
				}
				run = run[:0]
			}
		}
		if len(run) >= shortest {
			yield(run)
		}
	}
}

// quotedPrintable matches the escapes of mails that are in keys: a line that goes on, and
// characters around labels.
var quotedPrintable = regexp.MustCompile(`=(?:\r?\n|0A|0D|20|22|2D|3A|3C|3D|3E|A0|C2)`)

// unescaped returns a text, and what it is without escapes if it has some.
func unescaped(text string) []string {
	if len(text) > MaxText {
		return []string{text}
	}
	all := []string{text}
	if strings.ContainsAny(text, `\%&`) {
		all = append(all, unescapeText(text))
	}
	if quotedPrintable.MatchString(text) {
		all = append(all, quotedPrintable.ReplaceAllStringFunc(text, func(escape string) string { return character(escape[1:]) }))
	}
	return all
}

var textEscape = regexp.MustCompile(`\\+(?:[nrt"'/]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|\r?\n[ \t]*)|%[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{2,8};`)

// unescapeText undoes the escapes of JSON, shells, URLs and HTML. Texts are often escaped twice.
func unescapeText(text string) string {
	for range 2 {
		text = textEscape.ReplaceAllStringFunc(text, func(escape string) string {
			switch rest := strings.TrimLeft(escape, `\`); rest[0] {
			case '%':
				return character(rest[1:])
			case '&':
				return html.UnescapeString(rest)
			case 'u', 'x':
				return character(rest[1:])
			case 'n', 'r':
				return "\n"
			case 't':
				return "\t"
			case '\r', '\n':
				return ""
			default:
				return rest
			}
		})
	}
	return text
}

// character returns the character with a hexadecimal number, or nothing.
func character(number string) string {
	n, err := strconv.ParseUint(number, 16, 16)
	switch {
	case err != nil:
		return ""
	case n < utf8.RuneSelf:
		return string(rune(n))
	default:
		return " " // a space that does not break, or no part of a key
	}
}
