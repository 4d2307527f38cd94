// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/base64"
	"errors"
	"strings"
)

// encoding is standard base64 with padding, with CloudFront's substitutes for the three
// characters that have a meaning in a query: + = / become - _ ~. It is not the base64url of
// RFC 4648.
//
// Source: "Code examples for creating a signature for a signed URL",
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PrivateCFSignatureCodeAndExamples.html
var encoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~").
	WithPadding('_').Strict()

var errEncoding = errors.New("not CloudFront's base64 (standard base64 with padding, where + = / became - _ ~)")

// AppendEncode appends the encoding of src to dst.
func AppendEncode(dst, src []byte) []byte { return encoding.AppendEncode(dst, src) }

// Decode returns the bytes that s encodes. Decode accepts exactly one encoding of every byte
// string.
func Decode(s string) ([]byte, error) {
	// The standard library's decoder skips line breaks, so one value would have many
	// spellings.
	if strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, '\n') >= 0 {
		return nil, errEncoding
	}
	b, err := encoding.DecodeString(s)
	if err != nil {
		return nil, errEncoding
	}
	return b, nil
}
