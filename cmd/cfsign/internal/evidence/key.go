// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"regexp"
	"strings"
)

// keyMarks are what texts of keys have in them, and requests have not.
var keyMarks = []string{"-----BEGIN ", "<RSAKeyValue", "PuTTY-User-Key-File", "---- BEGIN SSH2 "}

// derPattern matches a key in base64 whose armour is gone: the first bytes are those
// of an ASN.1 sequence.
var derPattern = regexp.MustCompile(`^(?:M[A-I][A-Za-z0-9+/]{2})[A-Za-z0-9+/=\s]{60,}$`)

// isKey reports whether text is a key rather than a request.
func isKey(text string) bool {
	for _, mark := range keyMarks {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return derPattern.MatchString(text)
}

// secretJSON matches the names under which JSON has private keys and passwords.
var secretJSON = regexp.MustCompile(`(?i)"(?:private[_-]?key|secret[_-]?access[_-]?key|secret[_-]?string|secret[_-]?key|client[_-]?secret|password|kty)"\s*:`)

// isKeyJSON is isKey for JSON that is not of a HAR file.
func isKeyJSON(text string) bool { return isKey(text) || secretJSON.MatchString(text) }
