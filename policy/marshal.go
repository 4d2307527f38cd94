// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strconv"

	"github.com/cfsign/cfsign/internal/wire"
)

// maxDocument is the longest policy document, in bytes, that a URL can carry:
// base64 makes four of three.
const maxDocument = wire.MaxURL / 4 * 3

func checkDocumentLength(n int) error {
	if n > maxDocument {
		return inField("Policy", refuse(ErrTooLong, "%d bytes, and the longest URL that CloudFront accepts can carry %d: shorten the resource", n, maxDocument))
	}
	return nil
}

// marshal returns the policy document. The order is that of AWS's command line
// and botocore, byte for byte; canned policies have no other, since CloudFront
// rebuilds them.
//
// A resource needs no JSON escaping: the bytes that would are refused by its
// constructors, and escaping "&" or "/", as encoders for web pages do, would
// break canned policies.
func (p Policy) marshal() string {
	var buffer [512]byte
	b := append(buffer[:0], `{"Statement":[{"Resource":"`...)
	b = append(b, p.resource.pattern...)
	b = append(b, `","Condition":{"DateLessThan":`...)
	b = appendEpoch(b, p.expires)
	if p.sourceIP.IsValid() {
		b = append(b, `,"IpAddress":{"AWS:SourceIp":"`...)
		b = p.sourceIP.AppendTo(b)
		b = append(b, `"}`...)
	}
	if p.notBefore != 0 {
		b = append(b, `,"DateGreaterThan":`...)
		b = appendEpoch(b, p.notBefore)
	}
	b = append(b, `}}]}`...)
	return string(b)
}

func appendEpoch(b []byte, seconds int64) []byte {
	b = append(b, `{"AWS:EpochTime":`...)
	b = strconv.AppendInt(b, seconds, 10)
	return append(b, '}')
}
