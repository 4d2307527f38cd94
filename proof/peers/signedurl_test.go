// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

// A signedURL is a URL in the parts that signers write in different orders.
type signedURL struct {
	Base       string
	Parameters map[string]string
}

// A signer writes its parameters at the end, so that whatever stands before the first
// is the URL, without the character between them.
var ownParameters = regexp.MustCompile(`[?&](?:(?:Policy|Expires|Signature|Key-Pair-Id|Hash-Algorithm)=[^&]*&?)+$`)

// split takes a signed URL apart.
func split(rawURL string) (signedURL, error) {
	at := ownParameters.FindStringIndex(rawURL)
	if at == nil {
		return signedURL{}, fmt.Errorf("%s is not signed", rawURL)
	}
	u := signedURL{Base: rawURL[:at[0]], Parameters: map[string]string{}}
	for parameter := range strings.SplitSeq(rawURL[at[0]+1:], "&") {
		name, value, _ := strings.Cut(parameter, "=")
		if _, ok := u.Parameters[name]; ok {
			return signedURL{}, fmt.Errorf("%s has %s twice", rawURL, name)
		}
		u.Parameters[name] = value
	}
	return u, nil
}

// alphabet is CloudFront's substitution in base64, written down once more, because
// the library's own would prove nothing.
var (
	alphabet   = strings.NewReplacer("+", "-", "=", "_", "/", "~")
	noAlphabet = strings.NewReplacer("-", "+", "_", "=", "~", "/", "%7E", "/")
)

func encode(data []byte) string { return alphabet.Replace(base64.StdEncoding.EncodeToString(data)) }

func decode(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(noAlphabet.Replace(text))
}
