// SPDX-License-Identifier: Apache-2.0

package wire

// Unreserved are the characters that a URL never needs to percent-encode (RFC 3986,
// section 2.3).
const Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// IsPercentEncoded reports whether s begins with a percent sign and two hexadecimal
// digits.
func IsPercentEncoded[text string | []byte](s text) bool {
	return len(s) >= len("%XX") && s[0] == '%' && isHex(s[1]) && isHex(s[2])
}

func isHex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}
