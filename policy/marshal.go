// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"strconv"

	"github.com/cfsign/cfsign/internal/wire"
)

const (
	// maxDocument is the longest policy document, in bytes, that a URL can
	// carry: base64 makes four of three.
	maxDocument = wire.MaxURL / 4 * 3

	// typicalDocument is the length, in bytes, that few documents exceed.
	typicalDocument = 512
)

func checkDocumentLength(n int) error {
	if n > maxDocument {
		return inField("Policy", refuse(ErrTooLong, "%d bytes, and the longest URL that CloudFront accepts can carry %d: shorten the resource", n, maxDocument))
	}
	return nil
}

// AppendJSON appends to b the bytes that [Policy.JSON] returns, and returns the
// extended buffer.
//
// The order is that of AWS's command line and botocore, byte for byte; canned
// policies have no other, since CloudFront rebuilds them. A resource needs no
// JSON escaping: the bytes that would are refused by its constructors, and
// escaping "&" or "/", as encoders for web pages do, would break canned
// policies.
func (p Policy) AppendJSON(b []byte) []byte {
	if p.received != "" || p.expires == 0 {
		return append(b, p.received...)
	}
	b = append(b, `{"Statement":[{"Resource":"`...)
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
	return append(b, `}}]}`...)
}

func appendEpoch(b []byte, seconds int64) []byte {
	b = append(b, `{"AWS:EpochTime":`...)
	b = strconv.AppendInt(b, seconds, 10)
	return append(b, '}')
}

// JSON returns the bytes that are signed: for a policy made by [Parse] those
// that were received, else the document without white space. It is nil for the
// zero Policy. The caller may change it.
func (p Policy) JSON() []byte { return p.AppendJSON(nil) }
