// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/cfsign/cfsign/internal/wire"
)

// parsePlain reads a document that has a resource and an expiry alone, in the bytes that
// [Policy.AppendJSON] writes: most documents are such. It reports whether data is one. If not,
// the scanner of [Parse] decides, and says what is wrong.
func parsePlain(data []byte) (Policy, bool) {
	rest, hasStart := bytes.CutPrefix(data, []byte(documentStart))
	pattern, rest, hasExpiry := bytes.Cut(rest, []byte(documentExpiry))
	number, hasEnd := bytes.CutSuffix(rest, []byte(documentEnd))
	if !hasStart || !hasExpiry || !hasEnd || !isPlainNumber(number) || !isPlainPattern(string(pattern)) {
		return Policy{}, false
	}
	seconds, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || seconds > wire.MaxEpoch {
		return Policy{}, false
	}
	return Policy{resource: newResource(string(pattern)), expires: seconds}, true
}

// The parts of a document with a resource and an expiry alone.
const (
	documentStart  = `{"Statement":[{"Resource":"`
	documentExpiry = `","Condition":{"DateLessThan":{"AWS:EpochTime":`
	documentEnd    = `}}}]}`
)

// isPlainNumber reports whether a positive number is written as JSON demands it.
func isPlainNumber(number []byte) bool {
	return len(number) > 0 && number[0] != '0' && len(bytes.Trim(number, "0123456789")) == 0
}

// isPlainPattern reports whether pattern is a plain URL without a query, or such a URL that ends
// in a slash and an asterisk.
func isPlainPattern(pattern string) bool {
	base, isDirectory := strings.CutSuffix(pattern, "*")
	return isPlainURL(base) && !strings.Contains(base, "?") && (!isDirectory || strings.HasSuffix(base, "/"))
}
