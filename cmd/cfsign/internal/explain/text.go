// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/keys"
)

// OneLine returns the text of an error for output: in one line, without control characters and
// without credentials. Texts of errors about keys, which are those of package keys and aboutKey,
// can explain what PEM looks like. Of all others, OneLine removes what looks like a key.
func OneLine(err error, aboutKey ...error) string {
	text := err.Error()
	if !slices.ContainsFunc(append(aboutKey, keyErrors...), func(reason error) bool { return errors.Is(err, reason) }) {
		text = keyText.ReplaceAllString(text, "[key]")
	}
	text = wire.Redact(text)
	for _, prefix := range []string{"policy: ", "sign: ", "keys: ", "encrypted: ", "keygroup: ", "awssecrets: ", "awskms: "} {
		text = strings.ReplaceAll(text, ": "+prefix, ": ")
		text = strings.TrimPrefix(text, prefix)
	}
	return Printable(text)
}

// keyErrors are from the library's reading of a key. They never contain a part of the key.
var keyErrors = []error{keys.ErrNoKey, keys.ErrMalformedKey, keys.ErrUnsupportedKey, keys.ErrKeyPairID, keys.ErrEncrypted}

// keyText matches a key in an unexpected place, and the rest of the text: PEM, and base64 of
// it.
var keyText = regexp.MustCompile(`(?s)(?:-----BEGIN|LS0tLS1CRUdJTi).*`)

// Shown makes a text from outside printable, and removes signatures and policies.
func Shown(text string) string { return Printable(wire.Redact(text)) }

// Printable escapes characters that are not printable.
func Printable(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
