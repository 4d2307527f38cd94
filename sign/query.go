// SPDX-License-Identifier: Apache-2.0

package sign

import (
	"crypto"
	"fmt"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
	"github.com/cfsign/cfsign/policy"
)

// bufferSize, in bytes, is enough for most signed URLs.
const bufferSize = 768

// appendQuery appends the parameters of a signed URL in the order of AWS's own
// tools.
func appendQuery(b []byte, p *policy.Policy, keyPairID string, hash crypto.Hash, signature []byte) []byte {
	if p.IsCanned() {
		b = append(b, wire.ParamExpires+"="...)
		b = strconv.AppendInt(b, p.Expires().Unix(), 10)
	} else {
		b = append(b, wire.ParamPolicy+"="...)
		var document [bufferSize]byte
		b = wire.AppendEncode(b, p.AppendJSON(document[:0]))
	}
	b = append(b, "&"+wire.ParamSignature+"="...)
	b = wire.AppendEncode(b, signature)
	b = append(b, "&"+wire.ParamKeyPairID+"="...)
	b = append(b, keyPairID...)
	if hash == crypto.SHA256 {
		b = append(b, "&"+wire.ParamHashAlgorithm+"="+wire.HashSHA256...)
	}
	return b
}

// separator returns what stands between rawURL and the parameters.
func separator(rawURL string) byte {
	if strings.Contains(rawURL, "?") {
		return '&'
	}
	return '?'
}

func checkURLLength(n int) error {
	if n > wire.MaxURL {
		return fmt.Errorf("sign: URL: %w: %d bytes when signed, and CloudFront accepts %d: shorten the path, or use signed cookies", policy.ErrTooLong, n, wire.MaxURL)
	}
	return nil
}
