// SPDX-License-Identifier: Apache-2.0

package token

import (
	"encoding/base64"
	"strings"

	"github.com/go-jose/go-jose/v4/json"
)

// maxToken is the longest token, in bytes. Cognito's with many groups and claims have a
// few thousand; proxies in front of an API pass 8 to 20 KiB of headers.
const maxToken = 16 << 10

// A header says how a token is signed. Its JSON is that of go-jose, which compares names
// with their case and refuses those that are there twice.
type header struct {
	Algorithm string          `json:"alg"`
	KeyID     string          `json:"kid"`
	Critical  json.RawMessage `json:"crit"`
}

// parseHeader checks all of a token that can be checked without a key. It is stricter
// than the parser that comes after it, which skips white space and takes JSON, too: of
// what is signed there should be one spelling.
func parseHeader(raw string) (header, error) {
	if raw == "" {
		return header{}, refuse(ErrMissing, "it is empty")
	}
	if len(raw) > maxToken {
		return header{}, refuse(ErrMalformed, "it has %d bytes, and %d are too many for a token of Cognito's", len(raw), maxToken+1)
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return header{}, refuse(ErrMalformed, "it is not three parts with dots between: send the access or the ID token, no other")
	}
	decoded, ok := decode(parts)
	if !ok {
		return header{}, refuse(ErrMalformed, "its parts are not base64url without padding")
	}
	var h header
	if err := json.Unmarshal(decoded[0], &h); err != nil || decoded[0][0] != '{' {
		return header{}, refuse(ErrMalformed, "its header is not a JSON object as signed tokens have it")
	}
	switch {
	case h.Algorithm != "RS256":
		return header{}, refuse(ErrAlgorithm, "Cognito signs with RS256")
	case h.KeyID == "":
		return header{}, refuse(ErrMalformed, "its header has no kid")
	case h.Critical != nil:
		return header{}, refuse(ErrMalformed, "its header has extensions, and Cognito has none")
	}
	return h, nil
}

// strict refuses the spare bits at the end that would allow several spellings.
var strict = base64.RawURLEncoding.Strict()

// decode decodes the parts of a token. Go's decoder skips line breaks, even strictly.
func decode(parts []string) (decoded [3][]byte, ok bool) {
	for i, part := range parts {
		data, err := strict.DecodeString(part)
		if err != nil || strings.ContainsAny(part, "\r\n") {
			return decoded, false
		}
		decoded[i] = data
	}
	return decoded, true
}
